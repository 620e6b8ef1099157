import { describe, expect, test } from "vitest";
import type { Report, Result } from "#engine/result.ts";
import { runCommand, TemporaryFolder } from "./testing.ts";

const bucket = `resource "aws_s3_bucket" "mail" {
  bucket = "mail"
}

resource "aws_s3_bucket_server_side_encryption_configuration" "mail" {
  bucket = aws_s3_bucket.mail.id
  rule {
    apply_server_side_encryption_by_default {
      sse_algorithm = "AES256"
    }
  }
}
`;
const relay = "smtp_tls_security_level = may\nmaillog_file = /var/log/mail\n";
const services = "smtp      unix  -       -       n       -       -       smtp\n";

const waiver = `decisions:
  - id: D-1
    kind: waiver
    rule: storage/versioned
    scope: { facts: [aws_s3_bucket.mail] }
    reason: The bucket holds copies that are made anew each night.
    measure: The originals are versioned.
    owner: operations
    approver: security officer
    date: 2026-11-01
    expires: 2026-12-01
`;

const addressable = `decisions:
  - id: D-2
    kind: addressable
    rule: mail/outbound-tls
    scope: { files: ["mail/"] }
    reason: The partner has no TLS.
    assessment: Encryption is not reasonable on this leased line.
    alternative: The line itself is encrypted.
    owner: operations
    approver: security officer
    date: 2026-11-01
    review: 2026-12-01
`;

interface Run {
  readonly compliance: string;
  readonly asOf?: string;
  readonly words?: readonly string[];
  readonly files?: Readonly<Record<string, string>>;
}

function run({ compliance, asOf = "2026-11-25", words = [], files = {} }: Run) {
  using folder = new TemporaryFolder({
    "infrastructure/mail.tf": bucket,
    "mail/main.cf": relay,
    "mail/master.cf": services,
    "compliance.yaml": compliance,
    ...files,
  });
  const { exitCode, stdout } = runCommand(["check", ".", "--format", "json", "--as-of", asOf, ...words], {
    folder: folder.path,
  });
  const report = JSON.parse(stdout) as Report;
  const of = (rule: string): Result[] => report.results.filter((result) => result.rule === rule);
  const codes = report.diagnostics.map(({ code }) => code);
  return { exitCode, report, of, codes };
}

const verdicts = (results: readonly Result[]): string[] => results.map(({ verdict }) => verdict);

