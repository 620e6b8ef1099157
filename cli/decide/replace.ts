import { isDeepStrictEqual } from "node:util";
import { isMap, isScalar, isSeq, parseDocument, stringify, type YAMLMap } from "yaml";

/**
 * The text of a YAML file with other values in one decision. All else keeps its characters; where a value is new, the file is laid
 * out anew.
 * @returns undefined where the file does not parse, or has no such decision
 */
export function replaceInDecision(
  text: string,
  id: string,
  values: Readonly<Record<string, string>>,
): string | undefined {
  const document = parseDocument(text);
  const list = document.get("decisions", true);
  if (document.errors.length > 0 || !isSeq(list)) return undefined;
  const index = list.items.findIndex((item) => isMap(item) && item.get("id") === id);
  const decision = list.items[index];
  if (!isMap(decision)) return undefined;
  const before = document.toJS() as { decisions: object[] };
  const expected = {
    ...before,
    decisions: before.decisions.with(index, { ...before.decisions[index], ...values }),
  };
  const holds = (candidate: string): boolean => {
    const read = parseDocument(candidate);
    return read.errors.length === 0 && isDeepStrictEqual(read.toJS(), expected);
  };
  const laidOut = (): string => {
    for (const [name, value] of Object.entries(values)) decision.set(name, value);
    return document.toString({ lineWidth: 0 });
  };
  return [() => spliced(text, decision, values), laidOut]
    .map((attempt) => attempt())
    .find((candidate) => candidate !== undefined && holds(candidate));
}

/** New values in the places of the old ones. */
function spliced(
  text: string,
  decision: YAMLMap,
  values: Readonly<Record<string, string>>,
): string | undefined {
  const places = Object.entries(values).map(([name, value]) => {
    const node = decision.get(name, true);
    return { range: isScalar(node) ? node.range : undefined, written: scalar(value) };
  });
  if (places.some(({ range }) => range == null)) return undefined;
  return places
    .map(({ range, written }) => ({ start: range?.[0] ?? 0, end: range?.[1] ?? 0, written }))
    .sort((a, b) => b.start - a.start)
    .reduce((rest, { start, end, written }) => rest.slice(0, start) + written + rest.slice(end), text);
}

/** A value on one line, in quotes only where it needs them. */
function scalar(value: string): string {
  const plain = stringify(value, { lineWidth: 0 }).trimEnd();
  return plain.includes("\n") ? JSON.stringify(value) : plain;
}
