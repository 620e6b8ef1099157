import { isMap, isNode, isScalar, LineCounter } from "yaml";
import type { Diagnostic } from "#base/diagnostic.ts";
import { type Location, startOfFile } from "#base/location.ts";
import type { Json } from "#base/value.ts";
import { type Complaint, compose, notJson, type Range } from "./compose.ts";

/** More aliases than any honest file has; a file that expands further is refused. */
const maximumAliases = 100;

/** More errors than this are not listed: the first ones cause the rest. */
const maximumErrors = 10;

/** A YAML file as plain data, with the place of every node. */
export interface YamlDocument {
  readonly value: Json;
  /** Where the node at a path stands; the nearest ancestor that exists otherwise. */
  locate(path: readonly (string | number)[]): Location;
  /** Where the key that ends a path stands. */
  locateKey(path: readonly (string | number)[]): Location;
}

/**
 * Reads one YAML document whose values are those of JSON. Errors are returned, never thrown: bad syntax, several
 * documents in one file, nesting or aliases without end, values that JSON has not. With an error there is no document.
 */
export function parseYaml(
  file: string,
  text: string,
): { readonly document?: YamlDocument; readonly diagnostics: readonly Diagnostic[] } {
  const lines = new LineCounter();
  const at = (range: Range): Location => {
    if (range === null || range === undefined) return startOfFile(file);
    const start = lines.linePos(range[0]);
    const end = lines.linePos(range[1]);
    return { file, line: start.line, column: start.col, endLine: end.line, endColumn: end.col };
  };
  const refuse = (complaints: readonly Complaint[]): { readonly diagnostics: readonly Diagnostic[] } => ({
    diagnostics: complaints
      .slice(0, maximumErrors)
      .map(({ code, message, range }) => ({ level: "error", code, message, location: at(range) })),
  });

  const { parsed, complaints } = compose(text, lines);
  if (parsed === undefined) return refuse(complaints);
  const foreign = notJson(parsed);
  if (foreign.length > 0) return refuse(foreign);
  let value: Json;
  try {
    value = parsed.toJS({ maxAliasCount: maximumAliases }) as Json;
  } catch {
    const message = `The aliases (*name) of this file expand to more than is read (${maximumAliases}). Write the values out.`;
    return refuse([{ code: "yaml-aliases", message, range: undefined }]);
  }

  const locate = (path: readonly (string | number)[]): Location => {
    for (let length = path.length; length > 0; length--) {
      const node = parsed.getIn(path.slice(0, length), true);
      if (isNode(node)) return at(node.range);
    }
    return at(parsed.contents?.range);
  };
  const locateKey = (path: readonly (string | number)[]): Location => {
    const parent = parsed.getIn(path.slice(0, -1), true);
    const pair = isMap(parent)
      ? parent.items.find(({ key }) => isScalar(key) && key.value === path.at(-1))
      : undefined;
    return isNode(pair?.key) ? at(pair.key.range) : locate(path);
  };
  return { document: { value, locate, locateKey }, diagnostics: [] };
}
