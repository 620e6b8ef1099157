/**
 * How good a TLS suite is. `listed`: NIST SP 800-52r2 lists it. `modern`: it does not, but the suite is sound and has
 * forward secrecy. `dated`: encrypts and authenticates without forward secrecy or with a cipher that no profile
 * lists. `broken`: no encryption, no certificate, or a cipher that can be broken.
 */
export type SuiteGrade = "listed" | "modern" | "dated" | "broken";

const broken = /NULL|^ADH-|^AECDH-|EXP|RC4|RC2|DES|MD5|IDEA|SEED/;
const listed = /^(ECDHE|DHE)-(RSA|ECDSA|DSS)-AES(128|256)-(GCM-SHA\d+|CCM8?|SHA256|SHA384|SHA)$/;
const listedIn13 = /^TLS_AES_(128_GCM_SHA256|256_GCM_SHA384|128_CCM_SHA256|128_CCM_8_SHA256)$/;

/** @param name OpenSSL's name of the suite */
export function gradeSuite(name: string): SuiteGrade {
  if (broken.test(name)) return "broken";
  if (listed.test(name) || listedIn13.test(name)) return "listed";
  return /^(TLS_|ECDHE-|DHE-)/.test(name) && !/CAMELLIA|ARIA/.test(name) ? "modern" : "dated";
}
