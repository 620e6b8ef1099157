import { spawnSync } from "node:child_process";
import { createHash, generateKeyPairSync } from "node:crypto";
import {
  chmodSync,
  cpSync,
  existsSync,
  mkdirSync,
  readdirSync,
  readFileSync,
  renameSync,
  rmSync,
  statSync,
  symlinkSync,
  writeFileSync,
} from "node:fs";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { binary, runCommand, TemporaryFolder } from "#cli/testing.ts";
import type { Report } from "#engine/result.ts";
import { type FactsFile, formatFactsFile } from "#facts/facts-file.ts";
import type { BundleDifference } from "./compare/diff.ts";

const root = fileURLToPath(new URL("../..", import.meta.url));
const clinic = join(root, "docs/examples/clinic");
const epoch = "1795600000";

const work = new TemporaryFolder();
let fingerprint = "";
const key = join(work.path, "keys/key.pem");

beforeAll(() => {
  const { stdout } = runCommand(["evidence", "keys", "new", "--out", join(work.path, "keys")], {
    folder: work.path,
  });
  fingerprint = /fingerprint\s+([0-9a-f]{64})/.exec(stdout)?.[1] ?? "";
});

afterAll(() => work[Symbol.dispose]());

interface BuildOptions {
  readonly folder?: string;
  readonly environment?: Record<string, string>;
  readonly words?: readonly string[];
}

/** Builds a bundle and gives its path. */
function build(name: string, paths: readonly string[], options: BuildOptions = {}): string {
  const output = join(work.path, name);
  const { exitCode, stderr } = runCommand(
    ["evidence", "build", ...paths, "--key", key, "-o", output, ...(options.words ?? [])],
    {
      folder: options.folder ?? root,
      environment: { SOURCE_DATE_EPOCH: epoch, ...options.environment },
    },
  );
  expect(stderr.replace(/^hipaa-check: .* …\n/gm, "")).toBe("");
  expect(exitCode).toBe(0);
  return output;
}

function verify(bundle: string, ...words: string[]) {
  return runCommand(["evidence", "verify", bundle, ...words], { folder: work.path });
}

function digest(path: string): string {
  return createHash("sha256").update(readFileSync(path)).digest("hex");
}

describe("the same inputs give the same bytes", () => {
  test("on different folders, locales, time zones, umasks and orders of directory entries", () => {
    const first = digest(build("first.tar", [clinic]));
    const copy = join(work.path, "deeper/another name/copy");
    mkdirSync(copy, { recursive: true });
    // The entries of the copy are made in the opposite order, so that the file system lists them in another one.
    const files = (readdirSync(clinic, { recursive: true }) as string[]).sort().reverse();
    for (const file of files) {
      if (!statSync(join(clinic, file)).isFile()) continue;
      mkdirSync(join(copy, file, ".."), { recursive: true });
      cpSync(join(clinic, file), join(copy, file));
      chmodSync(join(copy, file), 0o600);
    }
    const others = [
      build("second.tar", ["."], {
        folder: copy,
        environment: { TZ: "Pacific/Kiritimati", LC_ALL: "tr_TR.UTF-8", LANG: "tr_TR.UTF-8" },
      }),
      build("third.tar", [copy], { folder: "/", environment: { TZ: "America/St_Johns" } }),
    ];
    for (const other of others) expect(digest(other)).toBe(first);
    const script = `umask 0777; umask 077; exec "${process.execPath}" "${binary}" evidence build . --key "${key}" -o "${join(work.path, "fourth.tar")}"`;
    const { status } = spawnSync("sh", ["-c", script], {
      cwd: copy,
      env: { ...process.env, SOURCE_DATE_EPOCH: epoch, NO_COLOR: "1" },
    });
    expect(status).toBe(0);
    expect(digest(join(work.path, "fourth.tar"))).toBe(first);
  });

  test("and the bundle holds neither the folder's name nor its position", () => {
    const hidden = join(work.path, "very-secret-client");
    cpSync(clinic, hidden, { recursive: true });
    const bundle = readFileSync(build("position.tar", [hidden]));
    expect(bundle.includes("very-secret-client")).toBe(false);
    expect(bundle.includes(work.path)).toBe(false);
  });
});

