import { domainToASCII } from "node:url";
import type { Location } from "#base/location.ts";
import {
  type Constant,
  constant,
  type Datum,
  deriveFrom,
  type Layer,
  type Primitive,
  type Unknown,
} from "../evaluate/datum.ts";

/** A connection URL: one text, or texts with unknown parts between them. */
export type ConnectionUrl = Constant | (Unknown & { readonly parts: readonly (string | Unknown)[] });

export function isConnectionUrl(text: string): boolean {
  return /^(?:smtps?|direct):/i.test(text);
}

/**
 * The options that nodemailer reads out of a connection URL. Undefined where it is no such URL, or where an unknown
 * part comes before the end of the scheme.
 */
export function readConnectionUrl(url: ConnectionUrl): readonly Layer[] | undefined {
  const tokens = new Tokens(url);
  const text = tokens.text.trim();
  if (!isConnectionUrl(text)) return undefined;
  const parsed = URL.parse(text.replace(/^([a-z]+:)(?!\/\/)/i, "$1//"));
  if (parsed === null) return undefined;
  const options = new Map<string, Datum>();
  const tls = new Map<string, Datum>();
  if (parsed.protocol === "direct:") options.set("direct", tokens.constant(true));
  else options.set("secure", tokens.constant(parsed.protocol === "smtps:"));
  if (Number(parsed.port) > 0) options.set("port", tokens.number(parsed.port));
  const host = parsed.hostname.replace(/^\[(.*)\]$/, "$1");
  if (host !== "") options.set("host", tokens.resolve(host === parsed.hostname ? asciiName(host) : host));
  if (parsed.username !== "" || parsed.password !== "") {
    const auth = new Map([
      ["user", tokens.resolve(decoded(parsed.username))],
      ["pass", tokens.resolve(decoded(parsed.password))],
    ]);
    options.set("auth", objectOf(auth, url.location));
  }
  for (const [key, value] of parsed.searchParams) {
    const name = key.startsWith("tls.") ? key.slice("tls.".length) : key;
    const target = name === key ? options : tls;
    if ((name === key && name.includes(".")) || target.has(name)) continue;
    target.set(name, tokens.parameter(value));
  }
  if (tls.size > 0) options.set("tls", objectOf(tls, url.location));
  return layersOf(options, url.location);
}

function asciiName(host: string): string {
  const name = decoded(host);
  return domainToASCII(name) || name;
}

function decoded(text: string): string {
  try {
    return decodeURIComponent(text);
  } catch {
    return text;
  }
}

function objectOf(entries: ReadonlyMap<string, Datum>, location: Location): Datum {
  return { kind: "object", layers: layersOf(entries, location), location };
}

function layersOf(entries: ReadonlyMap<string, Datum>, location: Location): Layer[] {
  return [...entries].map(([name, value]) => ({ kind: "set", name, value: () => value, location }));
}

/** A URL in which every unknown part is replaced by a token, so that it can be taken apart. */
class Tokens {
  readonly text: string;
  private readonly url: ConnectionUrl;
  private readonly unknowns = new Map<string, Unknown>();

  constructor(url: ConnectionUrl) {
    this.url = url;
    const parts = url.kind === "constant" ? [String(url.value)] : url.parts;
    this.text = parts
      .map((part, index) => (typeof part === "string" ? part : this.tokenFor(part, index, parts)))
      .join("");
  }

  /** A port has to look like one for the URL to be valid. */
  private tokenFor(part: Unknown, index: number, parts: readonly (string | Unknown)[]): string {
    const before = parts[index - 1];
    const after = parts[index + 1];
    const isPort =
      typeof before === "string" &&
      before.endsWith(":") &&
      (after === undefined || /^[/?#]/.test(String(after)));
    const token = isPort ? String(64_000 + index) : `unknown-${index}-part`;
    this.unknowns.set(token, part);
    return token;
  }

  constant(value: Primitive): Datum {
    const { location, chain } = this.url;
    const origin = this.url.kind === "constant" ? this.url.origin : undefined;
    return { ...constant(value, location, chain), ...(origin === undefined ? {} : { origin }) };
  }

  /** A text with the unknown parts back in their places. */
  resolve(text: string): Datum {
    const found = [...this.unknowns].filter(([token]) => text.includes(token));
    const [first] = found;
    if (first === undefined) return this.constant(text);
    if (found.length === 1 && first[0] === text) return first[1];
    const { parts: _, ...whole } = this.url as Unknown;
    return { ...whole, key: `${whole.key} ${text}`, madeFrom: found.map(([, unknown]) => unknown) };
  }

  number(text: string): Datum {
    const unknown = this.unknowns.get(text);
    if (unknown === undefined) return this.constant(Number(text));
    return deriveFrom(unknown, {
      key: `number ${unknown.key}`,
      name: unknown.name,
      type: "number",
      apply: Number,
    });
  }

  /** The value of a parameter: numbers and the two truths are no texts. */
  parameter(text: string): Datum {
    const value = this.resolve(text);
    if (value.kind === "constant") return this.constant(coerced(text));
    if (value.kind !== "unknown") return value;
    return deriveFrom(value, {
      key: `coerced ${value.key}`,
      name: value.name,
      apply: (raw) => coerced(String(raw)),
    });
  }
}

function coerced(text: string): Primitive {
  if (!Number.isNaN(Number(text))) return Number(text);
  return text === "true" ? true : text === "false" ? false : text;
}
