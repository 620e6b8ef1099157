import { readFileSync } from "node:fs";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { afterAll, describe, expect, test } from "vitest";
import { parse } from "yaml";
import { missingLine, Reader, readSteps, type Step } from "./walkthrough.ts";

const page = join(fileURLToPath(new URL(".", import.meta.url)), "guide/sandbox.md");
const steps = readSteps(readFileSync(page, "utf8"));
const reader = new Reader(["nodemailer"]);

afterAll(() => {
  reader.run("npx hipaa-check sandbox down");
  reader[Symbol.dispose]();
});

function title(step: Step): string {
  if (step.kind === "file") return `write ${step.path}`;
  return step.commands.trim().split("\n")[0] ?? "";
}

describe("a reader follows the page about the sandbox, step by step", () => {
  const own = steps.filter((step) => step.kind === "file" || step.needs === undefined);
  test.each(own.map((step) => [title(step), step] as const))("%s", (_, step) => {
    if (step.kind === "file") return reader.write(step.path, step.content);
    const { exitCode, output } = reader.run(step.commands);
    expect(exitCode, output).toBe(step.exitCode);
    expect(missingLine(output, step.shown), output).toBeUndefined();
  });

  test("the job of the page runs and passes", () => {
    const workflow = parse(readFileSync(join(reader.path, ".github/workflows/mail.yml"), "utf8")) as {
      jobs: { mail: { steps: { run?: string }[] } };
    };
    const commands = workflow.jobs.mail.steps.flatMap(({ run }) => (run === undefined ? [] : [run]));
    expect(commands[0]).toBe("npm ci");
    expect(commands.length).toBeGreaterThan(2);
    for (const command of commands.slice(1)) {
      const { exitCode, output } = reader.run(command);
      expect(exitCode, output).toBe(0);
    }
  });
});

test("flags that the page names exist", () => {
  const text = readFileSync(page, "utf8");
  const { output } = reader.run(
    "npx hipaa-check sandbox probe --help; npx hipaa-check sandbox up --help; npx hipaa-check sandbox inbox wait --help",
  );
  const named = new Set(text.match(/(?<=[\s`(])--[a-z][a-z-]+/g));
  for (const foreign of ["--save-dev", "--test"]) named.delete(foreign);
  expect([...named].filter((flag) => !output.includes(flag) && flag !== "--json")).toEqual([]);
});
