/** Every certificate that a server of the sandbox can show, by what is right or wrong with it. */
export const certificateNames = [
  "good",
  "good-rsa",
  "policy-host",
  "self-signed",
  "expired",
  "not-yet-valid",
  "other-host",
  "other-domain",
  "recipient-domain",
  "host-only",
  "unknown-authority",
  "revoked",
  "sha1-signature",
  "rsa-1024",
  "common-name-only",
  "partial-wildcard",
  "missing-intermediate",
  "issued-by-leaf",
  "wrong-usage",
] as const;

export type CertificateName = (typeof certificateNames)[number];

/** `stranger`: not the keys of whoever runs the good server. */
export type KeyName = "ec" | "ec-stranger" | "rsa" | "rsa-stranger" | "rsa-1024";
export type IssuerName = "root" | "unknown-root" | "intermediate" | "leaf" | "itself";

/** What makes a certificate; everything that is left out is as it should be. */
export interface CertificateSpec {
  readonly doc: string;
  readonly key: KeyName;
  readonly issuer: IssuerName;
  /**
   * Whose names it carries: the server's and the recipient domain's, one of them, or the given ones. `none`: the
   * subject's common name is all there is.
   */
  readonly names: "host" | "host-only" | "recipient-domain" | "partial-wildcard" | "none" | readonly string[];
  /** Days from now. */
  readonly validFrom?: number;
  readonly validTo?: number;
  readonly hash?: "SHA-1" | "SHA-256";
  readonly usage?: "server" | "client";
  readonly revocationList?: true;
}

const fine = { key: "ec", issuer: "root", names: "host" } as const;

export const certificates: Readonly<Record<CertificateName, CertificateSpec>> = {
  good: { ...fine, doc: "right in every respect, P-256 key" },
  "good-rsa": { ...fine, key: "rsa", doc: "right in every respect, RSA-2048 key" },
  "policy-host": {
    ...fine,
    names: ["mta-sts.clinic.test"],
    doc: "right in every respect, for the host of the recipient domain's MTA-STS policy",
  },
  "self-signed": { ...fine, key: "rsa-stranger", issuer: "itself", doc: "signed by its own key" },
  expired: { ...fine, validFrom: -60, validTo: -30, doc: "expired 30 days ago" },
  "not-yet-valid": { ...fine, validFrom: 30, validTo: 60, doc: "valid from 30 days ahead" },
  "other-host": { ...fine, key: "ec-stranger", names: ["mx.other.test"], doc: "valid, for another host" },
  "other-domain": {
    ...fine,
    key: "ec-stranger",
    names: ["other-clinic.test"],
    doc: "valid, for another domain",
  },
  "recipient-domain": {
    ...fine,
    names: "recipient-domain",
    doc: "valid for the recipient's domain, not for the server's name",
  },
  "host-only": {
    ...fine,
    names: "host-only",
    doc: "valid for the server's name, not for the recipient's domain",
  },
  "unknown-authority": {
    ...fine,
    key: "ec-stranger",
    issuer: "unknown-root",
    doc: "issued by an authority that nobody trusts",
  },
  revoked: { ...fine, revocationList: true, doc: "on the revocation list of its issuer" },
  "sha1-signature": { ...fine, key: "rsa", hash: "SHA-1", doc: "signed with SHA-1" },
  "rsa-1024": { ...fine, key: "rsa-1024", doc: "RSA key of 1024 bits" },
  "common-name-only": { ...fine, names: "none", doc: "the name stands in the common name only" },
  "partial-wildcard": { ...fine, names: "partial-wildcard", doc: "a wildcard for a part of a label" },
  "missing-intermediate": {
    ...fine,
    issuer: "intermediate",
    doc: "shown without the intermediate that issued it",
  },
  "issued-by-leaf": {
    ...fine,
    key: "ec-stranger",
    issuer: "leaf",
    doc: "issued by a certificate that is no authority",
  },
  "wrong-usage": { ...fine, usage: "client", doc: "for client authentication only" },
};
