import { spawnSync } from "node:child_process";
import { mkdirSync, symlinkSync } from "node:fs";
import { join } from "node:path";
import { describe, expect, test } from "vitest";
import { errorsOf, reportOf, runCommand, soundTerraform, TemporaryFolder } from "./testing.ts";

/** A YAML file of few bytes whose aliases expand to billions of nodes. */
const bomb = [
  "a0: &a0 [x, x, x, x, x, x, x, x, x, x]",
  ...Array.from(
    { length: 12 },
    (_, level) => `a${level + 1}: &a${level + 1} [${`*a${level}, `.repeat(9)}*a${level}]`,
  ),
].join("\n");

describe("configuration that cannot be used: one line, exit 2", () => {
  const wrong: Record<string, { configuration: string | Uint8Array; link?: true; line: RegExp }> = {
    "bad YAML": { configuration: "exclude: [a\n", line: /hipaa-check\.yaml:\d+:\d+: / },
    "an unknown key": { configuration: "excludes:\n  - a\n", line: /hipaa-check\.yaml:1:\d+: .*"excludes"/ },
    "an alias bomb": { configuration: bomb, line: /hipaa-check\.yaml:1:1: .*aliases/ },
    "lists nested 10,000 deep": {
      configuration: `exclude: ${"[".repeat(10_000)}${"]".repeat(10_000)}\n`,
      line: /hipaa-check\.yaml:1:\d+: /,
    },
    "bytes that are not UTF-8": {
      configuration: Buffer.from([0x65, 0xff, 0xfe, 0x0a]),
      line: /hipaa-check\.yaml:1:1: .*UTF-8/,
    },
    "a link to itself": { configuration: "", link: true, line: /hipaa-check\.yaml.*(ELOOP|itself)/ },
    "an empty file": { configuration: "", line: /hipaa-check\.yaml:1:1: .*empty/ },
    "a folder of policies that does not exist": {
      configuration: "policies: [ours]\n",
      line: /hipaa-check\.yaml.*ours is not a folder/,
    },
  };

  test.each(Object.entries(wrong))("%s", (_name, { configuration, link, line }) => {
    using folder = new TemporaryFolder({ "good.tf": soundTerraform });
    if (link === true) symlinkSync("hipaa-check.yaml", join(folder.path, "hipaa-check.yaml"));
    else folder.write("hipaa-check.yaml", configuration);
    const { exitCode, stdout, stderr } = runCommand(["check", "."], { folder: folder.path });
    expect(stderr.trim().split("\n")).toEqual([expect.stringMatching(line)]);
    expect(stdout).toBe("");
    expect(exitCode).toBe(2);
  });

  test.each(["hipaa-check.yaml", "below/hipaa-check.yaml"])("a named pipe as %s", (name) => {
    using folder = new TemporaryFolder({ "good.tf": soundTerraform, "below/good.tf": soundTerraform });
    expect(spawnSync("mkfifo", [join(folder.path, name)]).status).toBe(0);
    const { exitCode, stderr } = runCommand(["check", "."], { folder: folder.path });
    expect(stderr.trim()).toMatch(/hipaa-check\.yaml:1:1: This is a pipe/);
    expect(exitCode).toBe(2);
  });

  const usage: Record<string, { words: string[]; line: RegExp }> = {
    "a path that does not exist": {
      words: ["check", "missing"],
      line: /missing: there is no such file or folder/,
    },
    "an edition that does not exist": {
      words: ["check", ".", "--edition", "hipaa-1996"],
      line: /no edition "hipaa-1996".*hipaa-2013/,
    },
    "a flag that does not exist": { words: ["check", ".", "--editon", "x"], line: /--editon/ },
    "an output in a folder that does not exist": {
      words: ["check", ".", "--format", "json", "--output", "no/such/report.json"],
      line: /no\/such does not exist/,
    },
    "more outputs than formats": {
      words: ["check", ".", "--output", "a", "--output", "b"],
      line: /2 --output for 1 --format/,
    },
    "a configuration that does not exist": {
      words: ["check", ".", "--config", "other.yaml"],
      line: /other\.yaml/,
    },
    "a name that nothing has": {
      words: ["explain", "mail/outbund-tls"],
      line: /Did you mean .*mail\/outbound-tls/,
    },
  };

  test.each(Object.entries(usage))("%s", (_name, { words, line }) => {
    using folder = new TemporaryFolder({ "good.tf": soundTerraform });
    const { exitCode, stdout, stderr } = runCommand(words, { folder: folder.path });
    expect(stderr.trim().split("\n")).toEqual([expect.stringMatching(line)]);
    expect(stdout).toBe("");
    expect(exitCode).toBe(2);
  });
});

