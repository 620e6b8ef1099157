import {
  Composer,
  type CST,
  type Document,
  isScalar,
  Lexer,
  type LineCounter,
  type Node,
  Parser,
  visit,
} from "yaml";

/** Deeper nesting than this is refused; it keeps every reader of the value far from the end of its stack. */
const maximumDepth = 250;

/** The tags of values that JSON has. */
const jsonTags = new Set(
  ["str", "int", "float", "bool", "null", "map", "seq"].map((name) => `tag:yaml.org,2002:${name}`),
);

export type Range = readonly [number, number, ...number[]] | null | undefined;

/** What is wrong with a text, and where. */
export interface Complaint {
  readonly code: "yaml-syntax" | "yaml-aliases";
  readonly message: string;
  readonly range: Range;
}

/** Reads a text as one document; undefined where something is wrong with it. */
export function compose(
  text: string,
  lines: LineCounter,
): { readonly parsed?: Document.Parsed; readonly complaints: readonly Complaint[] } {
  const tokens = tokenize(text, lines);
  if (typeof tokens === "number") {
    const message = `Nested more than ${maximumDepth} levels deep, so the file was not read. Flatten it.`;
    return { complaints: [{ code: "yaml-syntax", message, range: [tokens, tokens + 1] }] };
  }
  const composer = new Composer({ lineCounter: lines, logLevel: "silent", uniqueKeys: true });
  const [parsed, second] = composer.compose(tokens, true, text.length);
  const complaints = (parsed?.errors ?? []).map(({ message, pos }): Complaint => {
    return { code: "yaml-syntax", message: `${message}.`, range: pos };
  });
  if (complaints.length === 0 && second !== undefined) {
    const message = "A second document begins here. Keep one document in a file.";
    complaints.push({ code: "yaml-syntax", message, range: [second.range[0], second.range[0] + 1] });
  }
  return parsed === undefined || complaints.length > 0 ? { complaints } : { parsed, complaints };
}

/** The tokens of a text, which are nested as its nodes are; the offset where they are nested too deeply. */
function tokenize(text: string, lines: LineCounter): CST.Token[] | number {
  const parser = new Parser(lines.addNewLine);
  const tokens: CST.Token[] = [];
  lines.addNewLine(0);
  for (const lexeme of new Lexer().lex(text)) {
    tokens.push(...parser.next(lexeme));
    if (parser.stack.length > maximumDepth) return parser.offset;
  }
  tokens.push(...parser.end());
  return tokens;
}

/** What a document holds that JSON cannot. */
export function notJson(document: Document.Parsed): Complaint[] {
  const complaints: Complaint[] = [];
  const complain = (node: Node, code: Complaint["code"], message: string): void => {
    complaints.push({ code, message, range: node.range });
  };
  visit(document, {
    Alias: (_, node, path) => {
      const target = node.resolve(document);
      if (target === undefined) {
        complain(node, "yaml-aliases", `Nothing before this is called &${node.source}. Write the value out.`);
      } else if (path.includes(target)) {
        complain(node, "yaml-aliases", `*${node.source} stands inside itself. Write the value out.`);
      }
    },
    Value: (key, node) => {
      if (node.tag !== undefined && !jsonTags.has(node.tag)) {
        complain(node, "yaml-syntax", `The tag ${node.tag} is not read. Write a plain value.`);
      }
      if (isScalar(node) && typeof node.value === "number" && !Number.isFinite(node.value)) {
        complain(node, "yaml-syntax", `${node.source} is no number here. Write digits.`);
      }
      if (key === "key" && !isScalar(node))
        complain(node, "yaml-syntax", "A name is due here, not a list or map.");
    },
  });
  return complaints;
}
