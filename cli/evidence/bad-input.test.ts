import { spawnSync } from "node:child_process";
import {
  closeSync,
  copyFileSync,
  cpSync,
  ftruncateSync,
  mkdirSync,
  openSync,
  readdirSync,
  readFileSync,
  symlinkSync,
  truncateSync,
  writeFileSync,
  writeSync,
} from "node:fs";
import { join } from "node:path";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { binary, type RunResult, runCommand, TemporaryFolder } from "#cli/testing.ts";
import { encodeHeader } from "./bundle/ustar.ts";

const work = new TemporaryFolder({ "relay/main.cf": "smtp_tls_security_level = encrypt\n" });
afterAll(() => work[Symbol.dispose]());
const at = (name: string): string => join(work.path, name);
let fingerprint = "";

function evidence(...words: string[]): RunResult {
  return runCommand(["evidence", ...words], { folder: work.path });
}

beforeAll(() => {
  const { stdout } = evidence("keys", "new", "--out", "keys");
  fingerprint = /fingerprint\s+([0-9a-f]{64})/.exec(stdout)?.[1] ?? "";
  expect(evidence("build", "relay", "--key", "keys/key.pem", "-o", "sound.tar").exitCode).toBe(0);
});

/** One clear line on standard error, nothing on standard output. */
function expectLine({ exitCode, stdout, stderr }: RunResult, code: number, words: RegExp): void {
  expect({ exitCode, stdout, stderr }).toEqual({
    exitCode: code,
    stdout: "",
    stderr: expect.stringMatching(words),
  });
  expect(stderr.replace(/^hipaa-check: .* …\n/gm, "")).toMatch(/^hipaa-check: [^\n]+\n$/);
}

describe("ten gigabytes are rejected without being read, in little memory", () => {
  const tenGigabytes = 10 * 1024 ** 3;
  const largestMegabytes = 250;

  function verifyWithinMemory(bundle: string): RunResult {
    const hook = at("hook.cjs");
    // What the system counts for a process begins with the memory of the one that started it, here of all the tests.
    writeFileSync(
      hook,
      `const { existsSync, readFileSync, writeFileSync } = require("node:fs");
const own = "/proc/self/status";
process.on("exit", () => {
  const kilobytes = existsSync(own)
    ? /VmHWM:\\s+(\\d+)/.exec(readFileSync(own, "utf8"))[1]
    : String(process.resourceUsage().maxRSS);
  writeFileSync(${JSON.stringify(at("peak"))}, kilobytes);
});
`,
    );
    const { status, stdout, stderr } = spawnSync(
      process.execPath,
      ["--require", hook, binary, "evidence", "verify", bundle, "--trust", fingerprint],
      { cwd: work.path, encoding: "utf8", env: { ...process.env, NO_COLOR: "1" } },
    );
    expect(Number(readFileSync(at("peak"), "utf8")) / 1024).toBeLessThan(largestMegabytes);
    return { exitCode: status, stdout, stderr };
  }

  function sparse(name: string, begin: (file: number) => void): string {
    const file = openSync(at(name), "w");
    begin(file);
    ftruncateSync(file, tenGigabytes);
    closeSync(file);
    return name;
  }

  test("of zeros", () => {
    expectLine(verifyWithinMemory(sparse("zeros.tar", () => undefined)), 1, /follows the end/);
  });

  test("in one file that the manifest would have to list", () => {
    const bundle = sparse("large-file.tar", (file) => {
      writeSync(file, encodeHeader({ path: "results/report.json", size: 8 * 1024 ** 3 - 1 }));
    });
    expectLine(verifyWithinMemory(bundle), 1, /follows the end|manifest.json is missing/);
  });

  test("as a manifest", () => {
    const sound = readFileSync(at("sound.tar"));
    const manifest = sound.lastIndexOf(Buffer.from("manifest.json\0"));
    const size = 8 * 1024 ** 3 - 512;
    const bundle = sparse("large-manifest.tar", (file) => {
      writeSync(file, sound.subarray(0, manifest));
      writeSync(file, encodeHeader({ path: "manifest.json", size }));
      const envelope = encodeHeader({ path: "manifest.dsse.json", size: 0 });
      writeSync(file, envelope, 0, envelope.length, manifest + 512 + size);
    });
    truncateSync(at(bundle), manifest + 512 + size + 512 + 1024);
    expectLine(verifyWithinMemory(bundle), 1, /too large to be true/);
  });

  test("behind a sound bundle", () => {
    copyFileSync(at("sound.tar"), at("longer.tar"));
    truncateSync(at("longer.tar"), tenGigabytes);
    expectLine(verifyWithinMemory("longer.tar"), 1, /follows the end/);
  });
});

