import { spawnSync } from "node:child_process";
import { mkdirSync, writeFileSync } from "node:fs";
import { join } from "node:path";

export const hasOpenssl = spawnSync("openssl", ["ts", "-help"]).status === 0;

const configuration = `
[ req ]
distinguished_name = name
[ name ]
[ tsa ]
default_tsa = authority
[ authority ]
serial = serial
signer_digest = sha256
default_policy = 1.2.3.4.1
digests = sha256, sha384, sha512
accuracy = secs:1
ess_cert_id_alg = sha256
[ stamping ]
basicConstraints = critical,CA:false
extendedKeyUsage = critical,timeStamping
keyUsage = critical,digitalSignature
[ root ]
basicConstraints = critical,CA:true
keyUsage = critical,keyCertSign
`;

/** A time stamp authority of openssl in a folder: a root, and a certificate that it issued for time stamping. */
export class Authority {
  readonly root: string;
  readonly certificate: string;
  private readonly folder: string;

  constructor(folder: string, name: string) {
    this.folder = folder;
    this.root = join(folder, "root.pem");
    this.certificate = join(folder, "stamping.pem");
    mkdirSync(folder);
    writeFileSync(join(folder, "openssl.cnf"), configuration);
    writeFileSync(join(folder, "serial"), "01\n");
    const key = ["-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:P-256", "-nodes"];
    this.openssl(
      "req",
      "-x509",
      ...key,
      "-keyout",
      "root.key",
      "-out",
      "root.pem",
      "-subj",
      `/CN=${name} root`,
      "-days",
      "3650",
      "-config",
      "openssl.cnf",
      "-extensions",
      "root",
    );
    this.issue(name, "stamping", ["-newkey", "rsa:2048", "-nodes"]);
  }

  private issue(name: string, purpose: string, key: readonly string[]): void {
    this.openssl(
      "req",
      ...key,
      "-keyout",
      `${purpose}.key`,
      "-out",
      `${purpose}.csr`,
      "-subj",
      `/CN=${name} ${purpose}`,
      "-config",
      "openssl.cnf",
    );
    this.openssl(
      "x509",
      "-req",
      "-in",
      `${purpose}.csr`,
      "-CA",
      "root.pem",
      "-CAkey",
      "root.key",
      "-set_serial",
      "161",
      "-days",
      "3000",
      "-extfile",
      "openssl.cnf",
      "-extensions",
      purpose,
      "-out",
      `${purpose}.pem`,
    );
  }

  /** Answers a request. @returns the response's file */
  stamp(request: string, response: string, ...words: readonly string[]): string {
    this.openssl(
      "ts",
      "-reply",
      "-config",
      "openssl.cnf",
      "-queryfile",
      request,
      "-signer",
      "stamping.pem",
      "-inkey",
      "stamping.key",
      "-out",
      response,
      ...words,
    );
    return response;
  }

  private openssl(...words: readonly string[]): void {
    const { status, stderr } = spawnSync("openssl", words, { cwd: this.folder, encoding: "utf8" });
    if (status !== 0) throw new Error(`openssl ${words.join(" ")}: ${stderr}`);
  }
}
