import type { Json, Known } from "#base/value.ts";
import type { Tree } from "../../resource.ts";

/** JSON text as a tree whose every part stands where the text does. Undefined when it is no JSON. */
export function parseJsonTree(text: Known<Json>): Tree | undefined {
  const { chain, location } = text;
  const place = location === undefined ? { chain } : { chain, location };
  const convert = (value: Json): Tree => {
    if (Array.isArray(value)) return { state: "list", items: value.map(convert), ...place };
    if (typeof value !== "object" || value === null) {
      return { state: "known", value: value as null | boolean | number | string, ...place };
    }
    const entries = Object.entries(value).map(([key, item]): [string, Tree] => [key, convert(item)]);
    return { state: "map", entries: Object.fromEntries(entries), ...place };
  };
  try {
    return convert(JSON.parse(String(text.value)));
  } catch {
    return undefined;
  }
}