describe("facts from elsewhere", () => {
  const relay = { "relay/main.cf": "smtp_tls_security_level = encrypt\n" };
  const seen = {
    producer: "test",
    recordedAt: "2026-11-01T09:00:00Z",
    evidence: "probe",
    facts: [{ kind: "mail.route", id: "relay", attributes: { "tls.mode": { value: "opportunistic" } } }],
  } as const;

  function agreement(configuration: string, extra: Pick<FactsFile, "configurationFiles"> = {}) {
    using folder = new TemporaryFolder({
      ...relay,
      "facts/probe.facts.json": formatFactsFile({ ...seen, configuration, ...extra }),
    });
    const bundle = build("agreement", ["relay"], {
      folder: folder.path,
      words: ["--folder", "--facts", "facts/probe.facts.json"],
    });
    const verified = verify(bundle, "--trust", fingerprint, "--re-evaluate");
    const report = JSON.parse(readFileSync(join(bundle, "results/report.json"), "utf8")) as Report;
    rmSync(bundle, { recursive: true });
    return { report, verified };
  }

  test("are held against the configuration that they are about, in the bundle and when it is evaluated again", () => {
    const { report, verified } = agreement("../relay");
    expect(report.results.filter(({ rule }) => rule === "probe/agrees-with-configuration")).toMatchObject([
      { verdict: "fail", location: { file: "main.cf", line: 1 } },
    ]);
    expect([verified.exitCode, verified.stderr]).toEqual([0, ""]);
  });

  test("about a file whose secrets are masked in the bundle count when it is evaluated again", () => {
    const mailer =
      'import nodemailer from "nodemailer";\n' +
      'export const mail = nodemailer.createTransport({ host: "a.example", auth: { user: "a", pass: "Lakeside2019!" } });\n';
    const configurationFiles = { ".": createHash("sha256").update(mailer).digest("hex") };
    using folder = new TemporaryFolder({
      "mailer/mail.ts": mailer,
      "probe.facts.json": formatFactsFile({ ...seen, configuration: "mailer/mail.ts", configurationFiles }),
    });
    const bundle = build("masked.tar", ["mailer"], {
      folder: folder.path,
      words: ["--facts", "probe.facts.json"],
    });
    expect(readFileSync(bundle, "utf8")).not.toContain("Lakeside2019!");
    const { exitCode, stdout } = verify(bundle, "--trust", fingerprint, "--re-evaluate");
    expect(exitCode).toBe(0);
    expect(stdout).toMatch(/all \d+ verdicts were found again/);
  });

  test("about something that is not in the bundle are held against nothing", () => {
    const { report, verified } = agreement("relay");
    expect(report.results.some(({ rule }) => rule === "probe/agrees-with-configuration")).toBe(false);
    expect(verified.exitCode).toBe(0);
  });

  test("about a configuration that has changed since are an error in the bundle, and not used", () => {
    const { report } = agreement("../relay", { configurationFiles: { "main.cf": "0".repeat(64) } });
    expect(report.diagnostics.map(({ code }) => code)).toEqual(["facts-outdated"]);
    expect(report.results.some(({ evidence }) => evidence === "probe")).toBe(false);
  });
});

