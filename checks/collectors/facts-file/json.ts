import { getNodeValue, type Node, type ParseError, parseTree, printParseErrorCode } from "jsonc-parser";
import type { Diagnostic } from "#base/diagnostic.ts";
import { LineIndex, type Location, startOfFile } from "#base/location.ts";
import type { Json } from "#base/value.ts";

/** A property of an object, with the place of its name and value. */
export interface Entry {
  readonly name: string;
  readonly value: JsonNode;
  /** From the name to the end of the value. */
  readonly location: Location;
}

/** A JSON value that knows where it stands. */
export class JsonNode {
  private readonly node: Node;
  private readonly lines: LineIndex;

  constructor(node: Node, lines: LineIndex) {
    this.node = node;
    this.lines = lines;
  }

  get location(): Location {
    return locate(this.node, this.lines);
  }

  get value(): Json {
    return getNodeValue(this.node) as Json;
  }

  /** Undefined where this is no text. */
  get text(): string | undefined {
    return this.node.type === "string" ? String(this.node.value) : undefined;
  }

  /** Undefined where this is no array. */
  get items(): readonly JsonNode[] | undefined {
    if (this.node.type !== "array") return undefined;
    return (this.node.children ?? []).map((child) => new JsonNode(child, this.lines));
  }

  /** Properties in the order in which they stand, names that occur twice included; undefined where this is no object. */
  get entries(): readonly Entry[] | undefined {
    if (this.node.type !== "object") return undefined;
    return (this.node.children ?? []).flatMap((property) => {
      const [name, value] = property.children ?? [];
      if (name === undefined || value === undefined) return [];
      return [
        {
          name: String(name.value),
          value: new JsonNode(value, this.lines),
          location: locate(property, this.lines),
        },
      ];
    });
  }
}

function locate({ offset, length }: Node, lines: LineIndex): Location {
  return lines.location({ start: offset, end: offset + length });
}

/** Words for the codes of the parser that are met in practice. */
const problems: Readonly<Record<string, string>> = {
  CommaExpected: "A comma is due here",
  ColonExpected: "A colon is due here",
  PropertyNameExpected: "A name in quotes is due here",
  ValueExpected: "A value is due here",
  CloseBraceExpected: "The object is not closed: } is due here",
  CloseBracketExpected: "The array is not closed: ] is due here",
  EndOfFileExpected: "The value ends before this",
  UnexpectedEndOfString: "The text in quotes is not closed",
  InvalidCommentToken: "JSON has no comments",
};

/** Reads strict JSON; with an error there is no tree. */
export function parseJson(
  file: string,
  text: string,
): { readonly root: JsonNode } | { readonly diagnostic: Diagnostic } {
  const lines = new LineIndex(file, text);
  const fail = (message: string, location: Location): { readonly diagnostic: Diagnostic } => ({
    diagnostic: { level: "error", code: "facts-file-syntax", message, location },
  });
  const errors: ParseError[] = [];
  let tree: Node | undefined;
  try {
    tree = parseTree(text, errors, { disallowComments: true, allowTrailingComma: false });
  } catch (error) {
    if (!(error instanceof RangeError)) throw error;
    return fail("The file is nested too deeply to be read. Write it again.", startOfFile(file));
  }
  const [error] = errors;
  if (error !== undefined) {
    const code = printParseErrorCode(error.error);
    const start = Math.min(error.offset, text.trimEnd().length);
    const span = { start, end: Math.max(start, error.offset + error.length) };
    return fail(
      `${problems[code] ?? "This is not JSON"}. Correct it, or have the file written again.`,
      lines.location(span),
    );
  }
  if (tree === undefined)
    return fail("The file holds no JSON value. Have it written again.", startOfFile(file));
  return { root: new JsonNode(tree, lines) };
}
