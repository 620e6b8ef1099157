import type { Span } from "#base/location.ts";
import type { Attribute, Block, Body, Expression, Label, Problem } from "./tree.ts";

/** What a body may hold. */
export interface Schema {
  readonly attributes: readonly string[];
  /** By type, what each label of such a block is called: `{ resource: ["type", "name"] }`. */
  readonly blocks: Readonly<Record<string, readonly string[]>>;
}

export interface Content {
  readonly attributes: readonly Attribute[];
  /** In the order written, whatever their type. */
  readonly blocks: readonly Block[];
  readonly problems: readonly Problem[];
}

/** The content of a body of which all names are known, in either syntax; whatever the schema lacks is a problem. */
export function contentOf(body: Body, schema: Schema): Content {
  const blocks: Block[] = [];
  const problems: Problem[] = [];
  for (const [type, labels] of Object.entries(schema.blocks)) {
    const found = blocksOf(body, type, labels);
    blocks.push(...found.blocks);
    problems.push(...found.problems);
  }
  const isAttribute = new Set(schema.attributes);
  const isBlock = (type: string): boolean => Object.hasOwn(schema.blocks, type);
  const attributes: Attribute[] = [];
  for (const attribute of body.attributes) {
    if (isAttribute.has(attribute.name)) attributes.push(attribute);
    else if (body.syntax === "native" || !isBlock(attribute.name)) {
      problems.push(unexpectedAttribute(attribute, isBlock(attribute.name)));
    }
  }
  for (const { type, typeSpan } of body.blocks) {
    if (!isBlock(type)) problems.push(unexpectedBlock(type, typeSpan, isAttribute.has(type)));
  }
  blocks.sort((a, b) => a.start - b.start);
  problems.sort((a, b) => a.start - b.start);
  return { attributes, blocks, problems };
}

function unexpectedAttribute({ name, nameSpan }: Attribute, isBlock: boolean): Problem {
  const message = isBlock
    ? `${name} is a block. Write ${name} { … } without "=".`
    : `No argument or block is called ${name} here. Check the spelling, or remove it.`;
  return { message, ...nameSpan };
}

function unexpectedBlock(type: string, typeSpan: Span, isAttribute: boolean): Problem {
  const message = isAttribute
    ? `${type} is an argument. Write ${type} = value.`
    : `No block is called ${type} here. Check the spelling, or remove it.`;
  return { message, ...typeSpan };
}

/**
 * The blocks of a type in a body of either syntax, in the order written.
 *
 * In JSON syntax each label is an object whose names are the labels, and an array of objects stands for several blocks.
 * The header of such a block is its last label, its type where it has none, or its brace where it stands in an array;
 * its outer labels stand outside its span.
 * @param labelNames what each label is called, outermost first: `["type", "name"]` for `resource`
 */
export function blocksOf(
  body: Body,
  type: string,
  labelNames: readonly string[] = [],
): { readonly blocks: readonly Block[]; readonly problems: readonly Problem[] } {
  const blocks: Block[] = [];
  const problems: Problem[] = [];
  for (const block of body.blocks) {
    if (block.type !== type) continue;
    if (block.labels.length === labelNames.length) blocks.push(block);
    else problems.push(wrongLabels(block, labelNames));
  }
  if (body.syntax === "json") {
    const unpacked: Unpacked = { type, labelNames, blocks, problems };
    for (const { name, nameSpan, expression } of body.attributes) {
      if (name === type) unpack(unpacked, expression, nameSpan, []);
    }
  }
  return { blocks, problems };
}

function wrongLabels({ type, labels, header }: Block, labelNames: readonly string[]): Problem {
  const due = [type, ...labelNames.map((name) => `"${name}"`), "{ … }"].join(" ");
  const what = labels.length < labelNames.length ? "A label is missing" : "There are too many labels";
  return { message: `${what}. Write ${due}.`, start: header.start, end: header.end };
}

interface Unpacked {
  readonly type: string;
  readonly labelNames: readonly string[];
  readonly blocks: Block[];
  readonly problems: Problem[];
}

/** Reads a JSON value as blocks whose outer labels are known. */
function unpack(into: Unpacked, value: Expression, typeSpan: Span, labels: readonly Label[]): void {
  const { type, labelNames, blocks, problems } = into;
  const labelName = labelNames[labels.length];
  if (labelName !== undefined) {
    const wanted = `Write an object here whose names are the ${labelName} of each ${type}.`;
    const { attributes, isIncomplete } = bodyOf(value, wanted, problems);
    if (attributes.length === 0 && !isIncomplete) {
      problems.push({
        message: `No ${labelName} stands here. ${wanted}`,
        start: value.start,
        end: value.end,
      });
    }
    for (const { name, nameSpan, expression } of attributes) {
      unpack(into, expression, typeSpan, [...labels, { kind: "label", value: name, ...nameSpan }]);
    }
    return;
  }
  if (value.kind === "literal" && value.value === null) return;
  const wanted = `Write an object { … } or an array of objects here: the content of ${type}.`;
  const name = labels.at(-1) ?? typeSpan;
  for (const item of value.kind === "tuple" ? value.items : [value]) {
    const header =
      item === value ? { start: name.start, end: name.end } : { start: item.start, end: item.start + 1 };
    const body = bodyOf(item, wanted, problems);
    blocks.push({ kind: "block", type, typeSpan, labels, header, body, start: header.start, end: item.end });
  }
}

/** A JSON value as a body; an array of objects is one body with the properties of all. */
function bodyOf(value: Expression, wanted: string, problems: Problem[]): Body {
  const { start, end } = value;
  const attributes: Attribute[] = [];
  let isIncomplete = false;
  for (const item of value.kind === "tuple" ? value.items : [value]) {
    if (item.kind === "object") {
      for (const { key, value: expression, start, end } of item.entries) {
        if (key.kind !== "literal") isIncomplete = true;
        else if (key.value !== "//") {
          const name = String(key.value);
          const nameSpan = { start: key.start, end: key.end };
          attributes.push({ kind: "attribute", name, nameSpan, expression, start, end });
        }
      }
    } else if (item === value && item.kind === "literal" && item.value === null) continue;
    else {
      isIncomplete = true;
      if (item.kind !== "invalid") problems.push({ message: wanted, start: item.start, end: item.end });
    }
  }
  return { kind: "body", syntax: "json", attributes, blocks: [], isIncomplete, start, end };
}
