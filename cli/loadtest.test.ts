import { execFileSync, spawnSync } from "node:child_process";
import { chmodSync, mkdirSync, readFileSync } from "node:fs";
import { createServer, type Server } from "node:net";
import { join } from "node:path";
import { setTimeout as pause } from "node:timers/promises";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { type K6, type LoadReport, type Sink, startSink } from "#loadtests/index.ts";
import { k6, needsK6 } from "#loadtests/testing.ts";
import { type RunResult, StartedCommand, TemporaryFolder } from "./testing.ts";
import { Watched } from "./watched.ts";

async function run(
  words: readonly string[],
  environment: Readonly<Record<string, string>> = {},
): Promise<RunResult> {
  using folder = new TemporaryFolder({ "nonsense.pem": "nonsense\n" });
  const named = { HIPAA_CHECK_K6: k6?.path ?? "", ...environment };
  return await new StartedCommand(["loadtest", "run", ...words], { folder: folder.path, environment: named })
    .ended;
}

/** What is said, without how far it had come. */
function said({ stderr }: RunResult): string {
  return stderr.replace(/^hipaa-check: [^\n]* …\n/gm, "");
}

describe("a load run with a k6 that does not serve says so in one line", () => {
  const programs: Readonly<Record<string, readonly [script: string, complaint: RegExp]>> = {
    "another program": ["echo hello", /^hipaa-check: \S+ \(HIPAA_CHECK_K6\) does not say that it is k6\n$/],
    "one that does not run": ["exit 7", /is no k6 that runs here/],
    "an old one": [
      'echo "k6 v1.8.0 (go1.25, linux/amd64)"',
      /is k6 v1\.8\.0; version 2 is needed: run hipaa-check loadtest build/,
    ],
    "one without the extension": [
      '[ "$1" = version ] && echo "k6 v2.2.0" || exit 255',
      /is a k6 without the SMTP extension: run hipaa-check loadtest build/,
    ],
    "one whose script breaks": [
      'case "$1 $2" in version*) echo "k6 v2.2.0";; "run --quiet") echo "TypeError: it broke" >&2; exit 107;; esac',
      /k6 could not run the test: the script has a mistake: it broke/,
    ],
    "one that is given a threshold it does not know": [
      'case "$1 $2" in version*) echo "k6 v2.2.0";; "run --quiet") echo "invalid threshold" >&2; exit 104;; esac',
      /k6 could not run the test: it was given options that it does not take: invalid threshold/,
    ],
    "one that leaves nothing": [
      'case "$1 $2" in version*) echo "k6 v2.2.0";; esac',
      /the summary is missing: k6 left no result, so nothing was measured/,
    ],
  };

  test.each(Object.entries(programs))("%s", async (_, [script, complaint]) => {
    using folder = new TemporaryFolder({ k6: `#!/bin/sh\n${script}\n` });
    const program = join(folder.path, "k6");
    chmodSync(program, 0o755);
    const result = await run(["smoke", "--smtp", "smtp://127.0.0.1:9"], { HIPAA_CHECK_K6: program });
    expect(said(result)).toMatch(complaint);
    expect(said(result).trim().split("\n")).toHaveLength(1);
    expect(result.exitCode).toBe(/script has a mistake|options/.test(result.stderr) ? 2 : 3);
    expect(result.stdout).toBe("");
  });

  test("one without the extension, for an application whose mail is to be seen", async () => {
    using folder = new TemporaryFolder({
      k6: '#!/bin/sh\n[ "$1" = version ] && echo "k6 v2.2.0" || exit 255\n',
    });
    const program = join(folder.path, "k6");
    chmodSync(program, 0o755);
    const words = ["smoke", "--http", "http://127.0.0.1:9/send", "--exec", "true"];
    expect(await run(words, { HIPAA_CHECK_K6: program })).toMatchObject({
      exitCode: 3,
      stderr: expect.stringMatching(/^hipaa-check: \S+ \S+ is a k6 without the SMTP extension: .*\n$/),
    });
  });

  test("none at all", async () => {
    expect(await run(["smoke"], { HIPAA_CHECK_K6: "/nowhere/k6" })).toMatchObject({
      exitCode: 3,
      stderr: "hipaa-check: HIPAA_CHECK_K6 names /nowhere/k6, which is no program that can be run\n",
    });
  });
});

