import { readFileSync } from "node:fs";
import type { RoleKey } from "../bundle/seal.ts";
import { usage } from "../error.ts";
import { commandKey } from "./command-key.ts";
import { parsePrivateKey, parsePublicKeys, readPrivateKey } from "./keys.ts";

/** Environment variable that holds the assessor's private key in PEM, for machines that keep keys in a secret store. */
export const keyVariable = "HIPAA_CHECK_SIGNING_KEY";

export interface SignerFlags {
  /** Files with the assessor's private key. */
  readonly key: readonly string[];
  readonly approverKey: readonly string[];
  /** Program that signs for the assessor, and the file with its public key. */
  readonly signWith: string | undefined;
  readonly signWithKey: string | undefined;
}

/**
 * Who signs, as the flags and the environment say.
 * @throws EvidenceError where nobody does, a key cannot be used, or one signs twice
 */
export function chooseSigners(flags: SignerFlags, environment: NodeJS.ProcessEnv = process.env): RoleKey[] {
  const signers: RoleKey[] = [
    ...flags.key.map((path) => ({ role: "assessor" as const, key: readPrivateKey(path) })),
    ...flags.approverKey.map((path) => ({ role: "approver" as const, key: readPrivateKey(path) })),
  ];
  const pem = environment[keyVariable];
  if (pem !== undefined && pem !== "")
    signers.push({ role: "assessor", key: parsePrivateKey(pem, keyVariable) });
  if (flags.signWith !== undefined)
    signers.push({ role: "assessor", key: programKey(flags.signWith, flags.signWithKey) });
  if (signers.length === 0) {
    throw usage(
      "key-missing",
      `Name who signs: --key FILE, --sign-with COMMAND or ${keyVariable}. Make a key with: hipaa-check evidence keys new --out DIR`,
    );
  }
  const fingerprints = signers.map(({ key }) => key.publicKey.fingerprint);
  if (new Set(fingerprints).size !== fingerprints.length) {
    throw usage("key-twice", "One key was given twice: assessor and approver have keys of their own.");
  }
  return signers;
}

function programKey(command: string, publicKeyFile: string | undefined) {
  if (publicKeyFile === undefined)
    throw usage("key-missing", "--sign-with needs --sign-with-key FILE, the public key in PEM.");
  let text: string;
  try {
    text = readFileSync(publicKeyFile, "utf8");
  } catch (error) {
    throw usage(
      "key-unreadable",
      `${publicKeyFile} could not be read (${(error as NodeJS.ErrnoException).code}).`,
    );
  }
  const [publicKey] = parsePublicKeys(text, publicKeyFile);
  if (publicKey === undefined) throw usage("key-unreadable", `${publicKeyFile} holds no public key in PEM.`);
  return commandKey(command, publicKey);
}