describe("verify", () => {
  test("accepts a bundle of a trusted signer, whatever the verdicts, and finds every verdict again", () => {
    const bundle = build("sound.tar", [clinic]);
    const { exitCode, stdout } = verify(bundle, "--trust", fingerprint, "--re-evaluate");
    expect(exitCode).toBe(0);
    expect(stdout).toContain("✓ authentic and whole");
    expect(stdout).toMatch(/all \d+ verdicts were found again/);
    expect(verify(bundle, "--trust", join(work.path, "keys/key.pub")).exitCode).toBe(0);
  });

  test("without trust says that the bundle agrees with itself and no more: 3", () => {
    const { exitCode, stderr } = verify(build("sound.tar", [clinic]));
    expect(exitCode).toBe(3);
    expect(stderr).toContain("self-consistent, signer unknown");
  });

  test("a wrong signer, and a revoked one: 1", () => {
    const bundle = build("sound.tar", [clinic]);
    const wrong = verify(bundle, "--trust", "0".repeat(64));
    expect([wrong.exitCode, wrong.stderr]).toEqual([1, expect.stringContaining("Nobody of 0000")]);
    const list = join(work.path, "trusted.txt");
    writeFileSync(list, `# our assessors\n${fingerprint} revoked 2026-01-01\n`);
    const revoked = verify(bundle, "--trust", list);
    expect([revoked.exitCode, revoked.stderr]).toEqual([
      1,
      expect.stringContaining("was revoked on 2026-01-01"),
    ]);
    writeFileSync(list, `${fingerprint} revoked 2099-01-01\n`);
    expect(verify(bundle, "--trust", list).exitCode).toBe(0);
  });

  test("a bundle from the future of this clock: 3", () => {
    const bundle = build("future.tar", [clinic], { environment: { SOURCE_DATE_EPOCH: "4102444800" } });
    const { exitCode, stderr } = verify(bundle, "--trust", fingerprint);
    expect([exitCode, stderr]).toEqual([3, expect.stringContaining("in the future")]);
  });

  test("a report that says something else than the results, signed all the same: 1", () => {
    const folder = build("forged", [clinic], { words: ["--folder"] });
    const sarif = join(folder, "results/report.sarif");
    writeFileSync(sarif, readFileSync(sarif, "utf8").replace('"kind": "fail"', '"kind": "pass"'));
    const resealed = reseal(folder);
    const { exitCode, stderr } = verify(resealed, "--trust", fingerprint);
    expect([exitCode, stderr]).toEqual([
      1,
      expect.stringContaining("results/report.sarif says something else than the results"),
    ]);
  });

  test("an input that was changed and signed all the same is found by the digests in a report: 1", () => {
    const folder = build("changed", [clinic], { words: ["--folder"] });
    const input = join(folder, "inputs/relay/main.cf");
    // Far below the lines that the pages show.
    writeFileSync(
      input,
      `${readFileSync(input, "utf8")}${"# one more line\n".repeat(20)}smtp_tls_security_level = encrypt\n`,
    );
    const { exitCode, stderr } = verify(reseal(folder), "--trust", fingerprint);
    expect([exitCode, stderr]).toEqual([
      1,
      expect.stringContaining("oscal/assessment-results.json says something else than the results"),
    ]);
  });

  test("verdicts that do not follow, signed all the same, are found by --re-evaluate: 1", () => {
    const folder = build("lenient", [clinic], { words: ["--folder"] });
    const rules = join(folder, "policies/rules.json");
    const text = readFileSync(rules, "utf8");
    const lenient = text.replace(
      '"assert":{"rotated":{"const":true}}',
      '"assert":{"rotated":{"const":false}}',
    );
    expect(lenient).not.toBe(text);
    writeFileSync(rules, lenient);
    const resealed = reseal(folder);
    expect(verify(resealed, "--trust", fingerprint).exitCode).toBe(0);
    const { exitCode, stderr } = verify(resealed, "--trust", fingerprint, "--re-evaluate");
    expect([exitCode, stderr]).toEqual([
      1,
      expect.stringMatching(/Evaluated again, \d+ verdicts are not found/),
    ]);
  });

  test("what is no bundle", () => {
    expect(verify("none.tar", "--trust", fingerprint)).toMatchObject({
      exitCode: 2,
      stderr: expect.stringContaining("no such file"),
    });
    writeFileSync(join(work.path, "empty.tar"), "");
    expect(verify("empty.tar", "--trust", fingerprint)).toMatchObject({
      exitCode: 1,
      stderr: expect.stringContaining("ends in the middle"),
    });
    expect(verify("empty.tar", "--trust", "nobody")).toMatchObject({ exitCode: 2 });
  });

  test("the folder form, and one with a link in it", () => {
    const folder = build("plain", [clinic], { words: ["--folder"] });
    expect(verify(folder, "--trust", fingerprint).exitCode).toBe(0);
    renameSync(join(folder, "README.md"), join(work.path, "README.md"));
    symlinkSync(join(work.path, "README.md"), join(folder, "README.md"));
    expect(verify(folder, "--trust", fingerprint)).toMatchObject({
      exitCode: 1,
      stderr: expect.stringContaining("README.md is no plain file"),
    });
  });
});

/** Signs a changed folder anew, as somebody with the key could. */
function reseal(folder: string): string {
  const script = fileURLToPath(new URL("fixtures/reseal.ts", import.meta.url));
  const { status, stderr } = spawnSync(process.execPath, [script, folder, key], { encoding: "utf8" });
  expect([status, stderr]).toEqual([0, ""]);
  return folder;
}

