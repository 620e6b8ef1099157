import { chmodSync, existsSync, readdirSync, readFileSync, statSync, symlinkSync } from "node:fs";
import { join } from "node:path";
import { describe, expect, test } from "vitest";
import type { Report, Result } from "#engine/result.ts";
import { runCommand, TemporaryFolder } from "./testing.ts";

const buckets = 'resource "aws_s3_bucket" "mail" {}\n\nresource "aws_s3_bucket" "copies" {}\n';
const relay = "smtp_tls_security_level = may\nmaillog_file = /var/log/mail\n";
const services = "smtp      unix  -       -       n       -       -       smtp\n";
const asOf = ["--as-of", "2026-11-25"];

const about = ["--rule", "storage/versioned", "--fact", "aws_s3_bucket.mail"];
const people = ["--owner", "operations", "--approver", "security officer"];
const waiver = [
  ...["--kind", "waiver", "--reason", "Copies are made anew.", "--measure", "The originals are versioned."],
  ...["--expires", "2026-12-01", ...people],
];

class Project extends TemporaryFolder {
  constructor(files: Readonly<Record<string, string>> = {}) {
    super({
      "infrastructure/mail.tf": buckets,
      "mail/main.cf": relay,
      "mail/master.cf": services,
      ...files,
    });
  }

  decide(...words: string[]) {
    const { stderr, ...rest } = runCommand(["decide", ...words, ...asOf], { folder: this.path });
    return { ...rest, stderr: stderr.replace(/^hipaa-check: .* …\n/gm, "") };
  }

  results(rule: string, day = "2026-11-25"): Result[] {
    const words = ["check", ".", "--format", "json", "--rule", rule, "--as-of", day];
    return (JSON.parse(runCommand(words, { folder: this.path }).stdout) as Report).results.slice();
  }

  text(name = "compliance.yaml"): string {
    return readFileSync(join(this.path, name), "utf8");
  }

  /** Everything that lies in it. */
  names(): string[] {
    return readdirSync(this.path, { recursive: true, encoding: "utf8" }).sort();
  }
}

const byFact = (results: readonly Result[]) =>
  Object.fromEntries(results.map(({ fact, verdict }) => [fact.id, verdict]));

