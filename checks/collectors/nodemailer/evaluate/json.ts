import type { ts } from "ts-morph";
import { shortText } from "../source/syntax.ts";
import { type Constant, type Datum, deriveFrom } from "./datum.ts";
import type { Run } from "./run.ts";
import { unread } from "./unread.ts";

/** `JSON.parse` of a text. */
export function readJson(value: Datum, at: ts.Node, run: Run): Datum | undefined {
  if (value.kind === "unknown") {
    return deriveFrom(value, { key: `json ${value.key}`, name: shortText(at), apply: parsePrimitive });
  }
  if (value.kind !== "constant") return undefined;
  try {
    return asDatum(JSON.parse(String(value.value)), value);
  } catch {
    return unread(at, run, "is no JSON");
  }
}

function parsePrimitive(value: unknown): string | number | boolean | null | undefined {
  try {
    const parsed: unknown = JSON.parse(String(value));
    return typeof parsed === "object" ? undefined : (parsed as string | number | boolean);
  } catch {
    return undefined;
  }
}

/** Parsed JSON as a datum that stands where its text does. */
function asDatum(json: unknown, source: Constant): Datum {
  const { location } = source;
  if (Array.isArray(json)) {
    return { kind: "array", elements: json.map((item: unknown) => () => asDatum(item, source)), location };
  }
  if (typeof json !== "object" || json === null)
    return { ...source, value: json as string | number | boolean | null };
  return {
    kind: "object",
    location,
    layers: Object.entries(json).map(([name, item]) => ({
      kind: "set",
      name,
      value: () => asDatum(item, source),
      location,
    })),
  };
}
