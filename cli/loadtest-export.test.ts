import { chmodSync, readdirSync, readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { expect, test } from "vitest";
import { type RunResult, runCommand, TemporaryFolder } from "./testing.ts";

const owned = { "hipaa-check.yaml": "owned: [postfix.mail.svc]\n" };

const smoke = [
  "loadtest",
  "export",
  "smoke",
  "--kubernetes",
  "--smtp",
  "smtps://postfix.mail.svc",
  "-o",
  "cluster",
];

function exporting(folder: TemporaryFolder, ...words: string[]): RunResult {
  return runCommand([...smoke, ...words], { folder: folder.path });
}

test("an exported load is files and what to do with them, and never replaces what is there", () => {
  using folder = new TemporaryFolder(owned);
  const first = exporting(folder);
  expect(first.exitCode, first.stderr).toBe(0);
  expect(first.stdout).toMatch(/^\d+ files in cluster\n\n4 pods share the load load-smoke;/);
  expect(first.stdout).toContain("docker build -t hipaa-check-k6:");
  expect(readdirSync(join(folder.path, "cluster")).sort()).toEqual([
    "README.md",
    "collect.sh",
    "image",
    "script.yaml",
    "sink.yaml",
    "test-run.yaml",
  ]);
  const run = join(folder.path, "cluster", "test-run.yaml");
  writeFileSync(run, "mine\n");
  const second = exporting(folder);
  expect(second).toMatchObject({ exitCode: 2, stdout: "" });
  expect(second.stderr).toMatch(/^hipaa-check: cluster\/\S+ exists and is left as it is\./);
  expect(readFileSync(run, "utf8")).toBe("mine\n");
  expect(exporting(folder, "--force").exitCode).toBe(0);
  expect(readFileSync(run, "utf8")).toContain("kind: TestRun");
});

test.skipIf(process.getuid?.() !== 0)("a folder that cannot be made is said in one line", () => {
  using folder = new TemporaryFolder(owned);
  chmodSync(folder.path, 0o555);
  const { exitCode, stderr } = runCommand(smoke, {
    folder: folder.path,
    userId: 65_534,
    environment: { HOME: folder.path },
  });
  expect({ exitCode, stderr }).toEqual({
    exitCode: 2,
    stderr: "hipaa-check: --output cluster could not be made (EACCES).\n",
  });
});

test.each([
  [["--pods", "0"], "--pods 0: write a number above zero."],
  [
    ["--sink-control", "sink:8025"],
    "--sink-control sink:8025: write http://HOST:PORT, without user or password.",
  ],
  [["--name", "Load_1"], "--name Load_1: a name has small letters"],
  [["--recipient-domain", "clinic.org"], "recipients at clinic.org may be real"],
  [["--rate", "9000"], "the ceiling is 2000"],
  [["--ca", "none.pem"], "--ca none.pem could not be read (ENOENT)."],
] as const)("bad input is refused before anything is written: %s", (words, complaint) => {
  using folder = new TemporaryFolder(owned);
  const { exitCode, stderr } = exporting(folder, ...words);
  expect(exitCode).toBe(2);
  expect(stderr).toContain(complaint);
  expect(stderr.trimEnd().split("\n")).toHaveLength(1);
  expect(readdirSync(folder.path)).toEqual(["hipaa-check.yaml"]);
});
