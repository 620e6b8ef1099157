import { spawnSync } from "node:child_process";
import { readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { afterAll, describe, expect, test } from "vitest";
import { ArchiveReader } from "../bundle/archive-reader.ts";
import { EvidenceError } from "../error.ts";
import { checkAuthenticity } from "../verify/authenticity.ts";
import { checkIntegrity } from "../verify/integrity.ts";
import { archiveChanges } from "./archive-changes.ts";
import { pack, unpack } from "./change.ts";
import { manifestChanges } from "./manifest-changes.ts";
import { signatureChanges } from "./signature-changes.ts";
import { approver, assessor, folder, sound } from "./sound-bundle.ts";

const python = fileURLToPath(new URL("../../../docs/examples/verify.py", import.meta.url));
const hasPython =
  spawnSync("python3", ["--version"]).status === 0 && spawnSync("openssl", ["version"]).status === 0;

afterAll(() => folder[Symbol.dispose]());

const changes = { ...archiveChanges, ...manifestChanges, ...signatureChanges };

const trust = [assessor, approver].map(({ publicKey }) => publicKey.fingerprint);

async function verifyHere(path: string): Promise<string> {
  try {
    const sealed = await checkIntegrity(new ArchiveReader(path));
    checkAuthenticity(sealed, {
      signers: trust.map((fingerprint) => [{ fingerprint, source: fingerprint }]),
      authorities: [],
      now: new Date("2026-11-26"),
    });
    return "authentic";
  } catch (error) {
    if (error instanceof EvidenceError && error.kind === "inauthentic") return error.code;
    throw error;
  }
}

function verifyInPython(path: string): number | null {
  return spawnSync("python3", [python, path, ...trust]).status;
}

describe("a bundle that was changed is rejected", () => {
  const path = join(folder.path, "changed.tar");

  test("and one that was not is authentic", async () => {
    writeFileSync(path, sound);
    expect(await verifyHere(path)).toBe("authentic");
    expect(pack(unpack(sound)).equals(sound)).toBe(true);
  });

  test("the kinds of change are at least forty", () => {
    expect(Object.keys(changes).length).toBeGreaterThanOrEqual(40);
  });

  test.each(Object.entries(changes))("%s", async (_name, { make, code }) => {
    const changed = make();
    expect(changed.equals(sound)).toBe(false);
    writeFileSync(path, changed);
    expect(await verifyHere(path)).toBe(code);
  });

  test("every octet counts", async () => {
    for (let at = 0; at < sound.length; at += 37) {
      const changed = Buffer.from(sound);
      changed[at] = (changed[at] ?? 0) ^ 0x20;
      writeFileSync(path, changed);
      expect(await verifyHere(path), `octet ${at}`).not.toBe("authentic");
    }
  });
});

describe.skipIf(!hasPython)("the verifier in Python, where python3 and openssl are installed", () => {
  const path = join(folder.path, "changed-python.tar");

  test("accepts a bundle that was not changed", () => {
    writeFileSync(path, sound);
    expect(verifyInPython(path)).toBe(0);
  });

  test("has less than 150 lines", () => {
    expect(readFileSync(python, "utf8").split("\n").length - 1).toBeLessThan(150);
  });

  test.each(Object.entries(changes))("rejects: %s", (_name, { make, python: code = 1 }) => {
    writeFileSync(path, make());
    expect(verifyInPython(path)).toBe(code);
  });
});
