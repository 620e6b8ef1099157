import { createHash } from "node:crypto";
import canonicalize from "canonicalize";
import { uuidOfUrl } from "#base/uuid.ts";
import type { Json } from "#base/value.ts";
import { escapeMarkdown } from "#cli/ui/markdown.ts";
import type { Edition } from "#policy/edition.ts";

export const oscalVersion = "1.2.1";

/** The namespace of properties, parts and facets that OSCAL has no names for. */
export const ownNamespace = "https://hipaa-check.dev/ns/oscal";

/** The same for the same words, on any machine. */
export function uuidOf(...words: readonly string[]): string {
  return uuidOfUrl(
    `${ownNamespace}/${words.map((word) => encodeURIComponent(word.toWellFormed())).join("/")}`,
  );
}

/** Text as OSCAL's strings hold it: one line, never empty. */
export function oneLine(text: string): string {
  return text.replace(/\s+/gu, " ").trim() || "–";
}

/** Text of an input or a rule as OSCAL's prose holds it, which is Markdown. */
export function prose(text: string): string {
  return escapeMarkdown(text);
}

/** Prose of one line. */
export function heading(text: string): string {
  return prose(oneLine(text));
}

export interface Property {
  readonly name: string;
  readonly ns: string;
  readonly value: string;
}

/** Properties of this project's, by name; those without a value are left out. */
export function properties(
  values: Readonly<Record<string, string | readonly string[] | undefined>>,
): Property[] {
  return Object.entries(values).flatMap(([name, value]) =>
    [value ?? []]
      .flat()
      .filter((text) => text.trim() !== "")
      .map((text) => ({ name, ns: ownNamespace, value: oneLine(text) })),
  );
}

/** A name that OSCAL takes for an id: letters, digits, dots, hyphens and underscores, a letter first. */
function token(text: string): string {
  const plain = text
    .replaceAll("(", "-")
    .replaceAll(")", "")
    .replace(/[^\p{L}\p{N}._-]+/gu, "-");
  return /^[\p{L}_]/u.test(plain) ? plain : `_${plain}`;
}

/** The ids of an edition's lines and of what is checked under each: a citation such as 164.312(e)(1) is none in OSCAL. */
export class ControlIds {
  private readonly ids = new Map<string, string>();

  constructor(edition: Edition) {
    const taken = new Set<string>();
    for (const { citation } of edition.controls) {
      const plain = token(`${edition.id}_${citation}`);
      let id = plain;
      for (let number = 2; taken.has(id); number += 1) id = `${plain}.${number}`;
      taken.add(id);
      this.ids.set(citation, id);
    }
  }

  control(citation: string): string {
    return this.ids.get(citation) ?? token(citation);
  }

  statement(citation: string): string {
    return `${this.control(citation)}_smt`;
  }

  objective(citation: string, rule: string): string {
    return `${this.control(citation)}_obj.${token(rule)}`;
  }
}

/** JSON whose text depends on the value alone, not on the order in which a file named things. */
export function jsonText(value: Json): string {
  return canonicalize(value) ?? "";
}

/** Lines of an edition as OSCAL selects them; none of them is everything with everything taken out. */
export function selection(
  controls: readonly string[],
  { controls: lines }: Edition,
  ids: ControlIds,
): object {
  const listedIds = (each: readonly string[]) => [...each].sort().map((id) => ({ "control-id": id }));
  if (controls.length > 0) return { "include-controls": listedIds(controls) };
  return {
    "include-all": {},
    ...listed("exclude-controls", listedIds(lines.map(({ citation }) => ids.control(citation)))),
  };
}

/** A document as JSON in parts, with a UUID that is a function of its content. */
export function* documentText(
  model: "catalog" | "assessment-plan" | "assessment-results",
  body: Readonly<Record<string, unknown>>,
): Generator<string> {
  const digest = createHash("sha256");
  for (const part of jsonParts(body, "", depthOfParts)) digest.update(part);
  const document = { [model]: { uuid: uuidOf(model, digest.digest("hex")), ...body } };
  yield* jsonParts(document, "", depthOfParts);
  yield "\n";
}

/** Down to each entry of the lists in a result, so that no part holds them all. */
const depthOfParts = 5;

function* jsonParts(value: unknown, indent: string, depth: number): Generator<string> {
  if (depth === 0 || typeof value !== "object" || value === null) {
    yield JSON.stringify(value, undefined, 2).replaceAll("\n", `\n${indent}`);
    return;
  }
  const list = Array.isArray(value);
  const entries = Object.entries(value).filter(([, entry]) => entry !== undefined);
  yield list ? "[" : "{";
  for (const [index, [name, entry]] of entries.entries()) {
    yield `${index === 0 ? "" : ","}\n${indent}  ${list ? "" : `${JSON.stringify(name)}: `}`;
    yield* jsonParts(entry, `${indent}  `, depth - 1);
  }
  yield entries.length === 0 ? "" : `\n${indent}`;
  yield list ? "]" : "}";
}

/** A list that stands in a document only where it has entries, as OSCAL asks. */
export function listed<Name extends string, T>(
  name: Name,
  entries: readonly T[],
): { readonly [key in Name]?: readonly T[] } {
  return entries.length === 0 ? {} : ({ [name]: entries } as { readonly [key in Name]: readonly T[] });
}
