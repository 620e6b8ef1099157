import { webcrypto } from "node:crypto";

export interface Credential {
  readonly cert: string;
  readonly key: string;
}

export interface Certificates {
  /** The authority that a sender is given to trust. */
  readonly ca: string;
  /** Right for `names`. */
  readonly good: Credential;
  /** From the same authority, for another name. */
  readonly otherName: Credential;
  /** From an authority that nobody trusts, for `names`. */
  readonly untrusted: Credential;
}

const algorithm = { name: "ECDSA", namedCurve: "P-256", hash: "SHA-256" };
const day = 86_400_000;

export async function makeCertificates(names: readonly string[]): Promise<Certificates> {
  const { X509CertificateGenerator, ...x509 } = await loadLibrary();
  const makeKeys = async (): Promise<webcrypto.CryptoKeyPair> =>
    (await webcrypto.subtle.generateKey(algorithm, true, ["sign", "verify"])) as webcrypto.CryptoKeyPair;
  const span = { notBefore: new Date(Date.now() - day), notAfter: new Date(Date.now() + day) };
  const makeAuthority = async (name: string) => {
    const keys = await makeKeys();
    const extensions = [new x509.BasicConstraintsExtension(true, undefined, true)];
    const certificate = await X509CertificateGenerator.createSelfSigned({
      ...span,
      name,
      keys,
      signingAlgorithm: algorithm,
      extensions,
      serialNumber: "01",
    });
    return { keys, certificate };
  };
  const issue = async (
    by: Awaited<ReturnType<typeof makeAuthority>>,
    hosts: readonly string[],
  ): Promise<Credential> => {
    const keys = await makeKeys();
    const certificate = await X509CertificateGenerator.create({
      ...span,
      subject: "CN=test server",
      issuer: by.certificate.subject,
      publicKey: keys.publicKey,
      signingKey: by.keys.privateKey,
      signingAlgorithm: algorithm,
      serialNumber: "02",
      extensions: [new x509.SubjectAlternativeNameExtension(hosts.map((value) => ({ type: "dns", value })))],
    });
    const der = await webcrypto.subtle.exportKey("pkcs8", keys.privateKey);
    return { cert: certificate.toString("pem"), key: x509.PemConverter.encode(der, "PRIVATE KEY") };
  };
  const [trusted, unknown] = [await makeAuthority("CN=trusted"), await makeAuthority("CN=unknown")];
  return {
    ca: trusted.certificate.toString("pem"),
    good: await issue(trusted, names),
    otherName: await issue(trusted, ["mx.other.example"]),
    untrusted: await issue(unknown, names),
  };
}

/** The library's dependency injection asks for these while it loads, and uses no metadata. */
async function loadLibrary(): Promise<typeof import("@peculiar/x509")> {
  for (const name of ["getMetadata", "getOwnMetadata", "defineMetadata"]) {
    if (!(name in Reflect))
      Object.defineProperty(Reflect, name, { value: () => undefined, configurable: true });
  }
  return import("@peculiar/x509");
}
