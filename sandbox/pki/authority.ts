import { randomBytes, webcrypto } from "node:crypto";
import { isIP } from "node:net";
import type { Extension, X509Certificate } from "@peculiar/x509";
import {
  type CertificateName,
  type CertificateSpec,
  certificates,
  type IssuerName,
  type KeyName,
} from "./certificate.ts";
import { type CertificateLibrary, loadCertificateLibrary } from "./library.ts";

/** A certificate as a server shows it, with its key; PEM. */
export interface Credential {
  readonly name: CertificateName;
  /** The leaf, and after it whatever else the server sends. */
  readonly certificate: string;
  readonly key: string;
}

export interface AuthorityOptions {
  /** Names and addresses under which the servers of the run are reached. */
  readonly hosts: readonly string[];
  /** The domain that messages of the run go to. */
  readonly recipientDomain: string;
}

type CryptoKeyPair = webcrypto.CryptoKeyPair;

interface Issuer {
  readonly certificate: X509Certificate;
  readonly keys: CryptoKeyPair;
}

const day = 86_400_000;

const keyAlgorithms: Readonly<Record<KeyName, webcrypto.EcKeyGenParams | webcrypto.RsaHashedKeyGenParams>> = {
  ec: { name: "ECDSA", namedCurve: "P-256" },
  "ec-stranger": { name: "ECDSA", namedCurve: "P-256" },
  rsa: rsa(2048),
  "rsa-stranger": rsa(2048),
  "rsa-1024": rsa(1024),
};

function rsa(modulusLength: number): webcrypto.RsaHashedKeyGenParams {
  return {
    name: "RSASSA-PKCS1-v1_5",
    hash: "SHA-256",
    publicExponent: new Uint8Array([1, 0, 1]),
    modulusLength,
  };
}

function makeKeys(
  algorithm: webcrypto.EcKeyGenParams | webcrypto.RsaHashedKeyGenParams,
): Promise<CryptoKeyPair> {
  return webcrypto.subtle.generateKey(algorithm, true, ["sign", "verify"]) as Promise<CryptoKeyPair>;
}

function pem(label: string, der: ArrayBuffer): string {
  const lines =
    Buffer.from(der)
      .toString("base64")
      .match(/.{1,64}/g) ?? [];
  return `-----BEGIN ${label}-----\n${lines.join("\n")}\n-----END ${label}-----\n`;
}

/** Runs a maker once for each key and remembers what it made. */
class Memo<K, V> {
  private readonly made = new Map<K, Promise<V>>();
  private readonly make: (key: K) => Promise<V>;

  constructor(make: (key: K) => Promise<V>) {
    this.make = make;
  }

  get(key: K): Promise<V> {
    const found = this.made.get(key) ?? this.make(key);
    this.made.set(key, found);
    return found;
  }
}

/** The certificate authority of one run. Keys and certificates are made when they are first asked for. */
export class Authority {
  /** The certificate that a sender is given to trust, PEM. */
  readonly root: string;
  private readonly library: CertificateLibrary;
  private readonly options: AuthorityOptions;
  private readonly keys = new Memo((name: KeyName) => makeKeys(keyAlgorithms[name]));
  private readonly issuers: Memo<Exclude<IssuerName, "itself">, Issuer>;
  private readonly credentials = new Memo((name: CertificateName) => this.make(name));
  private readonly serials = new Map<CertificateName, string>();
  private revocationUrl = "http://127.0.0.1:9/crl";

  private constructor(library: CertificateLibrary, options: AuthorityOptions, root: Issuer) {
    this.library = library;
    this.options = options;
    this.root = `${root.certificate.toString("pem")}\n`;
    this.issuers = new Memo((name) => (name === "root" ? Promise.resolve(root) : this.makeIssuer(name)));
  }

  static async create(options: AuthorityOptions): Promise<Authority> {
    const library = await loadCertificateLibrary();
    const keys = await makeKeys(keyAlgorithms.ec);
    return new Authority(library, options, {
      keys,
      certificate: await signRoot(library, "Sandbox root", keys),
    });
  }

  credential(name: CertificateName): Promise<Credential> {
    return this.credentials.get(name);
  }

  /** Where the revocation list will be found; call before the credential `revoked` is first asked for. */
  publishRevocationsAt(url: string): void {
    this.revocationUrl = url;
  }

  /** The revocation list of the root, DER. */
  async revocationList(): Promise<Buffer> {
    await this.credential("revoked");
    const root = await this.issuers.get("root");
    const list = await this.library.X509CrlGenerator.create({
      issuer: root.certificate.subject,
      thisUpdate: new Date(Date.now() - day),
      nextUpdate: new Date(Date.now() + day),
      entries: [
        { serialNumber: this.serials.get("revoked") ?? "", revocationDate: new Date(Date.now() - day) },
      ],
      signingAlgorithm: { name: "ECDSA", hash: "SHA-256" },
      signingKey: root.keys.privateKey,
    });
    return Buffer.from(list.rawData);
  }

