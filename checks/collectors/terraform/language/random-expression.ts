import { readFileSync } from "node:fs";
import type { Random } from "#syntax/hcl/differential/random.ts";

type Kind = "text" | "number" | "truth" | "list" | "map";

type Forms = readonly [string, ...string[]];

/** What an expression of each kind can be: `{list}` stands for another one, `{list:0}` for a simple one. */
const { simple, composed, any } = JSON.parse(
  readFileSync(new URL("fixtures/expression-forms.json", import.meta.url), "utf8"),
) as {
  readonly simple: Readonly<Record<Kind, Forms>>;
  readonly composed: Readonly<Record<Kind, Forms>>;
  readonly any: Forms;
};

/** An expression that Terraform may or may not refuse; the same for the same random numbers. */
export function randomExpression(random: Random, depth: number, kind: Kind | "any" = "any"): string {
  if (kind === "any") {
    if (depth > 0) return fill(random.pick(any), random, depth);
    return randomExpression(random, 0, random.pick<Kind>(["text", "number", "truth", "list", "map"]));
  }
  const isSimple = depth <= 0 || random.chance(0.3);
  return fill(random.pick(isSimple ? simple[kind] : composed[kind]), random, depth);
}

function fill(form: string, random: Random, depth: number): string {
  return form.replace(
    /\{(text|number|truth|list|map|any)(:0)?\}/g,
    (_match, kind: Kind | "any", bare?: string) =>
      randomExpression(random, bare === undefined ? depth - 1 : 0, kind),
  );
}
