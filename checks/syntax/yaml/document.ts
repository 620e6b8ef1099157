import { isMap, isNode, isScalar, LineCounter, parseDocument } from "yaml";
import type { Diagnostic } from "#base/diagnostic.ts";
import { type Location, startOfFile } from "#base/location.ts";
import type { Json } from "#base/value.ts";

/** More aliases than any honest file has; a file that expands further is refused. */
const maximumAliases = 100;

/** A YAML file as plain data, with the place of every node. */
export interface YamlDocument {
  readonly value: Json;
  /** Where the node at a path stands; the nearest ancestor that exists otherwise. */
  locate(path: readonly (string | number)[]): Location;
  /** Where the key that ends a path stands. */
  locateKey(path: readonly (string | number)[]): Location;
}

/**
 * Reads one YAML document. Errors are returned, never thrown: bad syntax, several documents in one file, aliases that
 * expand without end. With an error there is no document.
 */
export function parseYaml(
  file: string,
  text: string,
): { readonly document?: YamlDocument; readonly diagnostics: readonly Diagnostic[] } {
  const lines = new LineCounter();
  const parsed = parseDocument(text, { lineCounter: lines, logLevel: "silent", uniqueKeys: true });
  const at = (range: readonly [number, number, ...number[]] | null | undefined): Location => {
    if (range === null || range === undefined) return startOfFile(file);
    const start = lines.linePos(range[0]);
    const end = lines.linePos(range[1]);
    return { file, line: start.line, column: start.col, endLine: end.line, endColumn: end.col };
  };
  if (parsed.errors.length > 0) {
    const diagnostics = parsed.errors.map((error): Diagnostic => {
      const message = error.message.includes("call stack")
        ? "The file is nested too deeply. Write it with fewer levels"
        : (error.message.split("\n")[0] ?? "").replace(/ at line \d+, column \d+:?$/, "");
      return { level: "error", code: "yaml-syntax", message: `${message}.`, location: at(error.pos) };
    });
    return { diagnostics };
  }
  let value: Json;
  try {
    value = parsed.toJS({ maxAliasCount: maximumAliases }) as Json;
  } catch {
    return {
      diagnostics: [
        {
          level: "error",
          code: "yaml-aliases",
          message: `The aliases (*name) of this file expand to more than is read (${maximumAliases}). Write the values out.`,
          location: startOfFile(file),
        },
      ],
    };
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
