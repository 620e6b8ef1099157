import { readFileSync } from "node:fs";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { afterAll, describe, expect, test } from "vitest";
import { missingLine, Reader, readSteps, type Step } from "./walkthrough.ts";

const folder = fileURLToPath(new URL("guide/", import.meta.url));

function title(step: Step): string {
  if (step.kind === "file") return `write ${step.path}`;
  return step.commands.trim().split("\n")[0] ?? "";
}

describe.each(["evidence", "load-testing"])("a reader follows the page about %s, step by step", (name) => {
  const steps = readSteps(readFileSync(join(folder, `${name}.md`), "utf8"));
  const reader = new Reader([]);
  afterAll(() => reader[Symbol.dispose]());

  const own = steps.filter((step) => step.kind === "file" || step.needs === undefined);
  test.each(own.map((step) => [title(step), step] as const))("%s", (_, step) => {
    if (step.kind === "file") return reader.write(step.path, step.content);
    const { exitCode, output } = reader.run(step.commands);
    expect(exitCode, output).toBe(step.exitCode);
    expect(missingLine(output, step.shown), output).toBeUndefined();
  });
});
