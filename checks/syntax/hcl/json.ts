import { parseJson } from "../json/parser.ts";
import type { JsonNode, JsonProperty, JsonString } from "../json/tree.ts";
import { type HclFile, parseHclTemplate } from "./parser.ts";
import { type Attribute, type Body, type Expression, type Problem, setSpan, walk } from "./tree.ts";

/**
 * Reads Terraform's JSON syntax (`.tf.json`). Never throws: a text that is no JSON gives one problem and an empty body.
 *
 * What a property is, an argument or a block with labels, only its reader knows. So every property of a body is an
 * attribute here, and `blocksOf` reads it as blocks. Strings are templates, but in the default of a variable, where
 * Terraform takes them as they are.
 */
export function parseHclJson(text: string): HclFile {
  return read(text, "configuration");
}

/** Reads variable values in JSON syntax (`.tfvars.json`), where strings are no templates. */
export function parseHclJsonValues(text: string): HclFile {
  return read(text, "literal");
}

/** Where a value stands, as far as that decides whether strings in it are templates. */
type Place = "configuration" | "variables" | "variable" | "template" | "literal";

function read(text: string, place: Place): HclFile {
  const parsed = parseJson(text);
  const span = { start: 0, end: text.length };
  if ("problem" in parsed) {
    const body: Body = {
      kind: "body",
      syntax: "json",
      attributes: [],
      blocks: [],
      isIncomplete: true,
      ...span,
    };
    return { body, problems: [parsed.problem] };
  }
  const reader = new Reader(text);
  return { body: { ...reader.topLevel(parsed.value, place), ...span }, problems: reader.problems };
}

function placeWithin(place: Place, name: string): Place {
  switch (place) {
    case "configuration":
      return name === "variable" ? "variables" : "template";
    case "variables":
      return "variable";
    case "variable":
      return name === "default" ? "literal" : "template";
    default:
      return place;
  }
}

class Reader {
  readonly problems: Problem[] = [];
  private readonly text: string;

  constructor(text: string) {
    this.text = text;
  }

  topLevel(root: JsonNode, place: Place): Body {
    const { start, end } = root;
    const attributes: Attribute[] = [];
    let isIncomplete = false;
    for (const node of root.kind === "array" ? root.items : [root]) {
      if (node.kind === "object") attributes.push(...this.attributes(node.properties, place));
      else {
        isIncomplete = true;
        const message =
          "A file in JSON syntax is one object { … }, or an array of objects. Write an object here.";
        this.problems.push({ message, start: node.start, end: node.end });
      }
    }
    return { kind: "body", syntax: "json", attributes, blocks: [], isIncomplete, start, end };
  }

  private attributes(properties: readonly JsonProperty[], place: Place): Attribute[] {
    return properties
      .filter(({ name }) => name.value !== "//")
      .map(({ name: { value: name, ...key }, value, start, end }) => ({
        kind: "attribute",
        name,
        nameSpan: { start: key.start, end: key.end },
        expression: this.expression(value, placeWithin(place, name)),
        start,
        end,
      }));
  }

  private expression(node: JsonNode, place: Place): Expression {
    const { start, end } = node;
    switch (node.kind) {
      case "string":
        return this.string(node, place);
      case "number":
      case "constant":
        return { kind: "literal", value: node.value, start, end };
      case "array":
        return { kind: "tuple", items: node.items.map((item) => this.expression(item, place)), start, end };
      case "object":
        return {
          kind: "object",
          entries: node.properties.map((property) => ({
            kind: "entry",
            key: this.string(property.name, place),
            value: this.expression(property.value, placeWithin(place, property.name.value)),
            start: property.start,
            end: property.end,
          })),
          start,
          end,
        };
    }
  }

  private string(node: JsonString, at: Place): Expression {
    const { value, start, end } = node;
    if (at === "literal" || !value.includes("{")) return { kind: "literal", value, start, end };
    const { expression, problems } = parseHclTemplate(value);
    const place = placesOf(this.text.slice(start, end), start);
    for (const problem of problems) {
      this.problems.push({ ...problem, start: place(problem.start), end: place(problem.end) });
    }
    for (const inner of walk(expression)) {
      setSpan(inner, place(inner.start), place(inner.end));
      if (inner.kind === "call")
        setSpan(inner.nameSpan, place(inner.nameSpan.start), place(inner.nameSpan.end));
    }
    setSpan(expression, start, end);
    return expression;
  }
}

/** From offsets in the value of a string to offsets in the file, `written` being the string with its quotes. */
function placesOf(written: string, start: number): (offset: number) => number {
  if (!written.includes("\\")) return (offset) => start + 1 + offset;
  const places: number[] = [];
  for (let at = 1; at < written.length; ) {
    places.push(start + at);
    at += written[at] !== "\\" ? 1 : written[at + 1] === "u" ? 6 : 2;
  }
  return (offset) => places[offset] ?? start + written.length - 1;
}