describe("build", () => {
  test("keeps no secret, says which lines were masked, and keeps an environment only as a digest", () => {
    const environment = join(work.path, "deploy.env");
    writeFileSync(environment, "SMTP_SECURE=true\nSMTP_PASSWORD=hunter2-hunter2\n");
    const bundle = build("secrets.tar", [clinic], { words: ["--env-file", environment] });
    const bytes = readFileSync(bundle);
    for (const secret of ["Lakeside2019", "spring-2024-lakeside", "hunter2"])
      expect(bytes.includes(secret)).toBe(false);
    const { stdout } = runCommand(["evidence", "show", bundle], { folder: work.path });
    expect(stdout).toMatch(/2 lines masked/);
    expect(verify(bundle, "--trust", fingerprint, "--re-evaluate")).toMatchObject({
      exitCode: 3,
      stderr: expect.stringContaining("deploy.env"),
    });
  });

  test("with --digests-only holds no input", () => {
    const bundle = build("digests.tar", [clinic], { words: ["--digests-only"] });
    expect(readFileSync(bundle).includes("smtp_tls_policy_maps")).toBe(true);
    const folder = build("digests", [clinic], { words: ["--digests-only", "--folder"] });
    expect(existsSync(join(folder, "inputs"))).toBe(false);
    expect(verify(bundle, "--trust", fingerprint).exitCode).toBe(0);
  });

  test("refuses a key that others can read, one of another kind, and none at all", () => {
    const words = (...more: string[]) => [
      "evidence",
      "build",
      clinic,
      "-o",
      join(work.path, "x.tar"),
      ...more,
    ];
    const run = (...more: string[]) => runCommand(words(...more), { folder: work.path });
    const open = join(work.path, "open.pem");
    writeFileSync(open, readFileSync(key), { mode: 0o644 });
    expect(run("--key", open)).toMatchObject({ exitCode: 2, stderr: expect.stringContaining("chmod 600") });
    const { privateKey } = generateKeyPairSync("ec", { namedCurve: "P-256" });
    const other = join(work.path, "other.pem");
    writeFileSync(other, privateKey.export({ type: "pkcs8", format: "pem" }), { mode: 0o600 });
    expect(run("--key", other)).toMatchObject({
      exitCode: 2,
      stderr: expect.stringContaining("Only Ed25519"),
    });
    const locked = join(work.path, "locked.pem");
    const pair = generateKeyPairSync("ed25519");
    writeFileSync(
      locked,
      pair.privateKey.export({ type: "pkcs8", format: "pem", cipher: "aes-256-cbc", passphrase: "x" }),
      { mode: 0o600 },
    );
    expect(run("--key", locked)).toMatchObject({
      exitCode: 2,
      stderr: expect.stringContaining("protected by a password"),
    });
    expect(run("--key", join(work.path, "keys/key.pub"))).toMatchObject({ exitCode: 2 });
    expect(run()).toMatchObject({ exitCode: 2, stderr: expect.stringContaining("Name who signs") });
    expect(existsSync(join(work.path, "x.tar"))).toBe(false);
  });

  test("takes a key from the environment, and from a program", () => {
    const fromEnvironment = join(work.path, "environment.tar");
    const pem = readFileSync(key, "utf8");
    const run = runCommand(["evidence", "build", clinic, "-o", fromEnvironment], {
      folder: root,
      environment: { HIPAA_CHECK_SIGNING_KEY: pem, SOURCE_DATE_EPOCH: epoch },
    });
    expect(run.exitCode).toBe(0);
    expect(digest(fromEnvironment)).toBe(digest(build("file.tar", [clinic])));
    const program = join(work.path, "sign.mjs");
    writeFileSync(
      program,
      `import { createPrivateKey, sign } from "node:crypto"; import { readFileSync } from "node:fs";
       process.stdout.write(sign(null, readFileSync(0), createPrivateKey(readFileSync(${JSON.stringify(key)}))).toString("base64"));`,
    );
    const command = `${process.execPath} ${program}`;
    const publicKey = join(work.path, "keys/key.pub");
    const words = ["evidence", "build", clinic, "-o", join(work.path, "program.tar"), "--sign-with"];
    const signed = runCommand([...words, command, "--sign-with-key", publicKey], {
      folder: root,
      environment: { SOURCE_DATE_EPOCH: epoch },
    });
    expect(signed.exitCode).toBe(0);
    expect(digest(join(work.path, "program.tar"))).toBe(digest(fromEnvironment));
    const wrong = runCommand([...words, "echo nonsense", "--sign-with-key", publicKey], { folder: root });
    expect(wrong).toMatchObject({ exitCode: 2, stderr: expect.stringContaining("no Ed25519 signature") });
  });

  test("assessor and approver sign one bundle, and both have to be there", () => {
    const other = join(work.path, "approver");
    const { stdout } = runCommand(["evidence", "keys", "new", "--out", other], { folder: work.path });
    const approver = /fingerprint\s+([0-9a-f]{64})/.exec(stdout)?.[1] ?? "";
    const bundle = build("both.tar", [clinic], { words: ["--approver-key", join(other, "key.pem")] });
    expect(verify(bundle, "--trust", fingerprint, "--trust", approver).exitCode).toBe(0);
    expect(verify(build("one.tar", [clinic]), "--trust", fingerprint, "--trust", approver).exitCode).toBe(1);
  });

  test("a key is never replaced", () => {
    const again = runCommand(["evidence", "keys", "new", "--out", join(work.path, "keys")], {
      folder: work.path,
    });
    expect(again).toMatchObject({ exitCode: 2, stderr: expect.stringContaining("never replaced") });
    expect(statSync(key).mode & 0o777).toBe(0o600);
  });
});

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
