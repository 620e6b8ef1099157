import { readFileSync } from "node:fs";
import { join } from "node:path";
import { afterEach, beforeEach, describe, expect, test } from "vitest";
import { runCommand, TemporaryFolder } from "./testing.ts";

const main = "# Postfix 3.7\ncompatibility_level = 3.6\nsmtp_tls_security_level = may\n";
const services = "smtp      unix  -       -       n       -       -       smtp\n";
const decision = `decisions:
  - id: D-1
    kind: waiver
    rule: mail/outbound-tls
    scope: { files: [main.cf] }
    reason: The partner has no TLS until spring.
    measure: The line is encrypted.
    owner: operations
    approver: security officer
    date: 2026-11-01
    expires: 2026-12-01
`;

let folder: TemporaryFolder;
beforeEach(() => {
  folder = new TemporaryFolder({ "relay/main.cf": main, "relay/master.cf": services });
});
afterEach(() => folder[Symbol.dispose]());

const run = (...words: string[]) => runCommand(words, { folder: folder.path });
const update = (...words: string[]) => run("baseline", "update", "baseline.json", "relay", ...words);
const gate = (...words: string[]) => run("check", "relay", "--baseline", "baseline.json", ...words);
const known = (): { rule: string; file: string }[] =>
  (
    JSON.parse(readFileSync(join(folder.path, "baseline.json"), "utf8")) as {
      findings: { rule: string; file: string }[];
    }
  ).findings;
const rules = (): string[] => known().map(({ rule }) => rule);

describe("a baseline", () => {
  test("lets what is known pass, and nothing in another file", () => {
    expect(update().exitCode).toBe(0);
    expect(gate().exitCode).toBe(0);
    folder.write("relay/main.cf", `\n\n${main}`);
    expect(gate().exitCode).toBe(0);
    folder.write("relay/other/main.cf", main);
    folder.write("relay/other/master.cf", services);
    expect(gate().exitCode).toBe(1);
  });

  test("shrinks by what was fixed, and says so; it does not come back unseen", () => {
    update();
    folder.write("relay/main.cf", main.replace("= may", "= encrypt"));
    const { exitCode, stderr } = gate();
    expect([exitCode, stderr]).toEqual([
      0,
      expect.stringContaining("fixed: mail/outbound-tls smtp/unix (relay/main.cf)"),
    ]);
    expect(rules()).not.toContain("mail/outbound-tls");
    folder.write("relay/main.cf", main);
    expect(gate().exitCode).toBe(1);
  });

  test("takes nothing for fixed while input cannot be read", () => {
    update();
    const before = known();
    folder.write("relay/main.cf", "= broken [\n");
    const { exitCode, stderr } = gate();
    expect([exitCode, stderr]).toEqual([3, expect.not.stringContaining("fixed")]);
    expect(known()).toEqual(before);
  });

  test("takes nothing for fixed that can no longer be told", () => {
    folder.write("relay/main.tf", emailService('"Optional"'));
    update();
    expect(known()).toContainEqual(
      expect.objectContaining({ rule: "mail/outbound-tls", file: "relay/main.tf" }),
    );
    folder.write("relay/main.tf", emailService("var.tls"));
    expect(gate().stderr).not.toContain("fixed: mail/outbound-tls");
    expect(known()).toContainEqual(
      expect.objectContaining({ rule: "mail/outbound-tls", file: "relay/main.tf" }),
    );
  });

  test("leaves what a decision lifts to the decision: when it ends, the finding fails", () => {
    update();
    folder.write("relay/compliance.yaml", decision);
    const { exitCode, stderr } = gate("--as-of", "2026-11-25");
    expect([exitCode, stderr]).toEqual([0, expect.stringContaining("decided: mail/outbound-tls smtp/unix")]);
    expect(stderr).not.toContain("fixed");
    expect(gate("--as-of", "2026-12-02").exitCode).toBe(1);
  });

  test("that is none is refused, and left as it is", () => {
    for (const text of ["", "{", "[]", '{"schemaVersion":"2","findings":[]}']) {
      folder.write("baseline.json", text);
      expect(gate().exitCode).toBe(2);
      expect(readFileSync(join(folder.path, "baseline.json"), "utf8")).toBe(text);
    }
  });
});

describe("baseline update", () => {
  test("replaces a baseline and nothing else", () => {
    update();
    expect(update().exitCode).toBe(0);
    const { exitCode, stderr } = run("baseline", "update", "relay/main.cf", "relay");
    expect([exitCode, stderr]).toEqual([2, expect.stringContaining("it is no baseline")]);
    expect(readFileSync(join(folder.path, "relay/main.cf"), "utf8")).toBe(main);
  });

  test("says what it could not look at", () => {
    folder.write("relay/bad.tf", 'resource "x {');
    const { exitCode, stderr } = update();
    expect([exitCode, stderr]).toEqual([
      3,
      expect.stringMatching(/\d+ errors? kept input from being judged/),
    ]);
    expect(rules()).toContain("mail/outbound-tls");
  });
});

function emailService(policy: string): string {
  return `variable "tls" {}
resource "aws_ses_configuration_set" "main" {
  name = "main"
  delivery_options {
    tls_policy = ${policy}
  }
}
`;
}
