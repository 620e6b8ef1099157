import type { ts } from "ts-morph";
import { shortText } from "../source/syntax.ts";
import type { Unknown } from "./datum.ts";
import type { Run } from "./run.ts";

/** A value of the program that is not read. `why` follows the text of the node: "leads back to itself". */
export function unread(node: ts.Node, run: Run, why: string, more: Partial<Unknown> = {}): Unknown {
  const location = run.files.locate(node);
  return {
    kind: "unknown",
    key: `at ${location.file}:${location.line}:${location.column}:${location.endColumn}`,
    name: shortText(node),
    reason: why,
    location,
    chain: [],
    origin: "outside",
    ...more,
  };
}
