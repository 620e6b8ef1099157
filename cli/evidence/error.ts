/**
 * Why a bundle, a key or a request cannot be accepted, in one line that says what to do where something can be done.
 * `inauthentic`: the bundle is not whole, not unchanged or not by the right signer. `usage`: the request is wrong.
 * `undecided`: nothing speaks against the bundle, and something keeps the question open.
 */
export class EvidenceError extends Error {
  readonly kind: "inauthentic" | "usage" | "undecided";
  /** Stable kebab-case code: `digest-differs`, `entry-unlisted`. */
  readonly code: string;

  constructor(kind: EvidenceError["kind"], code: string, message: string) {
    super(message);
    this.name = "EvidenceError";
    this.kind = kind;
    this.code = code;
  }
}

export function inauthentic(code: string, message: string): EvidenceError {
  return new EvidenceError("inauthentic", code, message);
}

export function usage(code: string, message: string): EvidenceError {
  return new EvidenceError("usage", code, message);
}