/** A sound rule of a user's own, as text to be broken. */
const ownRule = `id: ours/keys
title: Keys rotate
severity: high
what: "{fact} does not rotate."
why: Old keys leak.
do: Rotate it.
select: { kind: encryption.key }
assert: { rotated: { const: true } }
requirements: [REST-02]
`;

describe("own policy files that are broken: said with file and line, everything else is judged, exit 3", () => {
  const edition = {
    "policies/ours/edition.yaml":
      "id: ours\ntitle: Ours\nstatus: organisation\nstatusAsOf: 2026-01-01\ndesignations: [required]\ndates: {}\nsource: {}\nderivedFrom: null\nwording: { pass: meets, fail: does not meet }\n",
    "policies/ours/controls.yaml":
      "controls:\n  - citation: O-1\n    title: Keys\n    designation: required\n    parent: null\n    derivesFrom: []\n    duty: Rotate keys.\n    safeguard: technical\n    verification: { grade: own, source: us, asOf: 2026-01-01 }\n",
  };
  const broken: Record<string, { files: Record<string, string>; error: string; message: RegExp }> = {
    "a rule that names an unknown kind of fact": {
      files: { "policies/a/rule.yaml": ownRule.replace("encryption.key", "encryption.keys") },
      error: "rule-invalid policies/a/rule.yaml:7",
      message: /select\.kind must be one of/,
    },
    "a rule that names an unknown keyword": {
      files: { "policies/a/rule.yaml": ownRule.replace("const: true", "mustBe: true") },
      error: "rule-invalid policies/a/rule.yaml:8",
      message: /"mustBe"/,
    },
    "a rule that names an unknown attribute": {
      files: { "policies/a/rule.yaml": ownRule.replace("rotated:", "rotates:") },
      error: "rule-attribute policies/a/rule.yaml:8",
      message: /no attribute "rotates"/,
    },
    "two rules with one id": {
      files: { "policies/a/rule.yaml": ownRule, "policies/b/rule.yaml": ownRule },
      error: "rule-duplicate policies/b/rule.yaml:1",
      message: /policies\/a\/rule\.yaml:1/,
    },
    "an edition that cites a missing rule": {
      files: {
        ...edition,
        "policies/ours/mapping.yaml":
          "mappings:\n  - rule: ours/gone\n    controls: [{ citation: O-1, relation: requires }]\n",
      },
      error: "edition-rule policies/ours/mapping.yaml:2",
      message: /"ours\/gone", which does not exist/,
    },
    "an alias bomb": {
      files: { "policies/a/rule.yaml": bomb },
      error: "yaml-aliases policies/a/rule.yaml:1",
      message: /aliases/,
    },
  };

  test.each(Object.entries(broken))("%s", (_name, { files, error, message }) => {
    using folder = new TemporaryFolder({
      "good.tf": soundTerraform,
      "hipaa-check.yaml": "policies: [policies]\n",
      ...files,
    });
    const { exitCode, report: found } = reportOf(folder);
    expect(errorsOf(found)).toEqual([error]);
    expect(found.diagnostics.find(({ level }) => level === "error")?.message).toMatch(message);
    expect(found.results.length).toBeGreaterThan(0);
    expect(exitCode).toBe(3);
  });
});

test("an own policy file that is a named pipe is said, everything else is judged", () => {
  using folder = new TemporaryFolder({
    "good.tf": soundTerraform,
    "hipaa-check.yaml": "policies: [policies]\n",
    "policies/b/rule.yaml": ownRule,
  });
  mkdirSync(join(folder.path, "policies/a"));
  expect(spawnSync("mkfifo", [join(folder.path, "policies/a/rule.yaml")]).status).toBe(0);
  const { exitCode, report: found } = reportOf(folder);
  expect(errorsOf(found)).toEqual(["file-not-regular policies/a/rule.yaml:1"]);
  expect(found.results.map(({ rule }) => rule)).toContain("ours/keys");
  expect(exitCode).toBe(3);
});