  private async makeIssuer(name: Exclude<IssuerName, "itself">): Promise<Issuer> {
    const keys = await makeKeys(keyAlgorithms.ec);
    if (name === "unknown-root") {
      return { keys, certificate: await signRoot(this.library, "Unknown root", keys) };
    }
    const root = await this.issuers.get("root");
    const certificate = await this.library.X509CertificateGenerator.create({
      serialNumber: serial(),
      subject: name === "intermediate" ? "CN=Sandbox intermediate" : "CN=leaf.test",
      issuer: root.certificate.subject,
      notBefore: new Date(Date.now() - day),
      notAfter: new Date(Date.now() + 30 * day),
      signingAlgorithm: { name: "ECDSA", hash: "SHA-256" },
      publicKey: keys.publicKey,
      signingKey: root.keys.privateKey,
      extensions: [
        new this.library.BasicConstraintsExtension(name === "intermediate", undefined, true),
        await this.library.SubjectKeyIdentifierExtension.create(keys.publicKey),
        await this.library.AuthorityKeyIdentifierExtension.create(root.keys.publicKey),
      ],
    });
    return { keys, certificate };
  }

  private async make(name: CertificateName): Promise<Credential> {
    const spec = certificates[name];
    const keys = await this.keys.get(spec.key);
    const issuer = spec.issuer === "itself" ? undefined : await this.issuers.get(spec.issuer);
    const subject = `CN=${spec.names === "none" ? this.options.hosts[0] : "sandbox server"}`;
    const serialNumber = serial();
    this.serials.set(name, serialNumber);
    const leaf = await this.library.X509CertificateGenerator.create({
      serialNumber,
      subject,
      issuer: issuer?.certificate.subject ?? subject,
      notBefore: new Date(Date.now() + (spec.validFrom ?? -1) * day),
      notAfter: new Date(Date.now() + (spec.validTo ?? 30) * day),
      signingAlgorithm: signatureOf(spec, issuer === undefined ? spec.key : "ec"),
      publicKey: keys.publicKey,
      signingKey: (issuer?.keys ?? keys).privateKey,
      extensions: await this.extensions(spec, keys, issuer?.keys ?? keys),
    });
    // A chain that leads through a certificate that is no authority is shown whole; only so can it be refused for that.
    const rest = spec.issuer === "leaf" ? `${issuer?.certificate.toString("pem")}\n` : "";
    const key = await webcrypto.subtle.exportKey("pkcs8", keys.privateKey);
    return {
      name,
      certificate: `${leaf.toString("pem")}\n${rest}`,
      key: pem("PRIVATE KEY", key as ArrayBuffer),
    };
  }

  private async extensions(
    spec: CertificateSpec,
    own: CryptoKeyPair,
    issuer: CryptoKeyPair,
  ): Promise<Extension[]> {
    const x509 = this.library;
    const usage =
      spec.usage === "client" ? x509.ExtendedKeyUsage.clientAuth : x509.ExtendedKeyUsage.serverAuth;
    const names = this.namesOf(spec);
    return [
      new x509.BasicConstraintsExtension(false, undefined, true),
      new x509.KeyUsagesExtension(
        x509.KeyUsageFlags.digitalSignature | x509.KeyUsageFlags.keyEncipherment,
        true,
      ),
      new x509.ExtendedKeyUsageExtension([usage]),
      await x509.SubjectKeyIdentifierExtension.create(own.publicKey),
      await x509.AuthorityKeyIdentifierExtension.create(issuer.publicKey),
      ...(names.length === 0 ? [] : [new x509.SubjectAlternativeNameExtension(names.map(generalName))]),
      ...(spec.revocationList ? [new x509.CRLDistributionPointsExtension([this.revocationUrl])] : []),
    ];
  }

  private namesOf(spec: CertificateSpec): readonly string[] {
    const { hosts, recipientDomain } = this.options;
    if (spec.names === "host") return [...hosts, recipientDomain];
    if (spec.names === "host-only") return hosts;
    if (spec.names === "recipient-domain") return [recipientDomain];
    if (spec.names === "partial-wildcard") return [partialWildcard(hosts[0] ?? "localhost")];
    return spec.names === "none" ? [] : spec.names;
  }
}

/** `loc*` for `localhost`, `mx*.clinic.test` for `mx1.clinic.test`. */
function partialWildcard(host: string): string {
  const [label = "", ...rest] = host.split(".");
  return [`${label.slice(0, Math.max(2, Math.ceil(label.length / 3)))}*`, ...rest].join(".");
}

function generalName(name: string): { type: "ip" | "dns"; value: string } {
  return { type: isIP(name) === 0 ? "dns" : "ip", value: name };
}

function signatureOf(spec: CertificateSpec, key: KeyName): { name: string; hash: string } {
  return { name: key.startsWith("ec") ? "ECDSA" : "RSASSA-PKCS1-v1_5", hash: spec.hash ?? "SHA-256" };
}

function serial(): string {
  // A leading zero bit keeps the number positive in DER.
  const bytes = randomBytes(16);
  bytes[0] = ((bytes[0] ?? 0) & 0x7f) | 0x40;
  return bytes.toString("hex");
}

async function signRoot(
  library: CertificateLibrary,
  name: string,
  keys: CryptoKeyPair,
): Promise<X509Certificate> {
  return await library.X509CertificateGenerator.createSelfSigned({
    serialNumber: serial(),
    name: `CN=${name}`,
    notBefore: new Date(Date.now() - day),
    notAfter: new Date(Date.now() + 30 * day),
    signingAlgorithm: { name: "ECDSA", hash: "SHA-256" },
    keys,
    extensions: [
      new library.BasicConstraintsExtension(true, undefined, true),
      new library.KeyUsagesExtension(library.KeyUsageFlags.keyCertSign | library.KeyUsageFlags.cRLSign, true),
      await library.SubjectKeyIdentifierExtension.create(keys.publicKey),
    ],
  });
}
