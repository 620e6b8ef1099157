import { existsSync, mkdirSync, readdirSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { describe, expect, test } from "vitest";
import type { Report, Result } from "#engine/result.ts";
import { RepositoryFolder } from "./git/testing.ts";
import { runCommand, TemporaryFolder } from "./testing.ts";

const bucket = 'resource "aws_s3_bucket" "mail" {}\n';
const decision = `decisions:
  - id: D-1
    kind: waiver
    rule: storage/versioned
    scope: { facts: [aws_s3_bucket.mail] }
    reason: >
      The bucket holds copies
      that are made anew each night.
    measure: The originals are versioned.
    owner: operations
    approver: Ada Adams
    date: 2026-11-01
    expires: 2026-12-01
`;
const ada = "Ada Adams <ada@clinic.example>";
const ben = "Ben Brown <ben@clinic.example>";

/** A repository whose commits are made by whom a test says. */
class Repository extends RepositoryFolder {
  constructor(files: Readonly<Record<string, string>> = { "mail.tf": bucket }) {
    super(files);
  }

  commit(author: string, files: Readonly<Record<string, string>> = {}): void {
    for (const [name, text] of Object.entries(files)) this.write(name, text);
    this.git("add", "--all");
    this.git("commit", "--quiet", "--author", author, "--message", "change");
  }

  check(environment: Readonly<Record<string, string>> = {}) {
    return checkIn(this.path, environment);
  }
}

function checkIn(folder: string, environment: Readonly<Record<string, string>> = {}) {
  const words = ["check", ".", "--rule", "storage/versioned", "--as-of", "2026-11-25"];
  const { stdout } = runCommand([...words, "--format", "json"], { folder, environment });
  const report = JSON.parse(stdout) as Report;
  const [result] = report.results as [Result];
  return { result, codes: report.diagnostics.map(({ code }) => code) };
}

describe("nobody approves what they wrote, as the history in git shows", () => {
  test("a decision that its approver wrote lifts nothing, and says so", () => {
    using repository = new Repository();
    repository.commit(ada, { "compliance.yaml": decision });
    const { result, codes } = repository.check();
    expect(result.verdict).toBe("fail");
    expect(result.message).toContain(
      "Decision D-1 does not lift it: Ada Adams wrote it, as its history in git shows, and approved it.",
    );
    expect(codes).toEqual(["decision-self-approved"]);
  });

  test("one that somebody else wrote lifts, and says who", () => {
    using repository = new Repository();
    repository.commit(ben, { "compliance.yaml": decision });
    const { result, codes } = repository.check();
    expect([result.verdict, result.decision?.authorship, codes]).toEqual([
      "excepted",
      { authors: [ben] },
      [],
    ]);
    const { stdout } = runCommand(["check", ".", "--as-of", "2026-11-25"], { folder: repository.path });
    expect(stdout.replace(/\s+/g, " ")).toContain(`written by ${ben} (git)`);
  });

  test.each(["ADA ADAMS", "ada@clinic.example", "Ada Adams <ada@clinic.example>"])(
    "an approver named %s is the same person",
    (name) => {
      using repository = new Repository();
      repository.commit(ada, { "compliance.yaml": decision.replace("Ada Adams", name) });
      expect(repository.check().result.verdict).toBe("fail");
    },
  );

  test("the approver may write who approved and when, and nothing else", () => {
    using repository = new Repository();
    const draft = decision.replace("Ada Adams", "nobody yet").replace("2026-11-01", "2026-10-01");
    repository.commit(ben, { "compliance.yaml": draft });
    repository.commit(ada, { "compliance.yaml": decision });
    expect(repository.check().result.verdict).toBe("excepted");
    repository.commit(ada, { "compliance.yaml": decision.replace("each night", "each hour") });
    const { result } = repository.check();
    expect([result.verdict, result.message]).toEqual(["fail", expect.stringContaining("Ada Adams wrote it")]);
  });

  test("layout and line ends make nobody an author", () => {
    using repository = new Repository();
    repository.commit(ben, { "compliance.yaml": decision });
    repository.commit(ada, {
      "compliance.yaml": decision.replace(/^ {2}(?=.)/gm, "    ").replaceAll("\n", "\r\n"),
    });
    expect(repository.check().result.decision?.authorship).toEqual({ authors: [ben] });
  });

  test("a .mailmap does not make another person of an author", () => {
    using repository = new Repository();
    repository.commit(ada, { "compliance.yaml": decision, ".mailmap": `${ben} ${ada}\n` });
    expect(repository.check().result.verdict).toBe("fail");
  });

  test("a policy that lets approvers write does not ask", () => {
    using repository = new Repository();
    repository.commit(ada, {
      "compliance.yaml": `decisionPolicy: { approverMayBeAuthor: true }\n${decision}`,
    });
    const { result } = repository.check();
    expect([result.verdict, result.decision?.authorship]).toEqual(["excepted", undefined]);
  });

  test("a bundle keeps what the history said, and is evaluated again by it", () => {
    using repository = new Repository();
    repository.commit(ada, { "compliance.yaml": decision });
    const run = (...words: string[]) => runCommand(words, { folder: repository.path });
    using keys = new TemporaryFolder();
    const [key, trusted] = ["key.pem", "key.pub"].map((name) => join(keys.path, "own", name));
    run("evidence", "keys", "new", "--out", join(keys.path, "own"));
    const bundle = join(keys.path, "bundle.tar");
    expect(
      run("evidence", "build", ".", "--key", `${key}`, "--as-of", "2026-11-25", "-o", bundle).exitCode,
    ).toBe(0);
    const verified = run("evidence", "verify", bundle, "--trust", `${trusted}`, "--re-evaluate");
    expect([verified.exitCode, verified.stdout]).toEqual([
      0,
      expect.stringContaining("evaluated again: all"),
    ]);
  });
});

describe("where the history does not tell, that is said, and the decision counts", () => {
  const gap = (folder: string, environment?: Readonly<Record<string, string>>) => {
    const { result } = checkIn(folder, environment);
    return [result.verdict, result.decision?.authorship];
  };

  test("no repository", () => {
    using folder = new TemporaryFolder({ "mail.tf": bucket, "compliance.yaml": decision });
    expect(gap(folder.path)).toEqual([
      "excepted",
      { authors: [], notKnown: "this is no git repository that has a work tree" },
    ]);
    const { stdout } = runCommand(["check", ".", "--as-of", "2026-11-25"], { folder: folder.path });
    expect(stdout.replace(/\s+/g, " ")).toContain(
      "by whom it was written is not known: this is no git repository",
    );
  });

  test("no git", () => {
    using repository = new Repository();
    repository.commit(ada, { "compliance.yaml": decision });
    expect(gap(repository.path, { PATH: join(repository.path, "empty") })).toEqual([
      "excepted",
      { authors: [], notKnown: "git is not installed" },
    ]);
  });

  test("a repository without commits, and a file that is not committed", () => {
    using repository = new Repository({ "mail.tf": bucket, "compliance.yaml": decision });
    const notCommitted = ["excepted", { authors: [], notKnown: "the file is not committed" }];
    expect(gap(repository.path)).toEqual(notCommitted);
    repository.git("add", "mail.tf");
    repository.git("commit", "--quiet", "--message", "one");
    expect(gap(repository.path)).toEqual(notCommitted);
  });

  test("lines that are not committed yet", () => {
    using repository = new Repository();
    repository.commit(ben, { "compliance.yaml": decision });
    repository.write("compliance.yaml", decision.replace("versioned.", "versioned daily."));
    expect(gap(repository.path)).toEqual([
      "excepted",
      { authors: [ben], notKnown: "some of it is not committed" },
    ]);
  });

  test("a shallow clone, whose first commit seems to have written everything", () => {
    using repository = new Repository();
    repository.commit(ben, { "compliance.yaml": decision });
    repository.commit(ada, { "README.md": "Hello.\n" });
    using clone = new TemporaryFolder();
    repository.git("clone", "--quiet", "--depth", "1", `file://${repository.path}`, join(clone.path, "c"));
    expect(gap(join(clone.path, "c"))).toEqual([
      "excepted",
      { authors: [], notKnown: "the clone is shallow" },
    ]);
  });
});

test("nothing that a repository names is run, and nothing stays behind", () => {
  using repository = new Repository();
  repository.commit(ben, {
    "compliance.yaml": decision,
    ".gitattributes": "* filter=evil diff=evil\ncompliance.yaml text eol=lf\n",
  });
  const mark = join(repository.path, "ran");
  const evil = join(repository.path, "evil.sh");
  writeFileSync(evil, `#!/bin/sh\ntouch ${mark}\ncat\n`, { mode: 0o755 });
  const settings = {
    "core.fsmonitor": evil,
    "core.hooksPath": join(repository.path, "hooks"),
    "core.pager": evil,
    "core.sshCommand": evil,
    "core.gitProxy": evil,
    "core.askPass": evil,
    "filter.evil.clean": evil,
    "filter.evil.smudge": evil,
    "filter.evil.process": evil,
    "diff.evil.textconv": evil,
    "diff.external": evil,
    "alias.rev-parse": `!${evil}`,
    "alias.blame": `!${evil}`,
    "extensions.partialClone": "origin",
    "remote.origin.url": `ext::${evil}`,
    "remote.origin.promisor": "true",
    "protocol.ext.allow": "always",
  };
  for (const [name, value] of Object.entries(settings)) repository.git("config", name, value);
  mkdirSync(join(repository.path, "hooks"));
  for (const hook of ["post-checkout", "post-index-change", "fsmonitor-watchman", "reference-transaction"])
    writeFileSync(join(repository.path, "hooks", hook), `#!/bin/sh\ntouch ${mark}\n`, { mode: 0o755 });
  using temporary = new TemporaryFolder();
  const { result } = repository.check({ TMPDIR: temporary.path });
  expect(result.decision?.authorship).toEqual({ authors: [ben] });
  expect(existsSync(mark)).toBe(false);
  expect(readdirSync(temporary.path).filter((name) => name.startsWith("hipaa-check-git"))).toEqual([]);
  // The trap is armed: git as everybody runs it falls into it.
  repository.git("status");
  expect(existsSync(mark)).toBe(true);
});
