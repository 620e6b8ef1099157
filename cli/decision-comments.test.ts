import { describe, expect, test } from "vitest";
import type { Report } from "#engine/result.ts";
import { runCommand, TemporaryFolder } from "./testing.ts";

const bucket = 'resource "aws_s3_bucket" "mail" {\n  bucket = "mail"\n}\n';
const decision = `decisions:
  - id: D-1
    kind: waiver
    rule: storage/versioned
    scope: { facts: [aws_s3_bucket.mail] }
    reason: The bucket holds copies.
    measure: The originals are versioned.
    owner: operations
    approver: security officer
    date: 2026-11-01
    expires: 2026-12-01
`;

function run(comment: string, { compliance = decision, asOf = "2026-11-25", words = [] as string[] } = {}) {
  using folder = new TemporaryFolder({ "mail.tf": `${comment}\n${bucket}`, "compliance.yaml": compliance });
  const check = ["check", ".", "--rule", "storage/versioned", "--as-of", asOf, "--format", "json", ...words];
  const { exitCode, stdout } = runCommand(check, { folder: folder.path });
  const { results, diagnostics } = JSON.parse(stdout) as Report;
  return {
    exitCode,
    verdicts: results.map(({ verdict }) => verdict),
    messages: results.map(({ message }) => message),
    said: diagnostics.map(
      ({ code, message, location }) => `${location?.file}:${location?.line} ${code} ${message}`,
    ),
  };
}

describe("a comment in a judged file points to a decision, and is none", () => {
  test("it is shown at the finding that the decision lifts", () => {
    const { verdicts, messages, said, exitCode } = run("# hipaa-check: decision D-1");
    expect({ verdicts, said, exitCode }).toEqual({ verdicts: ["excepted"], said: [], exitCode: 0 });
    expect(messages).toEqual([expect.stringMatching(/ Line 1 points to decision D-1\.$/)]);
  });

  test("without a decision it lifts nothing, and that is said", () => {
    const { verdicts, messages, said, exitCode } = run("# hipaa-check: decision D-1", {
      compliance: "records: []\n",
    });
    expect({ verdicts, exitCode }).toEqual({ verdicts: ["fail"], exitCode: 1 });
    expect(messages).toEqual([expect.stringContaining("Line 1 points to decision D-1, which is not there.")]);
    expect(said).toContainEqual(
      expect.stringMatching(/^mail\.tf:1 decision-comment-unknown There is no decision D-1 for this file/),
    );
  });

  test("one that points to an expired decision: the finding fails and says so", () => {
    const { verdicts, messages, said, exitCode } = run("# hipaa-check: decision D-1", { asOf: "2026-12-02" });
    expect({ verdicts, exitCode }).toEqual({ verdicts: ["fail"], exitCode: 1 });
    expect(messages).toEqual([
      expect.stringContaining(
        "Line 1 points to decision D-1, which lifts nothing: it expired on 2026-12-01.",
      ),
    ]);
    expect(said).toContainEqual(
      expect.stringMatching(/^mail\.tf:1 decision-comment-void .*it expired on 2026-12-01/),
    );
  });

  test("it does not widen the scope of the decision that it points to", () => {
    const other = decision.replace("aws_s3_bucket.mail", "aws_s3_bucket.other");
    const { verdicts, messages, said } = run("# hipaa-check: decision D-1", { compliance: other });
    expect(verdicts).toEqual(["fail"]);
    expect(messages).toEqual([
      expect.stringContaining("Line 1 points to decision D-1, which does not cover it."),
    ]);
    expect(said).toContainEqual(expect.stringMatching(/^mail\.tf:1 decision-comment-idle/));
  });

  test("one that stands elsewhere is said, and so is one that names nothing", () => {
    const elsewhere = run("# hipaa-check: decision D-1\nlocals {\n  a = 1\n}\n# hipaa-check: decision");
    expect(elsewhere.verdicts).toEqual(["excepted"]);
    expect(elsewhere.said).toEqual([
      expect.stringMatching(/^mail\.tf:1 decision-comment-idle .*lifts nothing on line 2\. Move the comment/),
      expect.stringMatching(/^mail\.tf:5 decision-comment-unknown This comment names no decision/),
    ]);
  });

  test("under a proposed edition there is nothing to point out", () => {
    const { messages } = run("# hipaa-check: decision D-1", { words: ["--edition", "hipaa-nprm-2025"] });
    expect(messages).toEqual([expect.not.stringContaining("points to")]);
  });
});

test("two decisions of one id are an error, also where they stand in two files", () => {
  using folder = new TemporaryFolder({
    "mail.tf": bucket,
    "compliance.yaml": `include: [more.yaml]\n${decision}`,
    "more.yaml": decision,
  });
  const words = ["check", ".", "--as-of", "2026-11-25", "--format", "json"];
  const { diagnostics } = JSON.parse(runCommand(words, { folder: folder.path }).stdout) as Report;
  expect(diagnostics).toContainEqual(
    expect.objectContaining({
      code: "decision-duplicate",
      location: expect.objectContaining({ file: "more.yaml", line: 2 }),
    }),
  );
});