describe("decide writes a decision that lifts what was named, and nothing else", () => {
  test("by rule and thing, into a new file", () => {
    using project = new Project();
    const { exitCode, stdout, stderr } = project.decide(".", ...about, ...waiver);
    expect({ exitCode, stderr }).toEqual({ exitCode: 0, stderr: "" });
    expect(stdout).toBe(
      "compliance.yaml: waiver D-1 lifts storage/versioned until 2026-12-01\n  aws_s3_bucket.mail (infrastructure/mail.tf:1)\n",
    );
    const results = project.results("storage/versioned");
    expect(byFact(results)).toEqual({ "aws_s3_bucket.mail": "excepted", "aws_s3_bucket.copies": "fail" });
    expect(results.find(({ verdict }) => verdict === "excepted")?.decision).toMatchObject({
      id: "D-1",
      kind: "waiver",
      reason: "Copies are made anew.",
      measure: "The originals are versioned.",
      owner: "operations",
      approver: "security officer",
      date: "2026-11-25",
      until: "2026-12-01",
    });
    expect(byFact(project.results("storage/versioned", "2026-12-02"))["aws_s3_bucket.mail"]).toBe("fail");
  });

  test("by fingerprint, beside those that are there, with comments kept", () => {
    using project = new Project({
      "compliance.yaml": "# Kept by the security officer.\ndecisions: # newest last\n",
    });
    const [, mail] = project.results("storage/versioned").sort((a, b) => (a.fact.id < b.fact.id ? -1 : 1));
    expect(project.decide(".", `--finding=${mail?.fingerprint}`, ...waiver).exitCode).toBe(0);
    const second = ["--rule", "storage/versioned", "--path", "infrastructure/*.tf"];
    expect(project.decide(".", ...second, "--fact", "aws_s3_bucket.copies", ...waiver).exitCode).toBe(0);
    expect(project.text()).toMatch(/^# Kept by the security officer\.\ndecisions: # newest last\n/);
    expect(project.results("storage/versioned").map(({ fact, decision }) => [fact.id, decision?.id])).toEqual(
      [
        ["aws_s3_bucket.mail", "D-1"],
        ["aws_s3_bucket.copies", "D-2"],
      ],
    );
  });

  test("about an addressable specification, and about a risk", () => {
    using project = new Project();
    const leased = [
      ...["--kind", "addressable", "--reason", "The partner has no TLS.", "--review", "2027-05-01"],
      ...["--assessment", "The line is a leased one.", "--alternative", "The line is encrypted.", ...people],
    ];
    const written = project.decide("mail", "--rule", "mail/outbound-tls", "--fact", "smtp/unix", ...leased);
    expect(written.stderr).toBe("");
    expect(project.text("mail/compliance.yaml")).toContain("review: 2027-05-01");
    const risk = [
      "--kind",
      "risk-acceptance",
      "--residual-risk",
      "A day of copies.",
      "--expires",
      "2027-01-01",
    ];
    expect(project.decide(".", ...about, ...risk, "--reason", "Cheap.", ...people).exitCode).toBe(0);
    expect(byFact(project.results("mail/outbound-tls"))["smtp/unix"]).toBe("excepted");
    expect(byFact(project.results("storage/versioned"))["aws_s3_bucket.mail"]).toBe("excepted");
  });

  test("into a file that is included, under the names that paths really have", () => {
    using project = new Project({
      "a [b]/*.tf": buckets,
      "a [b]/x.tf": 'resource "aws_s3_bucket" "extra" {}\n',
      "compliance.yaml": "include: [decisions/autumn.yaml]\n",
      "decisions/autumn.yaml": "decisions: []\n",
    });
    const words = [
      "--rule",
      "storage/versioned",
      "--path",
      "/a \\[b\\]/\\*.tf",
      "--fact",
      "aws_s3_bucket.mail",
    ];
    const { exitCode, stderr } = project.decide(".", ...words, ...waiver, "--into", "decisions/autumn.yaml");
    expect({ exitCode, stderr }).toEqual({ exitCode: 0, stderr: "" });
    const lifted = project.results("storage/versioned").filter(({ verdict }) => verdict === "excepted");
    expect(lifted.map(({ location }) => location.file)).toEqual(["a [b]/*.tf"]);
  });

  test("through a link and with the permissions that the file has", () => {
    using project = new Project({ "decisions/real.yaml": "records: []\n" });
    chmodSync(join(project.path, "decisions/real.yaml"), 0o640);
    symlinkSync("decisions/real.yaml", join(project.path, "compliance.yaml"));
    expect(project.decide(".", ...about, ...waiver).stderr).toBe("");
    expect(project.text("decisions/real.yaml")).toContain("id: D-1");
    expect(statSync(join(project.path, "decisions/real.yaml")).mode & 0o777).toBe(0o640);
  });
});

describe("what would not lift the finding is refused in one line, and nothing is written", () => {
  const secret = 'resource "aws_db_instance" "a" {\n  password = "Lakeside2019!"\n}\n';
  const without = (flag: string): string[] => {
    const at = waiver.indexOf(flag);
    return [...waiver.slice(0, at), ...waiver.slice(at + 2)];
  };
  const refused: Readonly<
    Record<string, { words: string[]; said: RegExp; files?: Readonly<Record<string, string>> }>
  > = {
    "no finding named": { words: waiver, said: /Name what it is about/ },
    "a rule that is not there": { words: ["--rule", "a/b", ...waiver], said: /there is no such rule/ },
    "a fingerprint that nothing has": {
      words: ["--finding=xyz", ...waiver],
      said: /no result has this fingerprint/,
    },
    "several things, none named": {
      words: ["--rule", "storage/versioned", ...waiver],
      said: /2 things fail storage\/versioned here: aws_s3_bucket\.mail, aws_s3_bucket\.copies/,
    },
    "a thing that is not there": {
      words: ["--rule", "storage/versioned", "--fact", "x", ...waiver],
      said: /has no result about it here/,
    },
    "nothing that fails": {
      words: ["--rule", "storage/versioned", "--path", "mail/", ...waiver],
      said: /nothing fails here/,
    },
    "a proposed edition alone": {
      words: [...about, ...waiver, "--edition", "hipaa-nprm-2025"],
      said: /needs no decisions/,
    },
    "a missing measure": { words: [...about, ...without("--measure")], said: /a waiver needs --measure\./ },
    "a missing end": { words: [...about, ...without("--expires")], said: /a waiver needs --expires\./ },
    "a missing approver": {
      words: [...about, ...without("--approver")],
      said: /Missing required flag approver/,
    },
    "an empty reason": {
      words: [...about, ...without("--reason"), "--reason", " "],
      said: /--reason is empty/,
    },
    "what belongs to another kind": {
      words: [...about, ...waiver, "--alternative", "x"],
      said: /--alternative does not belong to a waiver/,
    },
    "an end that is no day": {
      words: [...about, ...without("--expires"), "--expires", "2026-02-30"],
      said: /--expires 2026-02-30: this is no day/,
    },
    "an end beyond what the policy grants": {
      words: [...about, ...without("--expires"), "--expires", "2027-11-27"],
      said: /lasts longer than the 366 days/,
    },
    "an end beyond what the own policy grants": {
      words: [...about, ...waiver],
      files: { "compliance.yaml": "decisionPolicy: { longestWaiverDays: 5 }\n" },
      said: /lasts longer than the 5 days/,
    },
    "an end before the beginning": {
      words: [...about, ...without("--expires"), "--expires", "2026-11-24"],
      said: /before it was made/,
    },
    "an author who approves": {
      words: [...about, ...waiver, "--author", "Security Officer"],
      said: /security officer wrote it and approved it/,
    },
    "a rule that cannot be waived": {
      words: ["--rule", "secrets/no-literal-secret", ...waiver],
      files: { "infrastructure/db.tf": secret },
      said: /findings of secrets\/no-literal-secret cannot be lifted/,
    },
    "a paragraph that is not addressable": {
      words: [
        ...[...about, "--kind", "addressable", "--reason", "x", "--assessment", "x", "--alternative", "x"],
        ...["--review", "2027-01-01", ...people],
      ],
      said: /addressable/,
    },
    "an id that is taken": {
      words: [...about, ...waiver, "--id", "D-1"],
      files: {
        "compliance.yaml":
          'decisions:\n  - { id: D-1, kind: waiver, rule: storage/backups, scope: { everything: true }, reason: a, measure: b, owner: c, approver: d, date: "2026-11-01", expires: "2026-12-01" }\n',
      },
      said: /already a decision D-1/,
    },
    "an id that is none": {
      words: [...about, ...waiver, "--id", "D 1"],
      said: /decisions\.0\.id must match/,
    },
    "a file that is no YAML": {
      words: [...about, ...waiver],
      files: { "compliance.yaml": "decisions: [\n" },
      said: /compliance\.yaml cannot be extended/,
    },
    "a file with another mistake": {
      words: [...about, ...waiver],
      files: { "compliance.yaml": "decisons: []\n" },
      said: /compliance\.yaml:1:1: Unknown key or keyword "decisons"/,
    },
    "a file that nothing includes": {
      words: [...about, ...waiver, "--into", "other.yaml"],
      files: { "compliance.yaml": "records: []\n" },
      said: /no compliance\.yaml includes other\.yaml/,
    },
    "a file of another format": {
      words: [...about, ...waiver, "--into", "infrastructure/mail.tf"],
      said: /infrastructure\/mail\.tf/,
    },
    "a file outside the paths": {
      words: [...about, ...waiver, "--into", "../compliance.yaml"],
      said: /outside the paths that are checked/,
    },
    "a folder that is not there": {
      words: [...about, ...waiver, "--into", "infrastructure/none/autumn.yaml"],
      files: { "infrastructure/compliance.yaml": "include: [none/autumn.yaml]\n" },
      said: /the folder infrastructure\/none does not exist/,
    },
    "a file that lies beside the finding": {
      words: [...about, ...waiver, "--into", "mail/compliance.yaml"],
      said: /infrastructure\/mail\.tf lies outside mail/,
    },
  };

  test.each(Object.entries(refused))("%s", (_name, { words, said, files }) => {
    using project = new Project(files);
    const before = project.names();
    const { exitCode, stdout, stderr } = project.decide(".", ...words);
    expect(stderr).toMatch(said);
    expect(stderr.trimEnd().split("\n")).toHaveLength(1);
    expect({ exitCode, stdout }).toEqual({ exitCode: 2, stdout: "" });
    expect(project.names()).toEqual(before);
    for (const [name, text] of Object.entries(files ?? {})) expect(project.text(name)).toBe(text);
  });

  test("a single file as PATH, since no decision would be read beside it", () => {
    using project = new Project();
    const { exitCode, stderr } = project.decide("infrastructure/mail.tf", ...about, ...waiver);
    expect({ exitCode, stderr }).toEqual({
      exitCode: 2,
      stderr: expect.stringMatching(/in a folder that is checked\. Give the folder as PATH/),
    });
    expect(existsSync(join(project.path, "infrastructure/compliance.yaml"))).toBe(false);
  });

  test("what a decision lifts already", () => {
    using project = new Project();
    project.decide(".", ...about, ...waiver);
    const text = project.text();
    const { exitCode, stderr } = project.decide(".", ...about, ...waiver);
    expect({ exitCode, stderr }).toEqual({
      exitCode: 2,
      stderr: expect.stringMatching(/decision D-1 \(compliance\.yaml:3\) does so until 2026-12-01/),
    });
    expect(project.text()).toBe(text);
  });
});