describe.skipIf(k6 === undefined)(`a load run against a target that cannot be loaded${needsK6}`, () => {
  const servers: Server[] = [];
  let folder: TemporaryFolder;
  let sink: Sink;
  let speaksHttp = 0;

  /** Serves on a port of loopback. */
  async function serve(greeting: string): Promise<number> {
    const server = createServer((socket) => socket.on("error", () => undefined).end(greeting));
    servers.push(server);
    await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
    return (server.address() as { readonly port: number }).port;
  }

  beforeAll(async () => {
    folder = new TemporaryFolder();
    const auth = { mechanisms: ["PLAIN"], user: "load", password: "right" };
    sink = await startSink(k6 as K6, folder.path, { tls: "required", auth });
    folder.write("ca.pem", sink.ca);
    speaksHttp = await serve("HTTP/1.1 400 Bad Request\r\n\r\n");
  });
  afterAll(async () => {
    await sink?.[Symbol.asyncDispose]();
    for (const server of servers) server.close();
    folder[Symbol.dispose]();
  });

  const targets: Readonly<Record<string, readonly [words: () => string[], code: number, complaint: RegExp]>> =
    {
      unreachable: [() => ["--smtp", "smtp+starttls://127.0.0.1:1"], 3, /cannot be loaded: .*refused/],
      "that speaks HTTP": [
        () => ["--smtp", `smtp+starttls://127.0.0.1:${speaksHttp}`],
        3,
        /cannot be loaded: not an SMTP reply: "HTTP\/1\.1 400 Bad Request" \(protocol at greeting\)/,
      ],
      "that is no TLS server": [
        () => ["--smtp", `smtps://127.0.0.1:${speaksHttp}`],
        3,
        /cannot be loaded: .*TLS handshake/,
      ],
      "whose certificate nobody trusts": [
        () => ["--smtp", `smtp+starttls://127.0.0.1:${sink.port}`],
        3,
        /cannot be loaded: .*certificate.*\(certificate at tls\)/,
      ],
      "with certificates to trust that are none": [
        () => ["--smtp", "smtps://127.0.0.1:1", "--ca", "nonsense.pem"],
        2,
        /^hipaa-check: --ca nonsense\.pem holds no PEM certificate\.\n$/,
      ],
      "in clear text, and a password to send there": [
        () => ["--smtp", "smtp://127.0.0.1:1"],
        2,
        /^hipaa-check: --smtp smtp:\/\/127\.0\.0\.1:1: credentials are never sent in clear text\./,
      ],
      "over HTTP where nobody listens": [
        () => ["--http", "http://127.0.0.1:1/send"],
        3,
        /cannot be loaded: http:\/\/127\.0\.0\.1:1\/send: .*ECONNREFUSED/,
      ],
      "over HTTPS that is no TLS server": [
        () => ["--http", `https://127.0.0.1:${speaksHttp}/send`],
        3,
        /cannot be loaded: https:\/\/\S+: .*(SSL|wrong version|packet length)/i,
      ],
      "over HTTP with a password in its address": [
        () => ["--http", "http://load:WRONGMARKER@127.0.0.1:1/send"],
        2,
        /^hipaa-check: --http: an argument is seen by everybody on the machine\./,
      ],
      "over what is not HTTP": [
        () => ["--http", "ftp://127.0.0.1/send"],
        2,
        /--http ftp:\S+: this is no address/,
      ],
      "that does not take the password": [
        () => ["--smtp", `smtp+starttls://127.0.0.1:${sink.port}`, "--ca", join(folder.path, "ca.pem")],
        3,
        /cannot be loaded: 535 authentication failed \(refused at auth\)/,
      ],
    };

  test.each(Object.entries(targets))("%s says so in one line", async (_, [words, code, complaint]) => {
    const result = await run(["smoke", ...words()], {
      HIPAA_CHECK_SMTP_USER: "load",
      HIPAA_CHECK_SMTP_PASSWORD: "WRONGMARKER",
    });
    expect(said(result)).toMatch(complaint);
    expect(said(result).trim().split("\n")).toHaveLength(1);
    expect(result).toMatchObject({ exitCode: code, stdout: "" });
    expect(result.stderr).not.toContain("WRONGMARKER");
  });
});

test("a user without a password is no wish to send without AUTH", async () => {
  const result = await run(["smoke", "--smtp", "smtps://127.0.0.1:1"], { HIPAA_CHECK_SMTP_USER: "load" });
  expect(said(result)).toBe(
    "hipaa-check: HIPAA_CHECK_SMTP_USER is set, and HIPAA_CHECK_SMTP_PASSWORD is not. Set both, or neither.\n",
  );
  expect(result.exitCode).toBe(2);
});

const quick = ["smoke", "--driver", "in-process", "--duration", "2s"];

