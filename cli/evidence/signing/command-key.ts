import { type SpawnSyncReturns, spawnSync } from "node:child_process";
import { usage } from "../error.ts";
import { type PublicKey, type SigningKey, verifySignature } from "./keys.ts";

const timeoutMs = 120_000;

/** How a program ended that said nothing about it. */
function endOf({ status, signal, error }: SpawnSyncReturns<Buffer>): string {
  const { code } = (error ?? {}) as NodeJS.ErrnoException;
  if (code === "ENOBUFS") return "it wrote more than a signature";
  if (code === "ETIMEDOUT") return `it took more than ${timeoutMs / 1000} seconds`;
  return status !== null || signal !== null ? `it ended with ${status ?? signal}` : (code ?? String(error));
}

/**
 * A key that stays in a hardware token or a key service: the program gets the message on standard input and gives
 * back the signature, raw or in base64, on standard output.
 * @param command run by the shell of the system, as the user wrote it
 */
export function commandKey(command: string, publicKey: PublicKey): SigningKey {
  return {
    publicKey,
    sign(message) {
      const ended = spawnSync(command, {
        shell: true,
        input: message,
        timeout: timeoutMs,
        maxBuffer: 1024 * 1024,
      });
      const { status, error, stdout, stderr } = ended;
      // A program that does not read all of its input may still sign.
      const unread = (error as NodeJS.ErrnoException | undefined)?.code === "EPIPE";
      if ((error !== undefined && !unread) || status !== 0) {
        const why = stderr?.toString().trim().split("\n")[0] || endOf(ended);
        throw usage("sign-with-failed", `--sign-with: the program did not sign: ${why}`);
      }
      const text = stdout.toString("latin1").trim();
      const signature = stdout.length === 64 ? stdout : Buffer.from(text, "base64");
      if (!verifySignature(publicKey, message, signature)) {
        throw usage(
          "sign-with-wrong",
          "--sign-with: what the program gave back is no Ed25519 signature by the given public key.",
        );
      }
      return signature;
    },
  };
}
