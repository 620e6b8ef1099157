import { spawnSync } from "node:child_process";
import { copyFileSync, cpSync, existsSync, readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { runCommand, TemporaryFolder } from "#cli/testing.ts";
import { ArchiveReader } from "../bundle/archive-reader.ts";
import { envelopeName, tokenName } from "../bundle/manifest.ts";
import { EvidenceError } from "../error.ts";
import { checkAuthority, readAuthorities } from "./authority.ts";
import { Authority, hasOpenssl } from "./testing.ts";
import { openTimeStamp, tokenIn } from "./token.ts";

const relay = { "relay/main.cf": "smtp_tls_security_level = encrypt\n" };
const python = fileURLToPath(new URL("../../../docs/examples/verify.py", import.meta.url));

describe.skipIf(!hasOpenssl)("a time stamp by a real authority, where openssl is installed", () => {
  const work = new TemporaryFolder(relay);
  afterAll(() => work[Symbol.dispose]());
  const at = (name: string): string => join(work.path, name);
  const evidence = (...words: string[]) => runCommand(["evidence", ...words], { folder: work.path });
  let authority: Authority;
  let stranger: Authority;
  let fingerprint = "";

  function build(name: string, ...words: string[]): string {
    expect(evidence("build", "relay", "--key", "keys/key.pem", "-o", name, ...words).exitCode).toBe(0);
    return name;
  }

  beforeAll(() => {
    authority = new Authority(at("authority"), "Clock office");
    stranger = new Authority(at("stranger"), "Somebody");
    fingerprint =
      /fingerprint\s+([0-9a-f]{64})/.exec(evidence("keys", "new", "--out", "keys").stdout)?.[1] ?? "";
    build("plain.tar");
    expect(evidence("timestamp", "plain.tar", "--request", "request.tsq").exitCode).toBe(0);
    authority.stamp(at("request.tsq"), at("reply.tsr"));
    copyFileSync(at("plain.tar"), at("stamped.tar"));
    const { exitCode, stdout } = evidence("timestamp", "stamped.tar", "--token", "reply.tsr");
    expect([exitCode, stdout]).toEqual([0, expect.stringContaining("by  CN=Clock office stamping")]);
  });

  function verify(bundle: string, ...words: string[]) {
    const { exitCode, stdout, stderr } = evidence("verify", bundle, "--trust", fingerprint, ...words);
    return [exitCode, stdout + stderr];
  }

  test("is believed when the auditor names the authority, or who certified it", () => {
    for (const certificate of [authority.root, authority.certificate]) {
      expect(verify("stamped.tar", "--trust-timestamp", certificate, "--re-evaluate")).toEqual([
        0,
        expect.stringMatching(/It was signed by \d{4}-.*, says CN=Clock office stamping, whom you trust/),
      ]);
    }
  });

  test("leaves every other octet as it was, and is kept out of the bundle until it fits", () => {
    const [plain, stamped] = [readFileSync(at("plain.tar")), readFileSync(at("stamped.tar"))];
    expect(stamped.subarray(0, plain.length - 1024).equals(plain.subarray(0, -1024))).toBe(true);
    const other = build("other.tar", "--digests-only");
    const before = readFileSync(at(other));
    expect(evidence("timestamp", other, "--token", "reply.tsr")).toMatchObject({
      exitCode: 1,
      stderr: expect.stringContaining("of something else"),
    });
    expect(evidence("timestamp", other, "--token", "request.tsq")).toMatchObject({ exitCode: 1 });
    expect(evidence("timestamp", other, "--token", "relay/main.cf")).toMatchObject({
      exitCode: 2,
      stderr: expect.stringContaining("no time stamp"),
    });
    expect(readFileSync(at(other)).equals(before)).toBe(true);
    expect(evidence("timestamp", "stamped.tar", "--token", "reply.tsr")).toMatchObject({
      exitCode: 2,
      stderr: expect.stringContaining("already"),
    });
  });

  test("without a word whom to believe is undecided: 3; one that was asked for and is not there: 1", () => {
    expect(verify("stamped.tar")).toEqual([3, expect.stringContaining("nobody said whether to believe it")]);
    expect(verify("plain.tar", "--trust-timestamp", authority.root)).toEqual([
      1,
      expect.stringContaining("has no time stamp"),
    ]);
    expect(verify("stamped.tar", "--trust-timestamp", stranger.root)).toEqual([
      1,
      expect.stringContaining("does not name"),
    ]);
    expect(verify("stamped.tar", "--trust-timestamp", "relay/main.cf")).toEqual([
      2,
      expect.stringContaining("no certificate"),
    ]);
  });

  test("decides about a key that was lost later", () => {
    const today = new Date().toISOString().slice(0, 10);
    const tomorrow = new Date(Date.now() + 86_400_000).toISOString().slice(0, 10);
    const list = (day: string): string => {
      writeFileSync(at("trusted.txt"), `${fingerprint} revoked ${day}\n`);
      return "trusted.txt";
    };
    const withTime = (day: string, bundle: string, ...words: string[]) =>
      evidence("verify", bundle, "--trust", list(day), ...words).exitCode;
    expect(withTime(tomorrow, "plain.tar")).toBe(0);
    expect(withTime(today, "plain.tar")).toBe(1);
    // The signer's clock is set back: the bundle is dated before the day of the loss.
    const { exitCode } = runCommand(
      ["evidence", "build", "relay", "--key", "keys/key.pem", "-o", "dated-back.tar"],
      {
        folder: work.path,
        environment: { SOURCE_DATE_EPOCH: "1700000000" },
      },
    );
    expect(exitCode).toBe(0);
    expect(withTime(today, "dated-back.tar")).toBe(3);
    evidence("timestamp", "dated-back.tar", "--request", "back.tsq");
    authority.stamp(at("back.tsq"), at("back.tsr"));
    expect(evidence("timestamp", "dated-back.tar", "--token", "back.tsr").exitCode).toBe(0);
    expect(withTime(today, "dated-back.tar", "--trust-timestamp", authority.root)).toBe(1);
  });

  test("before the bundle says that it was made: 1", () => {
    runCommand(["evidence", "build", "relay", "--key", "keys/key.pem", "-o", "ahead.tar"], {
      folder: work.path,
      environment: { SOURCE_DATE_EPOCH: "4000000000" },
    });
    evidence("timestamp", "ahead.tar", "--request", "ahead.tsq");
    authority.stamp(at("ahead.tsq"), at("ahead.tsr"));
    expect(evidence("timestamp", "ahead.tar", "--token", "ahead.tsr").exitCode).toBe(0);
    expect(verify("ahead.tar", "--trust-timestamp", authority.root)).toEqual([
      1,
      expect.stringContaining("was stamped before that"),
    ]);
  });

  test("is shown with a word that it was not verified", () => {
    expect(evidence("show", "stamped.tar").stdout).toMatch(
      /time stamp .* by CN=Clock office stamping .verify says/,
    );
  });

  test("works in the folder form too", () => {
    build("folder", "--folder");
    expect(evidence("timestamp", "folder", "--request", "folder.tsq").exitCode).toBe(0);
    authority.stamp(at("folder.tsq"), at("folder.tst"), "-token_out");
    expect(evidence("timestamp", "folder", "--token", "folder.tst").exitCode).toBe(0);
    expect(existsSync(at(`folder/${tokenName}`))).toBe(true);
    expect(verify("folder", "--trust-timestamp", authority.root)[0]).toBe(0);
    cpSync(at("folder"), at("moved"), { recursive: true });
    writeFileSync(at(`moved/${tokenName}`), readFileSync(at("stranger/root.pem")));
    expect(verify("moved", "--trust-timestamp", authority.root)).toEqual([
      1,
      expect.stringContaining("not one that RFC 3161 describes"),
    ]);
  });

  test("every octet of it counts", async () => {
    const envelope = await new ArchiveReader(at("stamped.tar")).content(envelopeName);
    const token = tokenIn(readFileSync(at("reply.tsr"))) ?? Buffer.alloc(0);
    const trusted = readAuthorities(authority.root);
    const verdictOf = (octets: Buffer): string => {
      try {
        checkAuthority(openTimeStamp(octets, envelope), trusted);
        return "believed";
      } catch (error) {
        if (error instanceof EvidenceError && error.kind === "inauthentic") return "rejected";
        throw error;
      }
    };
    expect(verdictOf(token)).toBe("believed");
    for (let index = 0; index < token.length; index++) {
      for (const bit of [0x01, 0x20, 0x80]) {
        const changed = Buffer.from(token);
        changed[index] = (changed[index] ?? 0) ^ bit;
        expect(verdictOf(changed), `octet ${index}, bit ${bit}`).toBe("rejected");
      }
    }
    expect(verdictOf(Buffer.concat([token, Buffer.alloc(1)]))).toBe("rejected");
  });

  test.skipIf(spawnSync("python3", ["--version"]).status !== 0)(
    "the verifier in Python holds the same, where python3 is installed",
    () => {
      const inPython = (bundle: string, ...words: string[]): number | null =>
        spawnSync("python3", [python, at(bundle), fingerprint, ...words]).status;
      expect(inPython("plain.tar")).toBe(0);
      expect(inPython("stamped.tar", authority.root)).toBe(0);
      expect(inPython("stamped.tar")).toBe(3);
      expect(inPython("stamped.tar", stranger.root)).toBe(1);
      expect(inPython("plain.tar", authority.root)).toBe(1);
      const sound = readFileSync(at("stamped.tar"));
      const start = sound.lastIndexOf(tokenName) + 512;
      for (const [name, change] of Object.entries({
        "its statement": start + 90,
        "its signature": start + (tokenIn(readFileSync(at("reply.tsr")))?.length ?? 0) - 9,
      })) {
        const changed = Buffer.from(sound);
        changed[change] = (changed[change] ?? 0) ^ 1;
        writeFileSync(at("changed.tar"), changed);
        expect(inPython("changed.tar", authority.root), name).toBe(1);
      }
    },
  );
});
