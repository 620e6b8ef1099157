import { randomBytes } from "node:crypto";

/** What a canary stands in. */
export const canaryParts = ["subject", "header", "body", "attachment", "address", "password"] as const;
export type CanaryPart = (typeof canaryParts)[number];

export const canaryEncodings = ["raw", "quoted-printable", "base64"] as const;
export type CanaryEncoding = (typeof canaryEncodings)[number];

/** A word that exists nowhere else, so that wherever it is seen it tells what was shown. */
export interface Canary {
  readonly token: string;
  /** The posture (or control) whose message carries it. */
  readonly posture: string;
  readonly part: CanaryPart;
  /** How the ready message encodes it. A sender may encode it otherwise. */
  readonly written: CanaryEncoding;
}

/** A canary that was seen, and in which encoding. */
export interface Sighting {
  readonly canary: Canary;
  readonly encoding: CanaryEncoding;
}

const tokenPattern = /hc[0-9a-f]{22}/gi;
const base64Run = /[A-Za-z0-9+/\r\n]{16,}/g;

/** All canaries of one run. */
export class Canaries {
  private readonly byToken = new Map<string, Canary>();

  /** A new token of 24 letters and digits. */
  make(posture: string, part: CanaryPart, written: CanaryEncoding = "raw"): string {
    const token = `hc${randomBytes(11).toString("hex")}`;
    this.byToken.set(token, { token, posture, part, written });
    return token;
  }

  /** Every canary in some bytes of one phase, each once for each encoding that shows it. */
  find(bytes: Buffer): Sighting[] {
    const text = bytes.toString("latin1");
    const seen = new Map<string, Sighting>();
    for (const encoding of canaryEncodings) {
      for (const view of views[encoding](text)) {
        for (const [token] of view.matchAll(tokenPattern)) {
          const canary = this.byToken.get(token.toLowerCase());
          const key = `${token.toLowerCase()} ${encoding}`;
          // The plainest encoding tells all: the decoded views show what stands there undecoded too.
          const plainer = [...seen.values()].some((sighting) => sighting.canary === canary);
          if (canary !== undefined && !plainer) seen.set(key, { canary, encoding });
        }
      }
    }
    return [...seen.values()];
  }

  /** Replaces every canary in a text by what it stands for: `[canary subject of P01]`. */
  mark(text: string): string {
    const name = (canary: Canary): string => `[canary ${canary.part} of ${canary.posture}]`;
    const plain = text.replace(tokenPattern, (token) => {
      const canary = this.byToken.get(token.toLowerCase());
      return canary === undefined ? token : name(canary);
    });
    const decoded = quotedPrintable(plain).flatMap((view) => [...view.matchAll(tokenPattern)]);
    const hidden = decoded
      .map(([token]) => this.byToken.get(token.toLowerCase()))
      .filter((found) => found !== undefined);
    // An encoded canary cannot be cut out of its line; the line as a whole gives way.
    return hidden.length === 0
      ? this.markBase64(plain)
      : hidden.map((canary) => `${name(canary)} (quoted-printable)`).join(" ");
  }

  private markBase64(text: string): string {
    return text.replace(/[A-Za-z0-9+/]{16,}={0,2}/g, (run) => {
      const [found] = base64(run).flatMap((view) => [...view.matchAll(tokenPattern)]);
      const canary = found === undefined ? undefined : this.byToken.get(found[0].toLowerCase());
      return canary === undefined ? run : `[canary ${canary.part} of ${canary.posture}, base64]`;
    });
  }
}

/** The texts in which to look for what an encoding hides. */
const views: Readonly<Record<CanaryEncoding, (text: string) => string[]>> = {
  raw: (text) => [text, text.replace(/\r?\n[ \t]?/g, "")],
  "quoted-printable": quotedPrintable,
  base64,
};

/** Encoded words that were split over several lines belong together. */
function joinEncodedWords(text: string): string {
  return text.replace(/\?=\s+=\?[^?\s]+\?[bq]\?/gi, "");
}

function quotedPrintable(text: string): string[] {
  const joined = joinEncodedWords(text).replace(/=\r?\n/g, "");
  return [
    joined.replace(/=([0-9a-f]{2})/gi, (_, hex: string) => String.fromCharCode(Number.parseInt(hex, 16))),
  ];
}

function base64(text: string): string[] {
  const found: string[] = [];
  for (const [run] of joinEncodedWords(text).matchAll(base64Run)) {
    const letters = run.replace(/[\r\n]/g, "");
    // Where the encoding began is not known: one of four offsets is right.
    for (let offset = 0; offset < 4; offset++) {
      found.push(Buffer.from(letters.slice(offset), "base64").toString("latin1"));
    }
  }
  return found;
}
