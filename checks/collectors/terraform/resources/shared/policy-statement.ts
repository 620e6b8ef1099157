import type { Location } from "#base/location.ts";
import { known, type Unknown, unknown, type Value } from "#base/value.ts";
import type { Body, Tree } from "../../resource.ts";

/** A list of texts of a statement, each of them known or not. */
export interface Patterns {
  readonly items: readonly Value<string>[];
  /** Addresses that the list's expression leads to. */
  readonly references: readonly string[];
}

/** One test of a statement's condition. */
export interface Condition {
  /** `Bool`, `StringEquals`, … */
  readonly operator: Value<string>;
  /** `aws:SecureTransport`, … */
  readonly key: Value<string>;
  readonly values: readonly Value<string>[];
}

/** One statement of a policy document, whichever way it was written. */
export interface Statement {
  readonly location: Location;
  readonly id: Value<string> | undefined;
  readonly effect: Value<string>;
  readonly actions: Patterns | undefined;
  readonly notActions: Patterns | undefined;
  readonly resources: Patterns | undefined;
  readonly notResources: Patterns | undefined;
  /** Who is meant, as `*`, account, ARN or service; missing in policies that belong to an identity. */
  readonly principals: readonly Value<string>[] | undefined;
  readonly conditions: readonly Condition[];
  /** Set when the statement has parts that cannot be seen (an unknown condition block). */
  readonly hidden: Unknown | undefined;
}

export type MapTree = Extract<Tree, { state: "map" }>;

/** A statement as JSON writes it, `references` being those of the whole document. */
export function statementOfMap(tree: MapTree, fallback: Location, references: readonly string[]): Statement {
  const location = tree.location ?? fallback;
  const { entries } = tree;
  const patterns = (name: string): Patterns | undefined =>
    entries[name] === undefined ? undefined : { items: texts(entries[name], location), references };
  const { conditions, hidden } = conditionsOf(entries.Condition, location);
  return {
    location,
    id: entries.Sid && texts(entries.Sid, location)[0],
    effect:
      (entries.Effect && texts(entries.Effect, location)[0]) ??
      unknown("the statement has no Effect", location),
    actions: patterns("Action"),
    notActions: patterns("NotAction"),
    resources: patterns("Resource"),
    notResources: patterns("NotResource"),
    principals: entries.Principal && principalsOf(entries.Principal, location),
    conditions,
    hidden,
  };
}

function principalsOf(tree: Tree, location: Location): Value<string>[] {
  if (tree.state !== "map") return texts(tree, location);
  return Object.values(tree.entries).flatMap((item) => texts(item, location));
}

function conditionsOf(
  tree: Tree | undefined,
  location: Location,
): { conditions: Condition[]; hidden: Unknown | undefined } {
  const conditions: Condition[] = [];
  let hidden: Unknown | undefined;
  const hide = (part: Tree): void => {
    hidden ??=
      part.state === "unknown"
        ? unknown(part.reason, part.location, part.chain)
        : unknown("a condition is no map", location);
  };
  if (tree === undefined || tree.state === "absent") return { conditions, hidden };
  if (tree.state !== "map") hide(tree);
  else {
    for (const [operator, tests] of Object.entries(tree.entries)) {
      if (tests.state !== "map") hide(tests);
      else {
        for (const [key, values] of Object.entries(tests.entries)) {
          const at = tests.location ?? location;
          conditions.push({
            operator: known(operator, at),
            key: known(key, values.location ?? at),
            values: texts(values, at),
          });
        }
      }
    }
  }
  return { conditions, hidden };
}

/** A `statement` block of `data "aws_iam_policy_document"`. */
export function statementOfBlock(block: Body): Statement {
  const patterns = (name: string): Patterns | undefined => {
    const tree = block.tree(name);
    if (tree === undefined || tree.state === "absent") return undefined;
    return { items: texts(tree, block.location), references: block.references(name) };
  };
  const sid = block.tree("sid");
  const effect = block.tree("effect");
  const principals = block.blocks("principals");
  return {
    location: block.location,
    id: sid && texts(sid, block.location)[0],
    effect: (effect && texts(effect, block.location)[0]) ?? {
      ...known("Allow", block.location),
      isDefault: true,
    },
    actions: patterns("actions"),
    notActions: patterns("not_actions"),
    resources: patterns("resources"),
    notResources: patterns("not_resources"),
    principals:
      principals.length === 0
        ? undefined
        : principals.flatMap((principal) => {
            const tree = principal.tree("identifiers");
            return tree === undefined ? [] : texts(tree, principal.location);
          }),
    conditions: block.blocks("condition").map((condition) => ({
      operator: first(condition, "test"),
      key: first(condition, "variable"),
      values: texts(condition.tree("values") ?? known("", condition.location), condition.location),
    })),
    hidden: block.uncertain("condition") ?? block.uncertain("principals"),
  };
}

function first(block: Body, name: string): Value<string> {
  const tree = block.tree(name);
  return (tree && texts(tree, block.location)[0]) ?? unknown(`the condition has no ${name}`, block.location);
}

export function itemsOf(tree: Tree): readonly Tree[] {
  return tree.state === "list" ? tree.items : [tree];
}

/** The texts of a list or of one text; what cannot be seen is unknown one by one. */
function texts(tree: Tree, location: Location): Value<string>[] {
  return itemsOf(tree).map((item) => {
    if (item.state === "known")
      return { ...item, value: String(item.value), location: item.location ?? location };
    if (item.state === "unknown") return { ...unknown(item.reason, item.location ?? location, item.chain) };
    return unknown("a list of texts holds something else", location);
  });
}
