import { execFileSync } from "node:child_process";
import { existsSync, readdirSync, rmSync } from "node:fs";
import { join } from "node:path";
import { expect, test } from "vitest";
import type { Report } from "#engine/result.ts";
import { RepositoryFolder } from "./git/testing.ts";
import { runCommand, TemporaryFolder } from "./testing.ts";

const relay = (level: string): string => `compatibility_level = 3.6\nsmtp_tls_security_level = ${level}\n`;
const master = "smtp      unix  -       -       n       -       -       smtp\n";
const database = (name: string): string =>
  `resource "aws_db_instance" "${name}" {\n  engine = "postgres"\n}\n`;
const rule = ["--rule", "mail/outbound-tls"];

class Repository extends RepositoryFolder {
  constructor(files: Readonly<Record<string, string>>) {
    super(files);
    this.commit();
  }

  commit(files: Readonly<Record<string, string>> = {}): void {
    for (const [name, text] of Object.entries(files)) this.write(name, text);
    this.git("add", "--all");
    this.git("commit", "--quiet", "--message", "change");
  }

  /** What is reported as failing, and the exit code. */
  since(ref: string, words: readonly string[] = ["."], folder = this.path) {
    const run = runCommand(["check", ...words, "--changed-since", ref, "--format", "json"], { folder });
    const report = run.stdout === "" ? undefined : (JSON.parse(run.stdout) as Report);
    const failing = report?.results
      .filter(({ verdict }) => verdict === "fail")
      .map(({ rule: id, location, fact }) => `${id} ${location.file} ${fact.id}`)
      .toSorted();
    return { exitCode: run.exitCode, stderr: run.stderr, report, failing };
  }
}

const old = { "relay/main.cf": relay("may"), "relay/master.cf": master, "db.tf": database("patients") };

test("what was there before is not reported, and a gate that finds nothing new is green", () => {
  using repository = new Repository(old);
  const before = repository.since("HEAD");
  expect(before).toMatchObject({ exitCode: 0, failing: [], stderr: "" });
  repository.write("relay/main.cf", `# one line more\n${relay("may")}`);
  expect(repository.since("HEAD")).toMatchObject({ exitCode: 0, failing: [] });
  expect(runCommand(["check", "."], { folder: repository.path }).exitCode).toBe(1);
});

test("a new file, another thing in an old file and a setting that got worse are each reported alone", () => {
  using repository = new Repository({ ...old, "relay/main.cf": relay("encrypt") });
  repository.write("relay/main.cf", relay("may"));
  expect(repository.since("HEAD", [".", ...rule])).toMatchObject({
    exitCode: 1,
    failing: ["mail/outbound-tls relay/main.cf smtp/unix"],
  });
  repository.write("relay/main.cf", relay("encrypt"));
  repository.write("db.tf", database("patients") + database("appointments"));
  const another = repository.since("HEAD", [".", "--rule", "storage/encrypted-at-rest"]);
  expect(another.failing).toEqual(["storage/encrypted-at-rest db.tf aws_db_instance.appointments"]);
  repository.write("db.tf", database("patients"));
  repository.write("new/db.tf", database("patients"));
  const fresh = repository.since("HEAD", [".", "--rule", "storage/encrypted-at-rest"]);
  expect(fresh.failing).toEqual(["storage/encrypted-at-rest new/db.tf aws_db_instance.patients"]);
});

test("everything that a verdict needs is evaluated: a change elsewhere shows where it takes effect", () => {
  using repository = new Repository({
    "main.tf": 'variable "safe" {}\nresource "aws_db_instance" "a" {\n  storage_encrypted = var.safe\n}\n',
    "terraform.tfvars": "safe = true\n",
  });
  repository.write("terraform.tfvars", "safe = false\n");
  const words = [".", "--rule", "storage/encrypted-at-rest"];
  expect(repository.since("HEAD", words).failing).toEqual([
    "storage/encrypted-at-rest main.tf aws_db_instance.a",
  ]);
});

test("a file that a flag names counts as it was then", () => {
  using repository = new Repository({
    "main.tf": 'variable "safe" {}\nresource "aws_db_instance" "a" {\n  storage_encrypted = var.safe\n}\n',
    "stage/values.tfvars": "safe = true\n",
  });
  repository.write("stage/values.tfvars", "safe = false\n");
  const words = [".", "--rule", "storage/encrypted-at-rest", "--var-file", "stage/values.tfvars"];
  expect(repository.since("HEAD", words)).toMatchObject({ exitCode: 1 });
  repository.commit();
  expect(repository.since("HEAD", words)).toMatchObject({ exitCode: 0, failing: [] });
});

test("a decision that went is a change: the finding that it lifted is back", () => {
  const decision = `decisions:
  - id: D-1
    kind: risk-acceptance
    rule: mail/outbound-tls
    scope: { files: ["relay/"] }
    reason: The partner has no TLS until spring.
    residualRisk: Whoever taps the line reads appointments.
    owner: operations
    author: mail team
    approver: security officer
    date: 2026-11-01
    expires: 2027-05-01
`;
  using repository = new Repository({ ...old, "compliance.yaml": decision });
  rmSync(join(repository.path, "compliance.yaml"));
  expect(repository.since("HEAD", [".", ...rule, "--as-of", "2026-11-25"]).failing).toHaveLength(1);
});

