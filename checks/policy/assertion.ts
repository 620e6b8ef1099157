import { createRequire } from "node:module";
import type { Ajv } from "ajv";
import type { Json } from "#base/value.ts";
import { assertionKeywords, keywordDefinitions } from "./keywords.ts";
import type { AttributeAssertion } from "./rule.ts";

/** Decides whether a known value meets an assertion. */
export type Check = (value: Json) => boolean;

/** Assertions compiled ahead of time, by the key that `assertionKey` gives. */
export type CompiledAssertions = Readonly<Record<string, Check>>;

/** Replaces each `{ $parameter: name }` by the parameter's value. */
export function bindParameters(
  assertion: AttributeAssertion,
  parameters: Readonly<Record<string, Json>>,
): AttributeAssertion {
  return bind(assertion, parameters) as AttributeAssertion;
}

function bind(node: Json, parameters: Readonly<Record<string, Json>>): Json {
  if (Array.isArray(node)) return node.map((item) => bind(item, parameters));
  if (node === null || typeof node !== "object") return node;
  const entries = Object.entries(node as Record<string, Json>);
  const [only] = entries;
  if (entries.length === 1 && only?.[0] === "$parameter") return parameters[String(only[1])] ?? null;
  return Object.fromEntries(entries.map(([key, value]) => [key, bind(value, parameters)]));
}

const typeOfKeyword: Readonly<Record<string, string>> = {
  minimum: "number",
  maximum: "number",
  minLength: "string",
  pattern: "string",
  minItems: "array",
  maxItems: "array",
  contains: "array",
  items: "array",
};

/**
 * The schema that an assertion stands for. JSON Schema lets a text pass a minimum, because a minimum says nothing of
 * texts; an assertion that speaks of numbers, texts or lists demands one.
 */
export function schemaOf(assertion: AttributeAssertion): AttributeAssertion {
  const inner = ["contains", "items", "not"].flatMap((keyword): [string, Json][] => {
    const part = assertion[keyword];
    return part === undefined ? [] : [[keyword, schemaOf(part as AttributeAssertion)]];
  });
  const type = demandedType(assertion);
  return { ...(type === undefined ? {} : { type }), ...assertion, ...Object.fromEntries(inner) };
}

/** What `not` denies is of the type that it speaks of as well. */
function demandedType(assertion: AttributeAssertion): string | undefined {
  const [type] = Object.keys(assertion).flatMap((keyword) => typeOfKeyword[keyword] ?? []);
  const denied = assertion.not as AttributeAssertion | undefined;
  return type ?? (denied === undefined ? undefined : demandedType(denied));
}

/** Names of the parameters that an assertion mentions. */
export function mentionedParameters(node: Json): string[] {
  if (node === null || typeof node !== "object") return [];
  if (Array.isArray(node)) return node.flatMap(mentionedParameters);
  return Object.entries(node).flatMap(([key, value]) =>
    key === "$parameter" ? [String(value)] : mentionedParameters(value),
  );
}

export function assertionKey(assertion: AttributeAssertion): string {
  return JSON.stringify(assertion);
}

/** Compiles assertions, once each; takes those that were compiled ahead of time where there are any. */
export class AssertionCompiler {
  private readonly checks = new Map<string, Check>();
  private readonly compiled: CompiledAssertions;
  private ajv: Ajv | undefined;

  constructor(compiled: CompiledAssertions = {}) {
    this.compiled = compiled;
  }

  /** @throws Error where the assertion is no valid schema; the message says why. */
  compile(assertion: AttributeAssertion): Check {
    const key = assertionKey(assertion);
    const earlier = this.checks.get(key) ?? this.compiled[key];
    if (earlier !== undefined) return earlier;
    this.ajv ??= createAjv();
    const validate = this.ajv.compile(schemaOf(assertion));
    const check: Check = (value) => validate(value) === true;
    this.checks.set(key, check);
    return check;
  }
}

/** An ajv instance that knows the own keywords. Loaded on first use: shipped rules do without it. */
export function createAjv(options: { readonly standalone?: boolean } = {}): Ajv {
  const require = createRequire(import.meta.url);
  const { Ajv: AjvClass } = require("ajv") as typeof import("ajv");
  const ajv = new AjvClass({
    strict: true,
    strictTypes: false,
    strictRequired: false,
    code: options.standalone === true ? { source: true, esm: false } : {},
  });
  for (const definition of keywordDefinitions()) ajv.addKeyword(definition);
  return ajv;
}

const descriptions = new WeakMap<AttributeAssertion, string>();

/** The demand of an assertion in words, to follow "must be". */
export function describeAssertion(assertion: AttributeAssertion): string {
  let words = descriptions.get(assertion);
  if (words === undefined) {
    words = describeKeywords(assertion);
    descriptions.set(assertion, words);
  }
  return words;
}

function describeKeywords(assertion: AttributeAssertion): string {
  const parts = Object.entries(assertion).map(([keyword, argument]) => describeKeyword(keyword, argument));
  return parts.filter((part) => part !== "").join(" and ");
}

function describeKeyword(keyword: string, written: Json): string {
  const argument = isParameter(written) ? `the parameter ${show(written.$parameter)}` : written;
  const own = assertionKeywords.find((entry) => entry.keyword === keyword);
  if (own !== undefined) return own.describe(argument as never);
  switch (keyword) {
    case "const":
      return show(argument);
    case "enum":
      return Array.isArray(argument) ? choiceWords(argument.map(show)) : show(argument);
    case "minimum":
      return `at least ${show(argument)}`;
    case "maximum":
      return `at most ${show(argument)}`;
    case "maxItems":
      return argument === 0 ? "none" : `at most ${show(argument)} entries`;
    case "minItems":
      return `at least ${show(argument)} entries`;
    case "pattern":
      return `text that matches ${show(argument)}`;
    case "contains":
      return `a list with ${describeAssertion(argument as AttributeAssertion)}`;
    case "not":
      return `anything but ${describeAssertion(argument as AttributeAssertion)}`;
    default:
      return `${keyword} ${show(argument)}`;
  }
}

function isParameter(argument: Json): argument is { readonly $parameter: Json } {
  return argument !== null && typeof argument === "object" && "$parameter" in argument;
}

/** "a, b or c". */
function choiceWords(choices: readonly string[]): string {
  return [choices.slice(0, -1).join(", "), ...choices.slice(-1)].filter((part) => part !== "").join(" or ");
}

/** A value for people: text bare, the rest as JSON. */
export function show(value: Json): string {
  return typeof value === "string" ? value : JSON.stringify(value);
}
