import { join } from "node:path";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { runCommand, TemporaryFolder } from "#cli/testing.ts";
import type { BundleDifference } from "./compare/diff.ts";

const decision = `decisions:
  - id: D-1
    kind: addressable
    rule: mail/outbound-tls
    scope: { files: ["relay/"] }
    reason: The partner has no TLS until spring.
    assessment: Encryption is not reasonable on this leased line.
    alternative: The line itself is encrypted.
    owner: operations
    author: mail team
    approver: security officer
    date: 2026-11-01
    review: 2027-05-01
`;

const files = {
  "tree/relay/main.cf": "compatibility_level = 3.6\nsmtp_tls_security_level = may\n",
  "tree/relay/master.cf": "smtp unix - - n - - smtp\n",
  "tree/notes.txt": "nobody reads this\n",
};

const folder = new TemporaryFolder(files);
const run = (...words: string[]) => runCommand(words, { folder: folder.path });

function build(name: string, asOf: string, ...words: string[]): void {
  const { exitCode, stderr } = run(
    ...["evidence", "build", "tree", "--key", "keys/key.pem", "-o", name, "--as-of", asOf, ...words],
  );
  expect(exitCode, stderr).toBe(0);
}

function diff(before: string, after: string): { readonly text: string; readonly json: BundleDifference } {
  const { stdout } = run("evidence", "diff", before, after, "--format", "json");
  return {
    text: run("evidence", "diff", before, after).stdout,
    json: JSON.parse(stdout) as BundleDifference,
  };
}

beforeAll(() => {
  run("evidence", "keys", "new", "--out", "keys");
  build("open.tar", "2026-11-25");
  folder.write("tree/compliance.yaml", decision);
  build("decided.tar", "2026-11-25");
  build("expired.tar", "2027-05-02");
  folder.write("tree/relay/main.cf", files["tree/relay/main.cf"].replace("= may", "= encrypt"));
  folder.write("tree/compliance.yaml", "decisions: []\n");
  build("fixed.tar", "2027-05-02", "--edition", "hipaa-2013", "--edition", "hipaa-nprm-2025");
});

afterAll(() => folder[Symbol.dispose]());

const tls = ({ rule }: { readonly rule: string }): boolean => rule === "mail/outbound-tls";

describe("diff", () => {
  test("shows what was decided, by whom and until when, and the file that says so", () => {
    const { text, json } = diff("open.tar", "decided.tar");
    const by = { id: "D-1", approver: "security officer", until: "2027-05-01" };
    expect(json.decided).toMatchObject([
      { before: "fail", after: "excepted", file: "relay/main.cf", decision: by },
    ]);
    expect([json.new, json.expired, json.fixed]).toEqual([[], [], []]);
    expect(json.inputs).toEqual({ added: ["compliance.yaml"], removed: [], changed: [] });
    expect(json.rules).toEqual({ added: [], removed: [], changed: [] });
    expect(text).toContain("D-1, approved by security officer, until 2027-05-01");
    expect(text).toContain("inputs added (1): compliance.yaml");
  });

  test("shows what fails again since a decision has ended, though nothing changed", () => {
    const { text, json } = diff("decided.tar", "expired.tar");
    expect(json.expired.filter(tls)).toMatchObject([
      { before: "excepted", after: "fail", decision: { id: "D-1" } },
    ]);
    expect(json.new).toEqual([]);
    expect(text).toContain("expired: fails again, since a decision has ended: 1");
    expect(text).toContain("the same inputs, rules and editions");
  });

  test("shows what was fixed, and words a proposed edition as one", () => {
    const { text, json } = diff("expired.tar", "fixed.tar");
    expect(json.fixed.filter(tls)).toMatchObject([{ before: "fail", after: "pass", decision: null }]);
    expect(json.inputs.changed).toEqual(["compliance.yaml", "relay/main.cf"]);
    const [added] = json.editions;
    expect(added).toMatchObject({ id: "hipaa-nprm-2025", change: "added", proposed: true });
    expect(added?.fails).toBeGreaterThan(0);
    expect(json.new).toEqual([]);
    expect(text).not.toMatch(/→ fail\b/);
    expect(text).toContain(
      `edition hipaa-nprm-2025 added: ${added?.fails} would not meet, compared with nothing`,
    );
  });

  test("of a bundle with itself shows nothing", () => {
    const { text, json } = diff("open.tar", "open.tar");
    expect([json.new, json.expired, json.unclear, json.decided, json.fixed].flat()).toEqual([]);
    expect(text).toContain("the same inputs, rules and editions");
  });

  test("refuses what is no bundle, in one line", () => {
    const { exitCode, stderr } = run("evidence", "diff", "open.tar", "keys/key.pub");
    expect([exitCode, stderr.split("\n").length]).toEqual([1, 2]);
  });
});

describe("show", () => {
  const shown = (name: string): string => run("evidence", "show", name).stdout;

  test("has the findings by file, the decisions with everything about them, and what was not looked at", () => {
    const text = shown("decided.tar");
    expect(text).toMatch(/ {2}relay\/main\.cf\n/);
    expect(text).toMatch(/○ excepted +line 2 +high +mail\/outbound-tls +smtp\/unix\s+164\.312\(e\)\(1\)/);
    expect(text).toContain("D-1, addressable (compliance.yaml:2), lifts 1 finding until 2027-05-01");
    expect(text).toContain("reason: The partner has no TLS until spring.");
    expect(text).toContain("assessment: Encryption is not reasonable on this leased line.");
    expect(text).toContain("in its place: The line itself is encrypted.");
    expect(text).toContain(
      "approved by security officer on 2026-11-01; owner operations; written by mail team",
    );
    expect(text).toMatch(/1 not looked at, .*: notes\.txt/);
  });

  test("says of a decision that has ended why it lifts nothing", () => {
    const text = shown("expired.tar");
    expect(text).not.toContain("○ excepted");
    expect(text).toMatch(/warning compliance\.yaml:2 decision-expired: .*its review was due on\s+2027-05-01/);
  });

  test("never says of a proposed edition that something fails", () => {
    const text = shown("fixed.tar");
    expect(text).toMatch(/results +\d+ fail or would not meet,/);
    const proposed = text.split("\nhipaa-nprm-2025 (proposed)\n")[1] ?? "";
    expect(proposed).toContain("✗ would not meet");
    expect(proposed).not.toMatch(/✗ fail/);
  });
});

test("the bundles of this test verify", () => {
  for (const name of ["open.tar", "decided.tar", "expired.tar", "fixed.tar"]) {
    const { exitCode } = run(
      "evidence",
      "verify",
      join(folder.path, name),
      "--trust",
      "keys/key.pub",
      "--re-evaluate",
    );
    expect(exitCode).toBe(0);
  }
});