test("a decision that its approver wrote lifted nothing before either", () => {
  const decision = `decisions:
  - id: D-1
    kind: risk-acceptance
    rule: mail/outbound-tls
    scope: { files: ["relay/"] }
    reason: The partner has no TLS until spring.
    residualRisk: Whoever taps the line reads appointments.
    owner: operations
    approver: Test
    date: 2026-11-01
    expires: 2027-05-01
`;
  using repository = new Repository({
    ...old,
    "a/compliance.yaml": decision,
    "a/relay/main.cf": relay("may"),
  });
  const day = ["--as-of", "2026-11-25"];
  const folder = join(repository.path, "a");
  expect(repository.since("HEAD", [".", ...rule, ...day], folder)).toMatchObject({
    exitCode: 0,
    failing: [],
  });
  repository.git("config", "user.name", "Another");
  repository.write("a/compliance.yaml", decision.replace("Test", "security officer"));
  repository.git("commit", "--quiet", "--all", "--message", "approved by somebody else");
  const lifted = repository.since("HEAD~1", [".", ...rule, ...day], folder);
  expect(lifted).toMatchObject({ exitCode: 0, failing: [] });
  expect(lifted.report?.results.map(({ verdict }) => verdict)).toContain("excepted");
});

test("the state is that at which the work parted: what others did since is not this change", () => {
  using repository = new Repository({ "relay/main.cf": relay("may"), "relay/master.cf": master });
  repository.git("switch", "--quiet", "--create", "work");
  repository.commit({ "db.tf": database("patients") });
  repository.git("switch", "--quiet", "main");
  repository.commit({ "relay/main.cf": relay("encrypt") });
  repository.git("switch", "--quiet", "work");
  const { failing } = repository.since("main");
  expect(failing?.length).toBeGreaterThan(0);
  expect(failing?.filter((line) => !line.includes(" db.tf "))).toEqual([]);
});

test("a folder below the top of the repository is held against itself", () => {
  using repository = new Repository({ "a/relay/main.cf": relay("may"), "a/relay/master.cf": master });
  const folder = join(repository.path, "a");
  expect(repository.since("HEAD", ["relay"], folder)).toMatchObject({ exitCode: 0, failing: [] });
  repository.write("a/relay/more/main.cf", relay("may"));
  repository.write("a/relay/more/master.cf", master);
  expect(repository.since("HEAD", ["relay", ...rule], folder).failing).toEqual([
    "mail/outbound-tls relay/more/main.cf smtp/unix",
  ]);
  repository.write("b/main.cf", relay("may"));
  repository.write("b/master.cf", master);
  const fresh = repository.since("HEAD", [".", ...rule], join(repository.path, "b"));
  expect(fresh.failing).toEqual(["mail/outbound-tls main.cf smtp/unix"]);
});

test("what cannot be read is an error, changed or not", () => {
  using repository = new Repository({ ...old, "broken.tf": "resource {\n" });
  expect(repository.since("HEAD")).toMatchObject({ exitCode: 3, failing: [] });
});

test("where the configuration of then cannot be used, everything counts as changed, and that is said", () => {
  using repository = new Repository({ ...old, "hipaa-check.yaml": "editions: [no-such-edition]\n" });
  rmSync(join(repository.path, "hipaa-check.yaml"));
  const { exitCode, failing, stderr } = repository.since("HEAD", [".", ...rule]);
  expect([exitCode, failing?.length]).toEqual([1, 1]);
  expect(stderr).toContain("the files of then could not be judged, so everything counts as changed");
});

test("nothing that the repository configures is run, and nothing is left behind", () => {
  using repository = new Repository({ ...old, ".gitattributes": "* filter=evil\n" });
  const mark = join(repository.path, "..", "evil-was-here");
  repository.git("config", "filter.evil.smudge", `touch ${mark}`);
  repository.git("config", "core.fsmonitor", `touch ${mark}`);
  const temporary = new TemporaryFolder({});
  using _ = temporary;
  const run = runCommand(["check", ".", "--changed-since", "HEAD"], {
    folder: repository.path,
    environment: { TMPDIR: temporary.path },
  });
  const left = readdirSync(temporary.path).filter((name) => name !== "node-compile-cache");
  expect([run.exitCode, existsSync(mark), left]).toEqual([0, false, []]);
});

test.each([
  ["a name that git does not know", "no-such-branch", "git knows no such commit here."],
  ["words that look like a flag of git", "--output=x", "git knows no such commit here."],
])("%s is one clear error", (_, ref, words) => {
  using repository = new Repository(old);
  const { exitCode, stderr, stdout } = runCommand(["check", ".", `--changed-since=${ref}`], {
    folder: repository.path,
  });
  expect([exitCode, stdout, stderr.split("\n").at(-2)]).toEqual([
    2,
    "",
    `hipaa-check: --changed-since ${ref}: ${words}`,
  ]);
});

test("a folder outside any repository, a history with nothing in common and a shallow clone are each said", () => {
  using plain = new TemporaryFolder(old);
  const outside = runCommand(["check", ".", "--changed-since", "HEAD"], { folder: plain.path });
  expect([outside.exitCode, outside.stderr]).toEqual([
    2,
    expect.stringContaining("this is no git repository"),
  ]);
  using repository = new Repository(old);
  repository.commit({ "db.tf": database("more") });
  repository.git("checkout", "--quiet", "--orphan", "other");
  repository.git("commit", "--quiet", "--message", "other");
  expect(repository.since("main").stderr).toContain("it has no commit in common with HEAD.");
  repository.git("switch", "--quiet", "--force", "main");
  using shallow = new TemporaryFolder({});
  execFileSync("git", ["clone", "--quiet", "--depth", "1", `file://${repository.path}`, "clone"], {
    cwd: shallow.path,
    stdio: "pipe",
  });
  const cut = runCommand(["check", ".", "--changed-since", "HEAD~1"], {
    folder: join(shallow.path, "clone"),
  });
  expect([cut.exitCode, cut.stderr]).toEqual([2, expect.stringContaining("The clone is shallow")]);
});
