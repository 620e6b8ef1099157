import { spawnSync } from "node:child_process";
import { readFileSync } from "node:fs";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { afterAll, describe, expect, test } from "vitest";
import { parse } from "yaml";
import { missingLine, Reader, readSteps, type Step } from "./walkthrough.ts";

const page = join(fileURLToPath(new URL(".", import.meta.url)), "guide/sandbox.md");
const steps = readSteps(readFileSync(page, "utf8"));
const reader = new Reader(["nodemailer"]);
const hasDocker = spawnSync("docker", ["info"], { timeout: 20_000 }).status === 0;
const withoutDocker = hasDocker ? "" : " (left out: Docker does not answer on this machine)";

afterAll(() => {
  reader.run("npx hipaa-check sandbox down");
  reader[Symbol.dispose]();
});

function title(step: Step): string {
  if (step.kind === "file") return `write ${step.path}`;
  const line = step.commands.trim().split("\n")[0] ?? "";
  return step.needs === "Docker" ? `${line}${withoutDocker}` : line;
}

const minutes = 60_000;

describe("a reader follows the page about the sandbox, step by step", () => {
  const own = steps.filter((step) => step.kind === "file" || [undefined, "Docker"].includes(step.needs));

  for (const step of own) {
    const needsDocker = step.kind === "commands" && step.needs === "Docker";
    test.skipIf(needsDocker && !hasDocker)(title(step), { timeout: 5 * minutes }, () => {
      if (step.kind === "file") return reader.write(step.path, step.content);
      const { exitCode, output } = reader.run(step.commands);
      expect(exitCode, output).toBe(step.exitCode);
      expect(missingLine(output, step.shown), output).toBeUndefined();
    });
  }

  const workflow = (): string[] => {
    const { jobs } = parse(readFileSync(join(reader.path, ".github/workflows/mail.yml"), "utf8")) as {
      jobs: { mail: { steps: { run?: string }[] } };
    };
    return jobs.mail.steps.flatMap(({ run }) => (run === undefined ? [] : [run]));
  };

  test.skipIf(!hasDocker)(
    `the job of the page runs and passes${withoutDocker}`,
    { timeout: 10 * minutes },
    () => {
      const [install, ...commands] = workflow();
      expect(install).toBe("npm ci");
      expect(commands).toHaveLength(3);
      for (const command of commands) {
        const { exitCode, output } = reader.run(command);
        expect(exitCode, output).toBe(0);
      }
    },
  );
});

test("flags that the page names exist", () => {
  const text = readFileSync(page, "utf8");
  const commands = ["sandbox probe", "sandbox up", "sandbox inbox wait"];
  const { output } = reader.run(commands.map((command) => `npx hipaa-check ${command} --help`).join("\n"));
  const named = new Set(text.match(/(?<=[\s`(])--[a-z][a-z-]+/g));
  for (const foreign of ["--save-dev", "--test"]) named.delete(foreign);
  expect([...named].filter((flag) => !output.includes(flag) && flag !== "--json")).toEqual([]);
});
