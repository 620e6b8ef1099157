import { isDeepStrictEqual } from "node:util";
import {
  type Document,
  isMap,
  isScalar,
  isSeq,
  parseDocument,
  type YAMLSeq,
  Document as YamlDocument,
} from "yaml";

const lineWidth = 100;
const schemaUrl = "https://hipaa-check.dev/schema/compliance.schema.json";

/**
 * The text of a YAML file with one more decision at the end of its list. All that was there keeps its characters, comments and
 * blank lines too; only a list that is written in brackets is laid out anew.
 * @param text undefined for a file that is to be made
 * @returns undefined where the file cannot be extended: it does not parse, or its decisions are no list
 */
export function insertDecision(
  text: string | undefined,
  decision: Readonly<Record<string, unknown>>,
): string | undefined {
  if (text === undefined) return `# yaml-language-server: $schema=${schemaUrl}\n${section(decision)}`;
  const document = parseDocument(text, { keepSourceTokens: true });
  if (document.errors.length > 0) return undefined;
  const before = (document.toJS() ?? {}) as Record<string, unknown>;
  const { decisions = [] } = before;
  if (!Array.isArray(decisions ?? [])) return undefined;
  const expected = { ...before, decisions: [...((decisions as unknown[] | null) ?? []), decision] };
  const holds = (candidate: string): boolean => {
    const read = parseDocument(candidate);
    return read.errors.length === 0 && isDeepStrictEqual(read.toJS(), expected);
  };
  return [() => spliced(text, document, decision), () => laidOut(document, decision)]
    .map((attempt) => attempt())
    .find((candidate) => candidate !== undefined && holds(candidate));
}

/** New lines among the old ones, in the indentation and with the line ends of the file. */
function spliced(
  text: string,
  document: Document.Parsed,
  decision: Readonly<Record<string, unknown>>,
): string | undefined {
  const list = document.get("decisions", true);
  const end = text.includes("\r\n") ? "\r\n" : "\n";
  const withEnds = (lines: string): string => lines.replaceAll("\n", end);
  const closed = text === "" || text.endsWith("\n") ? text : text + end;
  if (list === undefined) return closed + withEnds(section(decision));
  if (isScalar(list) && list.value === null) {
    const lineEnd = closed.indexOf("\n", list.range?.[0]) + 1;
    return closed.slice(0, lineEnd) + withEnds(item(decision, 2)) + closed.slice(lineEnd);
  }
  const last =
    isSeq(list) && list.flow !== true ? (list as YAMLSeq<{ range?: number[] }>).items.at(-1) : undefined;
  const indent = isSeq(list) && list.srcToken?.type === "block-seq" ? list.srcToken.indent : undefined;
  const valueEnd = last?.range?.[1];
  if (valueEnd === undefined || indent === undefined) return undefined;
  const lineEnd = closed[valueEnd - 1] === "\n" ? valueEnd : closed.indexOf("\n", valueEnd) + 1;
  return closed.slice(0, lineEnd) + withEnds(item(decision, indent)) + closed.slice(lineEnd);
}

/** The document with the decision added to its nodes. */
function laidOut(document: Document.Parsed, decision: Readonly<Record<string, unknown>>): string | undefined {
  if (document.contents !== null && !isMap(document.contents)) return undefined;
  const copy = document.clone();
  const node = copy.createNode(decision);
  if (isSeq(copy.get("decisions", true))) copy.addIn(["decisions"], node);
  else copy.set("decisions", copy.createNode([node]));
  return copy.toString({ lineWidth: 0 });
}

function section(decision: Readonly<Record<string, unknown>>): string {
  return `decisions:\n${item(decision, 2)}`;
}

/** One item of a block list, its dash in the column that `indent` says. */
function item(decision: Readonly<Record<string, unknown>>, indent: number): string {
  const lead = " ".repeat(indent);
  const document = new YamlDocument([decision]);
  const scope = document.getIn([0, "scope"]);
  if (isMap(scope)) scope.flow = true;
  return document.toString({ lineWidth: lineWidth - indent }).replace(/^(?=.)/gm, lead);
}
