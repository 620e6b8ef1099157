import type { ts } from "ts-morph";
import { shortText } from "../source/syntax.ts";
import type { Call } from "./calls.ts";
import { constant, type Datum, deriveFrom, type External, type Primitive, type Unknown } from "./datum.ts";
import { readJson } from "./json.ts";
import { toNumber } from "./operators.ts";
import { areEqual, isTruthy, settle } from "./questions.ts";
import type { Run } from "./run.ts";
import { unread } from "./unread.ts";

type Args = readonly (() => Datum)[];

/** Functions of the runtime that yield what they are given. */
const sameValue = new Set([
  "Object freeze",
  "Object seal",
  "Object preventExtensions",
  "structuredClone",
  "Promise resolve",
]);

const ofText: Readonly<Record<string, (text: string) => Primitive>> = {
  encodeURIComponent,
  decodeURIComponent,
  encodeURI,
  decodeURI,
  escape: encodeURIComponent,
};

/** What a function of the runtime yields; undefined for those that are not known here. */
export function callBuiltin(callee: External, args: Args, at: Call, run: Run): Datum | undefined {
  if (callee.module !== undefined) return undefined;
  const name = callee.path.filter((word) => word !== "globalThis").join(" ");
  const [first] = args;
  const value = first === undefined ? constant(undefined, run.files.locate(at)) : settle(first(), run.world);
  if (sameValue.has(name)) return value;
  switch (name) {
    case "Boolean":
      return constant(isTruthy(value, run.world), run.files.locate(at));
    case "Number":
      return toNumber(value, at, run);
    case "parseInt":
    case "parseFloat":
    case "Number parseInt":
    case "Number parseFloat":
      return parsedNumber(value, at, run);
    case "String":
      return applied(value, "string", at, String, "string");
    case "JSON parse":
      return readJson(value, at, run);
    case "Deno env get":
    case "Netlify env get":
      return value.kind === "constant"
        ? run.environment.variable(String(value.value), shortText(at), run.files.locate(at), run.world.unset)
        : undefined;
    case "Deno env toObject":
      return { kind: "environment", location: run.files.locate(at) };
  }
  const apply = ofText[name];
  return apply === undefined
    ? undefined
    : applied(value, name, at, (text) => attempt(() => apply(String(text))), "string");
}

/** What `new` makes of a class of the runtime; undefined for those that are not known here. */
export function makeBuiltin(callee: External, args: Args, at: ts.Node, run: Run): Datum | undefined {
  if (callee.module !== undefined && callee.module !== "url" && callee.module !== "node:url")
    return undefined;
  if (callee.path.join(" ") !== "URL") return undefined;
  const value = args[0] === undefined ? undefined : settle(args[0](), run.world);
  if (value?.kind !== "constant" || args.length !== 1) return undefined;
  const url = URL.parse(String(value.value));
  if (url === null) return unread(at, run, "is no URL");
  const { location } = value;
  const parts = [
    "href",
    "protocol",
    "host",
    "hostname",
    "port",
    "username",
    "password",
    "pathname",
    "search",
  ] as const;
  return {
    kind: "object",
    location,
    layers: parts.map((name) => ({
      kind: "set",
      name,
      value: () => ({ ...value, value: url[name] }),
      location,
    })),
  };
}

function parsedNumber(value: Datum, at: ts.Node, run: Run): Datum {
  const parse = (text: Primitive): number => Number.parseFloat(String(text));
  if (value.kind === "constant") return { ...value, value: parse(value.value) };
  const number = toNumber(value, at, run);
  if (number.kind !== "unknown" || number.derived === undefined) return number;
  return { ...number, derived: { ...number.derived, apply: parse } };
}

