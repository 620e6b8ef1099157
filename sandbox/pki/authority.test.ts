import { X509Certificate } from "node:crypto";
import { connect, createServer, type TLSSocket } from "node:tls";
import { beforeAll, describe, expect, test } from "vitest";
import { Authority } from "./authority.ts";
import { type CertificateName, certificateNames, certificates } from "./certificate.ts";
import { loadCertificateLibrary } from "./library.ts";

let authority: Authority;

beforeAll(async () => {
  authority = await Authority.create({
    hosts: ["localhost", "127.0.0.1", "::1"],
    recipientDomain: "clinic.test",
  });
});

/** What Node's own client makes of a server that shows the certificate; `accepted` when it finds nothing wrong. */
async function verdictOf(name: CertificateName, host: string): Promise<string> {
  const { certificate, key } = await authority.credential(name);
  const server = createServer({ cert: certificate, key, ciphers: "DEFAULT@SECLEVEL=0" }, (socket) =>
    socket.end(),
  );
  server.on("tlsClientError", () => undefined);
  await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
  const { port } = server.address() as { port: number };
  try {
    return await new Promise<string>((resolve) => {
      const socket: TLSSocket = connect(
        { host: "127.0.0.1", port, servername: host, ca: authority.root },
        () => {
          resolve("accepted");
          socket.destroy();
        },
      );
      socket.on("error", (error: NodeJS.ErrnoException) =>
        resolve(error.code === "UNSPECIFIED" ? error.message : (error.code ?? error.message)),
      );
    });
  } finally {
    await new Promise((resolve) => server.close(resolve));
  }
}

/** Measured with OpenSSL 3.5 at its default security level. */
const expected: Record<CertificateName, string | RegExp> = {
  good: "accepted",
  "good-rsa": "accepted",
  "policy-host": "ERR_TLS_CERT_ALTNAME_INVALID",
  "host-only": "accepted",
  "self-signed": "DEPTH_ZERO_SELF_SIGNED_CERT",
  expired: "CERT_HAS_EXPIRED",
  "not-yet-valid": "CERT_NOT_YET_VALID",
  "other-host": "ERR_TLS_CERT_ALTNAME_INVALID",
  "other-domain": "ERR_TLS_CERT_ALTNAME_INVALID",
  "recipient-domain": "ERR_TLS_CERT_ALTNAME_INVALID",
  "unknown-authority": "UNABLE_TO_VERIFY_LEAF_SIGNATURE",
  // Node looks at no revocation list unless it is given one.
  revoked: "accepted",
  "sha1-signature": /digest algorithm too weak/,
  "rsa-1024": /key too weak/,
  // Node falls back to the common name where there is no subject alternative name.
  "common-name-only": "accepted",
  "partial-wildcard": "ERR_TLS_CERT_ALTNAME_INVALID",
  "missing-intermediate": "UNABLE_TO_VERIFY_LEAF_SIGNATURE",
  "issued-by-leaf": "INVALID_PURPOSE",
  "wrong-usage": "INVALID_PURPOSE",
};

describe("certificates", () => {
  test.each(certificateNames)("%s is judged by a verifying client as it should be", async (name) => {
    const verdict = await verdictOf(name, "localhost");
    const wanted = expected[name];
    if (typeof wanted === "string") expect(verdict).toBe(wanted);
    else expect(verdict).toMatch(wanted);
  });

  test("the good certificate holds for each address that a sandbox prints", async () => {
    const certificate = new X509Certificate((await authority.credential("good")).certificate);
    expect(certificate.checkHost("localhost")).toBe("localhost");
    expect(certificate.checkIP("127.0.0.1")).toBe("127.0.0.1");
    expect(certificate.checkIP("::1")).toBeTruthy();
  });

  test("every certificate says what is wrong with it", () => {
    expect(certificateNames.filter((name) => certificates[name].doc === "")).toEqual([]);
  });

  test("a certificate is made once", async () => {
    expect(await authority.credential("good")).toBe(await authority.credential("good"));
  });

  test("loading the library leaves the global object as it was", async () => {
    await loadCertificateLibrary();
    expect("getMetadata" in Reflect || "defineMetadata" in Reflect).toBe(false);
  });

  test("the revocation list is signed by the root and names the revoked certificate", async () => {
    const { X509Crl, X509Certificate: Certificate } = await loadCertificateLibrary();
    const list = new X509Crl(await authority.revocationList());
    const revoked = new X509Certificate((await authority.credential("revoked")).certificate);
    expect(list.entries.map(({ serialNumber }) => serialNumber.toUpperCase())).toEqual([
      revoked.serialNumber,
    ]);
    expect(await list.verify({ publicKey: new Certificate(authority.root).publicKey })).toBe(true);
  });
});