describe("a waiver", () => {
  test("lifts a finding in its scope, with everything shown", () => {
    const { of, codes, report } = run({ compliance: waiver });
    const [result] = of("storage/versioned");
    expect(result?.verdict).toBe("excepted");
    expect(result?.decision).toEqual({
      id: "D-1",
      kind: "waiver",
      reason: "The bucket holds copies that are made anew each night.",
      measure: "The originals are versioned.",
      owner: "operations",
      authorship: { authors: [], notKnown: "this is no git repository that has a work tree" },
      approver: "security officer",
      date: "2026-11-01",
      until: "2026-12-01",
      file: "compliance.yaml",
      line: 2,
    });
    expect(report.summary.excepted).toBe(1);
    expect(codes).toEqual([]);
  });

  test("that expires tomorrow lifts today, and no more the day after", () => {
    expect(verdicts(run({ compliance: waiver, asOf: "2026-11-30" }).of("storage/versioned"))).toEqual([
      "excepted",
    ]);
    expect(verdicts(run({ compliance: waiver, asOf: "2026-12-01" }).of("storage/versioned"))).toEqual([
      "excepted",
    ]);
    const { of, codes } = run({ compliance: waiver, asOf: "2026-12-02" });
    expect(of("storage/versioned").map(({ verdict, message }) => [verdict, message])).toEqual([
      ["fail", expect.stringContaining("Decision D-1 does not lift it: it expired on 2026-12-01.")],
    ]);
    expect(codes).toEqual(["decision-expired"]);
  });

  const voids: Readonly<Record<string, readonly [change: (text: string) => string, code: string]>> = {
    "of a rule that is not there": [
      (text) => text.replace("storage/versioned", "storage/versoined"),
      "decision-rule",
    ],
    "made in the future": [(text) => text.replace("date: 2026-11-01", "date: 2026-11-26"), "decision-date"],
    "on a day that is none": [(text) => text.replace("2026-12-01", "2026-11-31"), "decision-date"],
    "that ends before it begins": [
      (text) => text.replace("expires: 2026-12-01", "expires: 2026-10-01"),
      "decision-date",
    ],
    "that lasts too long": [
      (text) => text.replace("expires: 2026-12-01", "expires: 2028-01-01"),
      "decision-too-long",
    ],
    "that lasts longer than the own policy grants": [
      (text) => `decisionPolicy: { longestWaiverDays: 10 }\n${text}`,
      "decision-too-long",
    ],
    "approved by its author": [
      (text) => text.replace("owner:", "author: Security Officer\n    owner:"),
      "decision-self-approved",
    ],
  };

  test.each(Object.entries(voids))("%s lifts nothing, and that is said", (_name, [change, code]) => {
    const { of, codes } = run({ compliance: change(waiver) });
    expect(verdicts(of("storage/versioned"))).toEqual(["fail"]);
    expect(codes).toEqual([code]);
  });

  test("approved by its author counts where the policy lets it", () => {
    const text = waiver.replace("owner:", "author: security officer\n    owner:");
    const { of } = run({ compliance: `decisionPolicy: { approverMayBeAuthor: true }\n${text}` });
    expect(verdicts(of("storage/versioned"))).toEqual(["excepted"]);
  });

  test("of a rule that cannot be waived lifts nothing", () => {
    const { of, codes } = run({
      compliance: waiver
        .replace("storage/versioned", "secrets/no-literal-secret")
        .replace("aws_s3_bucket.mail", "aws_db_instance.a"),
      files: {
        "infrastructure/db.tf": 'resource "aws_db_instance" "a" {\n  password = "Lakeside2019!"\n}\n',
      },
    });
    expect(verdicts(of("secrets/no-literal-secret"))).toContain("fail");
    expect(codes).toContain("decision-not-waivable");
  });

  test("that lifts nothing is reported", () => {
    const { codes } = run({ compliance: waiver.replace("aws_s3_bucket.mail", "aws_s3_bucket.other") });
    expect(codes).toEqual(["decision-unused"]);
  });

  test("that is wider than needed is reported", () => {
    const second = bucket
      .replaceAll('"mail"', '"safe"')
      .replaceAll("aws_s3_bucket.mail", "aws_s3_bucket.safe");
    const versioning = `resource "aws_s3_bucket_versioning" "safe" {\n  bucket = aws_s3_bucket.safe.id\n  versioning_configuration {\n    status = "Enabled"\n  }\n}\n`;
    const { of, codes } = run({
      compliance: waiver.replace("{ facts: [aws_s3_bucket.mail] }", "{ everything: true }"),
      files: { "infrastructure/safe.tf": `${second}${versioning}` },
    });
    expect(verdicts(of("storage/versioned")).sort()).toEqual(["excepted", "pass"]);
    expect(codes).toEqual(["decision-wide"]);
  });

  test("under a proposed edition there is nothing to lift", () => {
    const { of } = run({
      compliance: waiver,
      words: ["--edition", "hipaa-2013", "--edition", "hipaa-nprm-2025"],
    });
    expect(of("storage/versioned").map(({ edition, verdict }) => [edition, verdict])).toEqual([
      ["hipaa-2013", "excepted"],
      ["hipaa-nprm-2025", "fail"],
    ]);
  });

  test("may stand in a file that is included, and files that include each other are said", () => {
    const included = run({
      compliance: "include: [decisions/autumn.yaml]\n",
      files: { "decisions/autumn.yaml": waiver },
    });
    expect(verdicts(included.of("storage/versioned"))).toEqual(["excepted"]);
    const loop = run({
      compliance: "include: [more.yaml]\n",
      files: { "more.yaml": "include: [compliance.yaml]\n" },
    });
    expect(loop.codes).toEqual(["compliance-include"]);
    expect(loop.exitCode).not.toBe(0);
  });

  test.each([
    ["without an approver", waiver.replace("    approver: security officer\n", ""), /lacks "approver"/],
    ["without a scope", waiver.replace("    scope: { facts: [aws_s3_bucket.mail] }\n", ""), /lacks "scope"/],
    [
      "with a key that is none",
      waiver.replace("owner:", "ownr: x\n    owner:"),
      /Unknown key or keyword "ownr"/,
    ],
    [
      "of no kind",
      waiver.replace("kind: waiver", "kind: wish"),
      /must be one of waiver, addressable, risk-acceptance/,
    ],
  ])("%s is an error, and the finding stands", (_name, compliance, message) => {
    const { of, report, exitCode } = run({ compliance });
    expect(verdicts(of("storage/versioned"))).toEqual(["fail"]);
    expect(report.diagnostics).toContainEqual(
      expect.objectContaining({
        level: "error",
        code: "compliance-invalid",
        message: expect.stringMatching(message),
      }),
    );
    expect(exitCode).toBe(1);
  });
});

describe("a decision on an addressable specification", () => {
  test("lifts what bears on an addressable paragraph", () => {
    const { of, codes } = run({ compliance: addressable });
    expect(new Set(verdicts(of("mail/outbound-tls")))).toEqual(new Set(["excepted"]));
    expect(of("mail/outbound-tls")[0]?.decision).toMatchObject({
      assessment: "Encryption is not reasonable on this leased line.",
      measure: "The line itself is encrypted.",
    });
    expect(codes).toEqual([]);
  });

  test("does not lift what bears on a required one", () => {
    const { of, codes } = run({
      compliance: addressable
        .replace("mail/outbound-tls", "storage/backups")
        .replace('["mail/"]', '["infrastructure/"]'),
    });
    for (const result of of("storage/backups")) expect(result.verdict).not.toBe("excepted");
    expect(codes).toContain("decision-unused");
  });

  test("does not lift the demands of an edition that knows no such thing", () => {
    const { of } = run({ compliance: addressable, words: ["--edition", "strict-mail"] });
    expect(new Set(verdicts(of("mail/outbound-tls")))).toEqual(new Set(["fail"]));
  });

  test("whose review is overdue lifts nothing", () => {
    const { of, codes } = run({ compliance: addressable, asOf: "2027-01-01" });
    expect(new Set(verdicts(of("mail/outbound-tls")))).toEqual(new Set(["fail"]));
    expect(codes).toEqual(["decision-expired"]);
  });
});

