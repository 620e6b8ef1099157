import type { ts } from "ts-morph";
import type { Step } from "#base/value.ts";
import { constant, type Datum, rootsOf, type Unknown } from "./datum.ts";
import { settle } from "./questions.ts";
import type { Run } from "./run.ts";
import { unread } from "./unread.ts";

/** The text that several values make when they are put together. */
export function joinText(values: readonly Datum[], node: ts.Node, run: Run): Datum {
  const location = run.files.locate(node);
  const parts: (string | Unknown)[] = [];
  const chain: Step[] = [];
  let isLiteral = true;
  for (const value of values.map((datum) => settle(datum, run.world))) {
    if (value.kind === "constant") {
      const last = parts.at(-1);
      const text = String(value.value);
      if (typeof last === "string") parts[parts.length - 1] = last + text;
      else if (text !== "") parts.push(text);
      chain.push(...value.chain);
      isLiteral &&= value.origin === undefined;
    } else if (value.kind === "unknown") {
      parts.push(...(value.parts ?? [value]));
    } else return unread(node, run, "is made from something that is no text");
  }
  const [only] = parts;
  if (parts.length === 0) return constant("", location);
  if (parts.length === 1 && typeof only === "string") {
    return { ...constant(only, location, chain), ...(isLiteral ? {} : { origin: "environment" }) };
  }
  const unknowns = parts.filter((part) => typeof part !== "string");
  return unread(node, run, unknowns[0]?.reason ?? "is not read", {
    key: `text ${parts.map((part) => (typeof part === "string" ? JSON.stringify(part) : part.key)).join("+")}`,
    type: "string",
    parts,
    origin: unknowns[0]?.origin ?? "outside",
    chain: unknowns.flatMap(rootsOf).flatMap((root) => root.chain),
  });
}
