import { readFileSync } from "node:fs";
import { join } from "node:path";
import { describe, expect, test } from "vitest";
import type { Report } from "#engine/result.ts";
import { runCommand, TemporaryFolder } from "./testing.ts";

const compliance = `# Decisions of the mail team.
decisions:
  - id: D-1 # see the ticket
    kind: waiver
    rule: storage/versioned
    scope: { facts: [aws_s3_bucket.mail] }
    reason: Copies are made anew each night.
    measure: The originals are versioned.
    owner: operations
    approver: security officer
    date: 2026-11-01

    expires: 2026-12-01 # before the freeze
  - id: D-2
    kind: addressable
    rule: mail/outbound-tls
    scope: { files: [main.cf] }
    reason: The partner has no TLS.
    assessment: Not reasonable on a leased line.
    alternative: The line is encrypted.
    owner: operations
    approver: security officer
    date: 2026-11-01
    review: 2026-12-01
`;

class Project extends TemporaryFolder {
  constructor(text = compliance) {
    super({
      "mail.tf": 'resource "aws_s3_bucket" "mail" {}\n',
      "main.cf": "smtp_tls_security_level = may\nmaillog_file = /var/log/mail\n",
      "master.cf": "smtp      unix  -       -       n       -       -       smtp\n",
      "compliance.yaml": text,
    });
  }

  renew(id: string, ...words: string[]) {
    const all = ["decide", "renew", id, ".", "--as-of", "2026-11-28", "--approver", "new officer", ...words];
    return runCommand(all, { folder: this.path });
  }

  text(): string {
    return readFileSync(join(this.path, "compliance.yaml"), "utf8");
  }

  verdicts(rule: string, asOf: string): string[] {
    const words = ["check", ".", "--format", "json", "--rule", rule, "--as-of", asOf];
    return (JSON.parse(runCommand(words, { folder: this.path }).stdout) as Report).results.map(
      ({ verdict }) => verdict,
    );
  }
}

describe("decide renew", () => {
  test("changes the day, the approver and the last day of one decision, and no other character", () => {
    using project = new Project();
    const { exitCode, stdout } = project.renew("D-1", "--expires", "2027-06-01");
    expect([exitCode, stdout]).toEqual([
      0,
      "compliance.yaml: waiver D-1 lifts storage/versioned until 2027-06-01\n  aws_s3_bucket.mail (mail.tf:1)\n",
    ]);
    const [, first = "", second = ""] = compliance.split("- id:");
    const renewed = first
      .replace("security officer", "new officer")
      .replace("2026-11-01", "2026-11-28")
      .replace("2026-12-01", "2027-06-01");
    expect(project.text()).toBe(`${compliance.split("- id:")[0]}- id:${renewed}- id:${second}`);
    expect(project.verdicts("storage/versioned", "2027-05-01")).toEqual(["excepted"]);
  });

  test("takes another reason, and an author who was not named before", () => {
    using project = new Project();
    const words = ["--review", "2027-06-01", "--reason", 'Still: "no" TLS.', "--author", "mail team"];
    expect(project.renew("D-2", ...words).exitCode).toBe(0);
    expect(project.text()).toContain("# before the freeze");
    expect(project.text()).toContain("author: mail team");
    expect(new Set(project.verdicts("mail/outbound-tls", "2027-05-01"))).toEqual(new Set(["excepted"]));
  });

  test("brings one back that has ended", () => {
    using project = new Project(compliance.replaceAll("2026-12-01", "2026-11-20"));
    expect(project.verdicts("storage/versioned", "2026-11-28")).toEqual(["fail"]);
    expect(project.renew("D-1", "--expires", "2027-06-01").exitCode).toBe(0);
    expect(project.verdicts("storage/versioned", "2026-11-28")).toEqual(["excepted"]);
  });

  test.each([
    ["D-9", ["--expires", "2027-06-01"], "There is no decision D-9 here. There are: D-1, D-2."],
    ["D-1", [], "give its new last day with --expires"],
    ["D-2", ["--expires", "2027-06-01"], "give its new last day with --review"],
    ["D-1", ["--expires", "2026-11-30"], "lasts until 2026-12-01 already"],
    ["D-1", ["--expires", "2029-06-01"], "longer than the 366 days"],
    ["D-1", ["--expires", "2027-06-01", "--author", "New Officer"], "wrote it and approved it"],
    ["D-1", ["--expires", "2027-06-01", "--reason", " "], "--reason is empty"],
  ])("refuses, and writes nothing: %s %j", (id, words, why) => {
    using project = new Project();
    expect(project.renew(id, ...words)).toMatchObject({ exitCode: 2, stderr: expect.stringContaining(why) });
    expect(project.text()).toBe(compliance);
  });

  test("does not renew what lifts nothing any more", () => {
    using project = new Project(compliance.replace("[aws_s3_bucket.mail]", "[aws_s3_bucket.old]"));
    expect(project.renew("D-1", "--expires", "2027-06-01")).toMatchObject({
      exitCode: 2,
      stderr: expect.stringContaining("lifts nothing here"),
    });
  });
});
