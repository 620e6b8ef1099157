import { cpSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { afterAll, expect, test } from "vitest";
import { runCommand } from "#cli/testing.ts";
import type { BundleDifference } from "./compare/diff.ts";
import { clinic, Workshop } from "./testing.ts";

const work = new Workshop();
const { build } = work;
afterAll(() => work[Symbol.dispose]());

test("diff says what was fixed and what is new", () => {
  const tree = join(work.path, "tree");
  cpSync(clinic, tree, { recursive: true });
  const before = build("before.tar", [tree]);
  const relay = join(tree, "relay/main.cf");
  writeFileSync(
    relay,
    readFileSync(relay, "utf8").replace("smtp_tls_security_level = may", "smtp_tls_security_level = encrypt"),
  );
  const policy = join(tree, "relay/tls_policy");
  writeFileSync(
    policy,
    readFileSync(policy, "utf8").replace(
      "county-health.example     encrypt",
      "county-health.example     may",
    ),
  );
  const after = build("after.tar", [tree]);
  const { exitCode, stdout } = runCommand(["evidence", "diff", before, after, "--format", "json"], {
    folder: work.path,
  });
  expect(exitCode).toBe(0);
  const { fixed, new: found } = JSON.parse(stdout) as Record<
    "fixed" | "new",
    { rule: string; file: string }[]
  >;
  expect(fixed).toContainEqual(expect.objectContaining({ rule: "mail/outbound-tls", file: "relay/main.cf" }));
  expect(found).toContainEqual(
    expect.objectContaining({ rule: "mail/outbound-tls", file: "relay/tls_policy" }),
  );
});

test("diff takes nothing for fixed that is not judged any more, and compares an added edition with nothing", () => {
  const tree = join(work.path, "dropped");
  cpSync(clinic, tree, { recursive: true });
  const before = build("whole.tar", [tree]);
  rmSync(join(tree, "mailer/src/billing.ts"));
  const editions = ["--edition", "hipaa-2013", "--edition", "hipaa-nprm-2025"];
  const after = build("smaller.tar", [tree], { words: editions });
  const { stdout } = runCommand(["evidence", "diff", before, after, "--format", "json"], {
    folder: work.path,
  });
  const difference = JSON.parse(stdout) as BundleDifference;
  expect(difference.fixed).toEqual([]);
  expect(difference.new).toEqual([]);
  expect(new Set(difference.unclear.map(({ file }) => file))).toEqual(new Set(["mailer/src/billing.ts"]));
  expect(difference.editions).toEqual([
    { id: "hipaa-nprm-2025", change: "added", proposed: true, fails: expect.any(Number) },
  ]);
  const shown = runCommand(["evidence", "diff", before, after], { folder: work.path });
  expect(shown.stdout).toMatch(/edition hipaa-nprm-2025 added: \d+ would not meet, compared with nothing/);
});