/** A function of one text or number. */
function applied(
  value: Datum,
  operation: string,
  at: ts.Node,
  apply: (value: Primitive) => Primitive,
  type: Unknown["type"],
): Datum | undefined {
  if (value.kind === "constant") return { ...value, value: apply(value.value) };
  if (value.kind !== "unknown") return undefined;
  if (type === "string" && operation === "string" && value.type === "string") return value;
  const key = `${operation} ${value.key}`;
  return deriveFrom(value, { key, name: shortText(at), apply, ...(type === undefined ? {} : { type }) });
}

type TextMethod = (text: string, ...args: string[]) => Primitive;

const textMethods: Readonly<Record<string, TextMethod>> = {
  toLowerCase: (text) => text.toLowerCase(),
  toLocaleLowerCase: (text) => text.toLowerCase(),
  toUpperCase: (text) => text.toUpperCase(),
  toLocaleUpperCase: (text) => text.toUpperCase(),
  trim: (text) => text.trim(),
  trimStart: (text) => text.trimStart(),
  trimEnd: (text) => text.trimEnd(),
  toString: (text: string) => text,
  valueOf: (text: string) => text,
  startsWith: (text, part = "") => text.startsWith(part),
  endsWith: (text, part = "") => text.endsWith(part),
  includes: (text, part = "") => text.includes(part),
  concat: (text, ...parts) => text.concat(...parts),
  replace: (text: string, from = "", to = "") => text.replace(from, () => to),
  replaceAll: (text: string, from = "", to = "") => text.replaceAll(from, () => to),
};

const truths = new Set(["startsWith", "endsWith", "includes"]);

/** What a method of a text, list or function yields; undefined for those that are not known here. */
export function methodOf(of: Datum, name: string, args: Args, at: Call, run: Run): Datum | undefined {
  if (name === "catch" || name === "finally") return of;
  if (of.kind === "external" && of.path[0] === "RegExp" && name === "test")
    return matches(of.name, args, at, run);
  if (of.kind === "array" && name === "includes") return includes(of.elements, args, at, run);
  if (of.kind === "constant" && typeof of.value !== "string") {
    if (of.value === undefined || of.value === null || name !== "toString") return undefined;
    return { ...of, value: String(of.value) };
  }
  const method = Object.hasOwn(textMethods, name) ? textMethods[name] : undefined;
  if (method === undefined || (of.kind !== "constant" && of.kind !== "unknown")) return undefined;
  if (of.kind === "unknown" && of.type !== "string") return undefined;
  const texts = args.map((arg) => settle(arg(), run.world));
  if (!texts.every((text) => text.kind === "constant" && typeof text.value === "string")) return undefined;
  const words = texts.map((text) => String((text as { value: Primitive }).value));
  const operation = [name, ...words.map((word) => JSON.stringify(word))].join(" ");
  const type = truths.has(name) ? "boolean" : "string";
  return applied(of, operation, at, (value) => method(String(value), ...words), type);
}

function includes(
  elements: readonly (() => Datum)[] | undefined,
  args: Args,
  at: Call,
  run: Run,
): Datum | undefined {
  const [wanted] = args;
  if (elements === undefined || wanted === undefined) return undefined;
  return constant(
    elements.some((element) => areEqual(element(), wanted(), false, run.world)),
    run.files.locate(at),
  );
}

/** A pattern without repetition: it costs no more to try than to read. */
const plainPattern = /^\^?(?:\((?:\?:)?[\w|.@ -]*\)|[\w|.@ -]*)\$?$/;

function matches(written: string, args: Args, at: Call, run: Run): Datum | undefined {
  const [, pattern = "", flags = ""] = /^\/(.*)\/([a-z]*)$/.exec(written) ?? [];
  const value = args[0] === undefined ? undefined : settle(args[0](), run.world);
  if (value === undefined || !plainPattern.test(pattern) || !/^i?$/.test(flags)) return undefined;
  const expression = new RegExp(pattern, flags);
  return applied(value, `test ${written}`, at, (text) => expression.test(String(text)), "boolean");
}

function attempt(compute: () => Primitive): Primitive {
  try {
    return compute();
  } catch {
    return undefined;
  }
}
