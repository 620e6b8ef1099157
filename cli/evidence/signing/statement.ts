import { createHash } from "node:crypto";
import { canonical, type Manifest, manifestName } from "../bundle/manifest.ts";

export const statementType = "https://in-toto.io/Statement/v1";
export const predicateType = "https://hipaa-check.dev/evidence/v1";

/**
 * The in-toto statement about a bundle: a function of its manifest, so that nothing can be stated that the manifest
 * does not say.
 * @param manifest as parsed from `octets`
 */
export function statementOf(manifest: Manifest, octets: Buffer): Buffer {
  const { tool, createdAt, asOf, retainUntil, editions, summary } = manifest;
  const sha256 = createHash("sha256").update(octets).digest("hex");
  return Buffer.from(
    canonical({
      _type: statementType,
      subject: [{ name: manifestName, digest: { sha256 } }],
      predicateType,
      predicate: { tool, createdAt, asOf, retainUntil, editions, summary },
    }),
  );
}