test("an accepted risk names what remains", () => {
  const text = waiver
    .replace("kind: waiver", "kind: risk-acceptance")
    .replace("measure: The originals are versioned.", "residualRisk: A day of copies is lost.");
  const [result] = run({ compliance: text }).of("storage/versioned");
  expect(result?.decision).toMatchObject({ kind: "risk-acceptance", measure: "A day of copies is lost." });
});

test("the terminal shows who decided, and SARIF suppresses", () => {
  using folder = new TemporaryFolder({ "mail.tf": bucket, "compliance.yaml": waiver });
  const words = ["check", ".", "--as-of", "2026-11-25", "--rule", "storage/versioned"];
  const { stdout, exitCode } = runCommand(words, { folder: folder.path });
  expect(exitCode).toBe(0);
  expect(stdout).toContain("○ excepted");
  expect(stdout).toContain("D-1, waiver (compliance.yaml:2): The bucket holds copies");
  expect(stdout).toContain("approved by security officer on 2026-11-01, until 2026-12-01; owner operations");
  const sarif = JSON.parse(runCommand([...words, "--format", "sarif"], { folder: folder.path }).stdout) as {
    runs: { results: { kind: string; suppressions?: object[] }[] }[];
  };
  const [result] = sarif.runs[0]?.results ?? [];
  expect(result).toMatchObject({ kind: "fail", suppressions: [{ kind: "external", status: "accepted" }] });
});

describe("what is written wrong", () => {
  test("is said of each entry, and the others count", () => {
    const text = `${waiver}  - id: D-3
    kind: waiver
    rule: storage/backups
    scope: { everything: true }
    reason: "  "
    measure: None.
    owner: operations
    approver: security officer
    date: 2026-11-01
    expires: 2026-12-01
  - id: D-4
    kind: waiver
    rule: storage/backups
    control: 164.312(e)(1)
    scope: {}
    reason: Why.
    measure: None.
    owner: operations
    approver: "\t"
    date: 2026-11-01
    expires: 2026-12-01
records:
  - { id: one, kind: training, title: Training, date: 2026-11-01, nextDue: 2027-11-01, held: "https://records.example/1" }
`;
    const { of, report, codes } = run({ compliance: text });
    expect(verdicts(of("storage/versioned"))).toEqual(["excepted"]);
    expect(codes).toEqual(["compliance-invalid", "compliance-invalid", "compliance-invalid"]);
    expect(report.diagnostics.map(({ message, location }) => [message, location?.line])).toEqual([
      ["decisions.1.reason is empty. Write it out.", 16],
      [expect.stringMatching(/^decisions\.2\.(scope|approver) is empty/), expect.any(Number)],
      ['records.0 lacks "owner". Add it.', 34],
    ]);
    expect(of("records/training").map(({ verdict }) => verdict)).toEqual(["fail"]);
  });

  test("a rule and a control in one decision", () => {
    const { report } = run({
      compliance: waiver.replace("    scope", "    control: 164.312(e)(1)\n    scope"),
    });
    expect(report.diagnostics.map(({ message }) => message)).toEqual([
      "decisions.0 is about a rule or about a control, not both: keep one.",
    ]);
  });
});

describe("a decision that is not needed", () => {
  test("since another lifts the same says which", () => {
    const second = waiver.replace("decisions:\n", "").replace("D-1", "D-2");
    const { report } = run({ compliance: waiver + second });
    expect(report.diagnostics.map(({ message }) => message)).toEqual([
      "Decision D-2 lifts nothing: decision D-1 already lifts what is in its scope. Remove one of them.",
    ]);
  });

  test("under proposed editions alone is not to be removed", () => {
    expect(run({ compliance: waiver, words: ["--edition", "hipaa-nprm-2025"] }).codes).toEqual([]);
  });

  test("for a part of its scope says which", () => {
    const facts = run({
      compliance: waiver.replace("[aws_s3_bucket.mail]", "[aws_s3_bucket.mail, aws_s3_bucket.old]"),
    });
    expect(facts.report.diagnostics.map(({ message }) => message)).toEqual([
      "Decision D-1 names aws_s3_bucket.old, where there is nothing that it could lift. Take it out of its scope.",
    ]);
    const files = run({
      compliance: waiver.replace("facts: [aws_s3_bucket.mail]", 'files: ["infrastructure/", "old/"]'),
    });
    expect(files.codes).toEqual(["decision-wide"]);
  });
});