describe.skipIf(k6 === undefined)(`a load run that is ended by Ctrl-C${needsK6}`, () => {
  test("keeps what it has, marked as invalid, and leaves no process behind", async () => {
    using folder = new Watched();
    const output = join(folder.path, "report.json");
    const words = ["loadtest", "run", "smoke", "--driver", "in-process", "--duration", "10s"];
    const command = folder.start([...words, "--format", "json", "--output", output]);
    await command.says(" left …");
    await pause(3500);
    // The terminal's signal goes to each process of the group; those that were started may not take it for theirs.
    for (const pid of folder.group(command.child.pid ?? 0)) process.kill(pid, "SIGINT");
    const { exitCode, stderr } = await command.ended;
    expect(stderr).not.toMatch(/internal error|gave no report/);
    const report = JSON.parse(readFileSync(output, "utf8")) as LoadReport;
    expect(report.verdict).toBe("invalid");
    expect(report.validity.gates.find(({ ok }) => !ok)?.id).toBe("complete");
    expect(report.messages.attempted).toBeGreaterThan(20);
    expect(report.messages.delivered).toBe(report.messages.accepted);
    expect(exitCode).toBe(3);
    expect(await folder.settled()).toEqual([]);
  });
});

describe.skipIf(k6 === undefined)(`a load run that is killed${needsK6}`, () => {
  test("leaves nothing behind that goes on sending", async () => {
    using folder = new Watched();
    using other = new TemporaryFolder();
    await using sink = await startSink(k6 as K6, other.path, { tls: "none" });
    const { host, port } = sink;
    const words = ["loadtest", "run", "smoke", "--smtp", `smtp://${host}:${port}`, "--duration", "60s"];
    const command = folder.start(words);
    await command.says(" left …");
    for (const pid of folder.group(command.child.pid ?? 0)) process.kill(pid, "SIGKILL");
    await command.ended;
    await folder.settled();
    expect(folder.remains().filter((name) => name.startsWith("process"))).toEqual([]);
  });
});

/** A disk of so many octets; undefined where none can be made. */
class SmallDisk extends TemporaryFolder {
  readonly place = join(this.path, "disk");
  readonly isMounted: boolean;

  constructor(octets: number) {
    super();
    mkdirSync(this.place);
    const words = ["-t", "tmpfs", "-o", `size=${octets}`, "tmpfs", this.place];
    this.isMounted = spawnSync("mount", words).status === 0;
  }

  override [Symbol.dispose](): void {
    if (this.isMounted) execFileSync("umount", [this.place]);
    super[Symbol.dispose]();
  }
}

function canMount(): boolean {
  using disk = new SmallDisk(4096);
  return disk.isMounted;
}

const hasDisk = process.platform === "linux" && canMount();
const needsDisk = hasDisk ? "" : ", which needs the right to mount a small one";

describe.skipIf(k6 === undefined || !hasDisk)(`a load run with a full disk${needsK6}${needsDisk}`, () => {
  test("for its report says so, writes nothing by half, and is not green", async () => {
    using disk = new SmallDisk(4096);
    const result = await run([...quick, "--format", "json", "--output", join(disk.place, "report.json")]);
    expect(said(result)).toMatch(/^hipaa-check: --output \S+ could not be written \(ENOSPC\)\.\n$/);
    expect(result).toMatchObject({ exitCode: 2, stdout: "" });
    expect(spawnSync("ls", ["-A", disk.place], { encoding: "utf8" }).stdout).toBe("");
  });

  test("for what k6 leaves has measured nothing", async () => {
    using disk = new SmallDisk(16 * 1024);
    const result = await run(quick, { TMPDIR: disk.place, NODE_DISABLE_COMPILE_CACHE: "1" });
    expect(said(result)).toMatch(/k6 left no result, so nothing was measured/);
    expect(result).toMatchObject({ exitCode: 3, stdout: "" });
  });

  test("for temporary files says so", async () => {
    using disk = new SmallDisk(4096);
    const result = await run(quick, { TMPDIR: disk.place, NODE_DISABLE_COMPILE_CACHE: "1" });
    expect(said(result)).toMatch(/^hipaa-check: no space is left on a disk .*temporary files go to \S+\.\n$/);
    expect(result).toMatchObject({ exitCode: 3, stdout: "" });
  });
});

test.skipIf(process.platform !== "linux").each(["check .", "--help", "check --help", "sandbox", "--version"])(
  "a full standard output is one line, and no stack trace: %s",
  (words) => {
    using folder = new TemporaryFolder({ "main.tf": 'resource "aws_kms_key" "a" {}\n' });
    const script = `'${process.execPath}' '${new URL("bin/run.js", import.meta.url).pathname}' ${words} > /dev/full`;
    const { status, stderr } = spawnSync("sh", ["-c", script], { cwd: folder.path, encoding: "utf8" });
    expect(stderr.replace(/^hipaa-check: [^\n]* …\n/gm, "")).toBe(
      "hipaa-check: Standard output could not be written (ENOSPC).\n",
    );
    expect(status).toBe(2);
  },
);
