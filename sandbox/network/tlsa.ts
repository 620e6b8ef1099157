import { createHash, X509Certificate } from "node:crypto";
import type { Authority } from "../pki/authority.ts";
import type { NetworkPlan } from "../posture-server/posture.ts";

/** Digest of the public key of a certificate, as TLSA records of selector 1 and type 1 have it. */
function keyDigest(certificate: string): string {
  const spki = new X509Certificate(certificate).publicKey.export({ type: "spki", format: "der" });
  return createHash("sha256").update(spki).digest("hex");
}

/** The TLSA records of a server's port, as zone files have them. */
export async function tlsaRecords(
  kind: NonNullable<NetworkPlan["tlsa"]>,
  authority: Authority,
): Promise<string[]> {
  const digests = await Promise.all(
    (["good", "good-rsa"] as const).map(async (name) =>
      keyDigest((await authority.credential(name)).certificate),
    ),
  );
  if (kind === "matching") return digests.map((digest) => `3 1 1 ${digest}`);
  // Usages that refer to public authorities are not for SMTP (RFC 7672, section 3.1.3).
  if (kind === "unusable") return digests.map((digest) => `1 1 1 ${digest}`);
  return [`3 1 1 ${"00".repeat(32)}`];
}
