import { readFileSync } from "node:fs";
import { join } from "node:path";
import { afterAll, describe, expect, test } from "vitest";
import { Workshop } from "./testing.ts";

const record = (held: string): string =>
  `records:\n  - { id: one, kind: risk-analysis, title: Analysis, date: 2026-11-01, owner: officer, nextDue: 2027-11-01, held: "${held}" }\n`;

const work = new Workshop({
  "tree/compliance.yaml": `${record("records/analysis.pdf")}vendors:\n  - name: Relay Inc.\n    agreement: { signed: 2026-01-01, held: contracts/relay.pdf }\n`,
  // No text, as most documents.
  "tree/records/analysis.pdf": Buffer.from("%PDF-1.7\n\xff\xfe\x00", "latin1"),
  "tree/contracts/relay.pdf": Buffer.from("%PDF-1.7\n\xfe", "latin1"),
  "secret/other.pdf": "secret",
  "missing/compliance.yaml": record("records/none.pdf"),
  "outside/compliance.yaml": record("../secret/other.pdf"),
});
afterAll(() => work[Symbol.dispose]());

describe("documents that records and contracts name", () => {
  test("are in the bundle as they are, and it is evaluated again with them", () => {
    const bundle = work.build("documents", [join(work.path, "tree")], { words: ["--folder"] });
    for (const document of ["records/analysis.pdf", "contracts/relay.pdf"])
      expect(readFileSync(join(bundle, "inputs", document))).toEqual(
        readFileSync(join(work.path, "tree", document)),
      );
    expect(work.verify(bundle, "--trust", work.fingerprint, "--re-evaluate")).toMatchObject({ exitCode: 0 });
  });

  test("are digests with --digests-only", () => {
    const bundle = work.build("digests.tar", [join(work.path, "tree")], { words: ["--digests-only"] });
    expect(readFileSync(bundle).includes("%PDF")).toBe(false);
    expect(work.verify(bundle, "--trust", work.fingerprint)).toMatchObject({ exitCode: 0 });
    expect(work.verify(bundle, "--trust", work.fingerprint, "--re-evaluate")).toMatchObject({ exitCode: 3 });
  });

  test.each(["missing", "outside"])(
    "%s: the record fails, and nothing from elsewhere is taken in",
    (tree) => {
      const bundle = work.build(`${tree}.tar`, [join(work.path, tree)]);
      expect(readFileSync(bundle).includes("secret/other.pdf\0")).toBe(false);
      expect(work.verify(bundle, "--trust", work.fingerprint, "--re-evaluate")).toMatchObject({
        exitCode: 0,
      });
      const { stdout } = work.run(["check", tree, "--format", "json", "--rule", "records/risk-analysis"]);
      expect(JSON.parse(stdout)).toMatchObject({ results: [{ verdict: "fail", fact: { id: "one" } }] });
    },
  );
});

test("a document that has changed is judged anew, whatever the cache holds", () => {
  using other = new Workshop({ "compliance.yaml": record("analysis.pdf"), "analysis.pdf": "analysis" });
  const verdict = (): string => {
    const { stdout } = other.run(["check", ".", "--format", "json", "--rule", "records/risk-analysis"]);
    return (JSON.parse(stdout) as { results: { verdict: string }[] }).results[0]?.verdict ?? "";
  };
  expect(verdict()).toBe("pass");
  other.write("analysis.pdf", "");
  expect(verdict()).toBe("fail");
});