describe("a bundle that cannot be taken", () => {
  test("nothing is unpacked outside of the temporary folder, and nothing is left in it", () => {
    mkdirSync(at("temporary"));
    const sound = readFileSync(at("sound.tar"));
    const changed = Buffer.from(sound);
    const place = changed.indexOf("inputs/main.cf\0");
    const header = Buffer.from(changed.subarray(place, place + 512));
    header.write("../../../out.cf\0", 0, "latin1");
    header.write("        ", 148, "latin1");
    const sum = header.reduce((total, octet) => total + octet, 0);
    header.write(`${sum.toString(8).padStart(6, "0")}\0 `, 148, "latin1");
    header.copy(changed, place);
    writeFileSync(at("traversing.tar"), changed);
    const run = (bundle: string): RunResult =>
      runCommand(["evidence", "verify", bundle, "--trust", fingerprint, "--re-evaluate"], {
        folder: work.path,
        environment: { TMPDIR: at("temporary") },
      });
    expectLine(run("traversing.tar"), 1, /a path that leads out/);
    expect(run("sound.tar").exitCode).toBe(0);
    // Node keeps compiled code there.
    expect(readdirSync(at("temporary")).filter((name) => name !== "node-compile-cache")).toEqual([]);
  });

  test("a pipe, a device, a dangling link", () => {
    spawnSync("mkfifo", [at("pipe.tar")]);
    symlinkSync(at("nowhere"), at("dangling.tar"));
    expectLine(evidence("verify", "pipe.tar", "--trust", fingerprint), 2, /neither a file nor a folder/);
    expectLine(evidence("verify", "/dev/zero", "--trust", fingerprint), 2, /neither a file nor a folder/);
    expectLine(evidence("verify", "dangling.tar", "--trust", fingerprint), 2, /neither a file nor a folder/);
  });

  test("a folder form with a pipe in it, or one file more", () => {
    expect(evidence("build", "relay", "--key", "keys/key.pem", "-o", "folder", "--folder").exitCode).toBe(0);
    cpSync(at("folder"), at("more"), { recursive: true });
    writeFileSync(at("more/inputs/another.cf"), "");
    expectLine(evidence("verify", "more", "--trust", fingerprint), 1, /another.cf is not listed/);
    spawnSync("mkfifo", [at("folder/inputs/pipe")]);
    expectLine(evidence("verify", "folder", "--trust", fingerprint), 1, /no plain file/);
  });

  test("whose trust is a private key, or a list with a line that is no fingerprint", () => {
    expectLine(evidence("verify", "sound.tar", "--trust", "keys/key.pem"), 2, /holds a private key/);
    writeFileSync(at("list.txt"), `${fingerprint} revoked someday\n`);
    expectLine(
      evidence("verify", "sound.tar", "--trust", "list.txt"),
      2,
      /list.txt:1: a fingerprint is due here/,
    );
  });
});

describe("a place that takes no bundle leaves nothing behind", () => {
  const build = (output: string): RunResult =>
    evidence("build", "relay", "--key", "keys/key.pem", "-o", output);

  test("a device is never replaced", () => {
    expectLine(build("/dev/full"), 2, /no regular file/);
    expect(spawnSync("test", ["-c", "/dev/full"]).status).toBe(0);
  });

  test("a limit on the size of files", () => {
    mkdirSync(at("small"));
    const words = `evidence build relay --key keys/key.pem -o small/bundle.tar`;
    const { status, stderr } = spawnSync(
      "sh",
      ["-c", `ulimit -f 100; exec "${process.execPath}" "${binary}" ${words}`],
      {
        cwd: work.path,
        encoding: "utf8",
        env: { ...process.env, NO_COLOR: "1" },
      },
    );
    expect([status, stderr]).toEqual([2, expect.stringContaining("small/bundle.tar could not be written")]);
    expect(readdirSync(at("small"))).toEqual([]);
  });

  test("half a key", () => {
    const script = `ulimit -f 0; exec "${process.execPath}" "${binary}" evidence keys new --out half`;
    const { status, stderr } = spawnSync("sh", ["-c", script], { cwd: work.path, encoding: "utf8" });
    expect([status, stderr]).toEqual([2, expect.stringContaining("half could not be written")]);
    expect(readdirSync(at("half"))).toEqual([]);
  });

  mkdirSync(at("full"));
  const isMounted = spawnSync("mount", ["-t", "tmpfs", "-o", "size=64k", "tmpfs", at("full")]).status === 0;
  afterAll(() => {
    if (isMounted) spawnSync("umount", [at("full")]);
  });
  test.skipIf(!isMounted)("a full disk, for root, who can mount one", () => {
    expectLine(build("full/bundle.tar"), 2, /the disk is full/);
    expectLine(
      evidence("build", "relay", "--key", "keys/key.pem", "-o", "full/folder", "--folder"),
      2,
      /the disk is full/,
    );
    expect(readdirSync(at("full"))).toEqual([]);
  });

  test("and where nothing can be unpacked for another evaluation, that is said", () => {
    const run = runCommand(["evidence", "verify", "sound.tar", "--trust", fingerprint, "--re-evaluate"], {
      folder: work.path,
      environment: { TMPDIR: at("relay/main.cf") },
    });
    expectLine(run, 2, /could not be unpacked in .*Set TMPDIR/);
  });
});
