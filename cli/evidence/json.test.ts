import { readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { Ajv } from "ajv";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import type { BundleDifference } from "./compare/diff.ts";
import { root, Workshop } from "./testing.ts";
import type { Verification } from "./verify/verification.ts";

const services = "smtp      unix  -       -       n       -       -       smtp\n";
const work = new Workshop({
  "tree/main.cf": "compatibility_level = 3.6\nsmtp_tls_security_level = may\n",
  "tree/master.cf": services,
  "later/main.cf": "compatibility_level = 3.6\nsmtp_tls_security_level = encrypt\n",
  "later/master.cf": services,
});
afterAll(() => work[Symbol.dispose]());

const ajv = new Ajv({ strict: false, allErrors: true });
for (const name of [
  "bundle-contents",
  "bundle-difference",
  "bundle-manifest",
  "bundle-verification",
  "report",
])
  ajv.addSchema(JSON.parse(readFileSync(`${root}policies/schema/${name}.schema.json`, "utf8")) as object);

/** What a command prints, which has to be as its schema says. */
function json<T>(schema: string, ...words: string[]): { exitCode: number | null; value: T } {
  const { exitCode, stdout, stderr } = work.run([...words, "--format", "json"]);
  expect(stderr).toBe("");
  const value = JSON.parse(stdout) as T;
  const isValid = ajv.validate(`https://hipaa-check.dev/schema/${schema}.schema.json`, value);
  expect([isValid, ajv.errors]).toEqual([true, null]);
  return { exitCode, value };
}

const verifying = (...words: string[]) =>
  json<Verification>("bundle-verification", "evidence", "verify", ...words);

beforeAll(() => {
  work.build("first.tar", [join(work.path, "tree")]);
  work.build("second.tar", [join(work.path, "later")], { words: ["--as-of", "2026-11-20"] });
  const changed = readFileSync(join(work.path, "first.tar"));
  changed[600] = (changed[600] ?? 0) ^ 1;
  writeFileSync(join(work.path, "changed.tar"), changed);
});

describe("verify --format json", () => {
  test("says of an authentic bundle what it says of itself, and by whom", () => {
    const { exitCode, value } = verifying("first.tar", "--trust", work.fingerprint, "--re-evaluate");
    expect(exitCode).toBe(0);
    const signer = { role: "assessor", fingerprint: work.fingerprint };
    expect(value).toMatchObject({ outcome: "authentic", series: null });
    expect(value.bundles).toMatchObject([
      {
        bundle: "first.tar",
        outcome: "authentic",
        reason: null,
        says: { createdAt: "2026-11-25T09:46:40Z", signers: [signer], editions: [{ id: "hipaa-2013" }] },
        trusted: [signer],
        timeStamp: null,
        reEvaluated: expect.any(Number),
      },
    ]);
  });

  test("believes nothing of one that was changed", () => {
    const { exitCode, value } = verifying("changed.tar", "--trust", work.fingerprint);
    expect(exitCode).toBe(1);
    expect(value.outcome).toBe("rejected");
    expect(value.bundles).toMatchObject([{ says: null, trusted: [], reason: { code: "digest-differs" } }]);
  });

  test("leaves open what nobody is trusted for", () => {
    const { exitCode, value } = verifying("first.tar");
    expect([exitCode, value.outcome, value.bundles[0]?.reason?.code]).toEqual([
      3,
      "undecided",
      "signer-unknown",
    ]);
  });

  test("has each bundle of a series, and its gaps", () => {
    const sound = verifying("first.tar", "second.tar", "--trust", work.fingerprint, "--interval", "99 years");
    expect([sound.exitCode, sound.value.outcome]).toEqual([0, "authentic"]);
    expect(sound.value.series?.gaps).toEqual([]);
    const { exitCode, value } = verifying("first.tar", "changed.tar", "--trust", work.fingerprint);
    expect([exitCode, value.outcome]).toEqual([1, "rejected"]);
    expect(value.bundles.map(({ outcome }) => outcome).sort()).toEqual(["authentic", "rejected"]);
    work.build("old.tar", [join(work.path, "tree")], { environment: { SOURCE_DATE_EPOCH: "1500000000" } });
    const gapped = verifying("old.tar", "first.tar", "--trust", work.fingerprint);
    expect([gapped.exitCode, gapped.value.outcome]).toEqual([1, "rejected"]);
    expect(gapped.value.series?.gaps).toContainEqual({
      from: "2017-07-14T02:40:00Z",
      to: "2026-11-25T09:46:40Z",
      days: expect.any(Number),
    });
  });

  test("ends with 2 and one line where there is nothing to verify", () => {
    const words = ["evidence", "verify", "nothing.tar", "--format", "json"];
    expect(work.run(words)).toMatchObject({
      exitCode: 2,
      stdout: "",
      stderr: expect.stringContaining("no such file"),
    });
  });
});

test("show --format json has the manifest and the report", () => {
  const { exitCode, value } = json<object>("bundle-contents", "evidence", "show", "first.tar");
  expect(exitCode).toBe(0);
  expect(value).toMatchObject({
    manifest: { signers: [{ fingerprint: work.fingerprint }] },
    report: { results: expect.arrayContaining([expect.objectContaining({ rule: "mail/outbound-tls" })]) },
    timeStamp: null,
  });
  const changed = work.run(["evidence", "show", "changed.tar", "--format", "json"]);
  expect(changed).toMatchObject({ exitCode: 1, stdout: "" });
});

test("diff --format json is as its schema says", () => {
  const { value } = json<BundleDifference>(
    "bundle-difference",
    "evidence",
    "diff",
    "first.tar",
    "second.tar",
  );
  expect(value.fixed).toContainEqual(
    expect.objectContaining({ rule: "mail/outbound-tls", before: "fail", after: "pass" }),
  );
});
