import { execFileSync } from "node:child_process";
import { join } from "node:path";

/** Makes a certificate for 127.0.0.1 with which a server of a measurement is verified, and its key: files in the folder, PEM. */
export function makeCertificate(folder: string): { readonly cert: string; readonly key: string } {
  const [cert, key] = [join(folder, "cert.pem"), join(folder, "key.pem")];
  const subject = [
    "-subj",
    "/CN=127.0.0.1",
    "-addext",
    "subjectAltName=IP:127.0.0.1",
    "-days",
    "2",
    "-nodes",
  ];
  const curve = ["-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:P-256"];
  execFileSync("openssl", ["req", "-x509", ...curve, ...subject, "-out", cert, "-keyout", key], {
    stdio: "ignore",
  });
  return { cert, key };
}
