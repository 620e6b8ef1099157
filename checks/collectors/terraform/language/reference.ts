import type { Access, Step, Variable } from "#syntax/hcl/tree.ts";
import type { Place } from "../files/source-file.ts";
import { toText } from "./conversion.ts";
import { evaluate, placeOf } from "./evaluate.ts";
import { indexInto } from "./indexing.ts";
import { bound, type References, type ResourceExpansion, type Scope } from "./scope.ts";
import {
  combineUnknown,
  failure,
  isNull,
  lift,
  mapping,
  originAt,
  relocated,
  scalar,
  sequence,
  type TerraformValue,
  unknownValue,
} from "./value.ts";

/** A name that stands alone: one that a `for` or a template binds. */
export function resolveName(name: Variable, scope: Scope): TerraformValue {
  const place = placeOf(name, scope);
  const value = bound(scope.bindings, name.name);
  if (value !== undefined) return standingAt(value, place, name.name);
  if (scope.references === undefined) return refused(place);
  return failure(`${name.name} is no value by itself`, originAt(place));
}

function refused(place: Place): TerraformValue {
  return failure("Terraform allows no references and functions here", originAt(place));
}

/** A bound value where it is used, with the place where it was written as the step before. */
function standingAt(value: TerraformValue, place: Place, text: string): TerraformValue {
  const chain = value.place === undefined ? value.chain : [...value.chain, { place: value.place, text }];
  return relocated(value, { place, chain, isSensitive: value.isSensitive });
}

/** `var.name.key[0]`, and the steps after any other value. */
export function resolveAccess(access: Access, scope: Scope): TerraformValue {
  const place = placeOf(access, scope);
  const { source, steps } = access;
  if (source.kind !== "variable") return takeSteps(evaluate(source, scope), steps, scope, place);
  const local = bound(scope.bindings, source.name);
  if (local !== undefined) return takeSteps(standingAt(local, place, source.name), steps, scope, place);
  const [first, second, third] = steps;
  const name = first?.kind === "name" ? first.name : undefined;
  if (name === undefined) return failure(`${source.name} is followed by a name`, originAt(place));
  switch (source.name) {
    case "each":
    case "count":
      return takeSteps(repetitionValue(source.name, name, scope, place), steps.slice(1), scope, place);
    case "path":
    case "terraform":
      return takeSteps(environmentValue(source.name, name, place), steps.slice(1), scope, place);
    case "self":
      return unknownValue("self stands for a resource while it is made", originAt(place));
    default:
  }
  const { references } = scope;
  if (references === undefined) return refused(place);
  switch (source.name) {
    case "var":
      return takeSteps(references.variable(name, place), steps.slice(1), scope, place);
    case "local":
      return takeSteps(references.local(name, place), steps.slice(1), scope, place);
    case "module":
      return moduleValue(references, name, steps, scope, place);
    case "data":
    case "ephemeral": {
      if (second?.kind !== "name")
        return failure(`${source.name} is followed by a type and a name`, originAt(place));
      const address = `${source.name}.${name}.${second.name}`;
      return resourceValue(references, address, third === undefined ? [] : steps.slice(2), scope, place);
    }
    default:
      return resourceValue(references, `${source.name}.${name}`, steps.slice(1), scope, place);
  }
}

function repetitionValue(root: "each" | "count", name: string, scope: Scope, place: Place): TerraformValue {
  const { repetition } = scope;
  const value =
    root === "count"
      ? repetition?.index
      : name === "key"
        ? repetition?.key
        : name === "value"
          ? repetition?.value
          : undefined;
  if (value !== undefined) return standingAt(value, place, `${root}.${name}`);
  return failure(
    `${root}.${name} has a value only in a block with ${root === "count" ? "count" : "for_each"}`,
    originAt(place),
  );
}

function environmentValue(root: string, name: string, place: Place): TerraformValue {
  const origin = originAt(place);
  if (root === "path" && (name === "module" || name === "root")) return scalar(".", origin);
  if (root === "path" && name === "cwd") {
    return { ...unknownValue("path.cwd is the folder in which Terraform runs", origin), symbol: "path.cwd" };
  }
  if (root === "terraform" && (name === "workspace" || name === "applying")) {
    const symbol = `terraform.${name}`;
    return { ...unknownValue(`${symbol} is known only when Terraform runs`, origin), symbol };
  }
  return failure(`${root}.${name} is no value that Terraform knows`, origin);
}

function moduleValue(
  references: References,
  call: string,
  steps: readonly Step[],
  scope: Scope,
  place: Place,
): TerraformValue {
  const after = steps.slice(1);
  const at = after.findIndex((step) => step.kind === "name");
  const step = after[at];
  if (step?.kind !== "name") return references.moduleOutput(call, undefined, place);
  return takeSteps(references.moduleOutput(call, step.name, place), after.slice(at + 1), scope, place);
}

function resourceValue(
  references: References,
  address: string,
  steps: readonly Step[],
  scope: Scope,
  place: Place,
): TerraformValue {
  const expansion = references.resource(address);
  if (expansion === undefined) {
    return unknownValue(`${address} is not declared in this module`, originAt(place));
  }
  const [first] = steps;
  if (expansion.kind === "unresolved" && first?.kind === "index") {
    if (scope.trial !== undefined && expansion.cause.kind === "unknown")
      scope.trial.doubt ??= expansion.cause;
    return takeSteps(relocated(expansion.instance, originAt(place)), steps.slice(1), scope, place);
  }
  return takeSteps(wholeValue(expansion, address, place), steps, scope, place);
}

function wholeValue(expansion: ResourceExpansion, address: string, place: Place): TerraformValue {
  const origin = originAt(place);
  switch (expansion.kind) {
    case "single":
      return relocated(expansion.instance, origin);
    case "count":
      return sequence("tuple", expansion.instances, origin);
    case "each":
      return mapping("object", expansion.instances, origin);
    case "unresolved": {
      const { cause } = expansion;
      const open = cause.kind === "unknown" ? cause : unknownValue("its repetition is not known", origin);
      return {
        ...combineUnknown([open], { ...origin, chain: cause.chain }),
        causes: [address],
        symbol: address,
      };
    }
  }
}

/** Follows `.name`, `[key]` and `[*]`. */
export function takeSteps(
  start: TerraformValue,
  steps: readonly Step[],
  scope: Scope,
  place: Place,
): TerraformValue {
  let value = start;
  for (const [index, step] of steps.entries()) {
    if (step.kind === "splat") {
      const splat = overElements(value, (element) => takeSteps(element, step.each, scope, place), place);
      return takeSteps(splat, steps.slice(index + 1), scope, place);
    }
    const key = step.kind === "name" ? scalar(step.name, originAt(place)) : evaluate(step.key, scope);
    value = indexInto(value, step.kind === "name" ? key : toKey(key), place);
  }
  return value;
}

function toKey(key: TerraformValue): TerraformValue {
  return key.kind === "scalar" && typeof key.value === "number" ? key : toText(key);
}

/** `[*]` takes a single value for a list of one and null for an empty one. */
function overElements(
  value: TerraformValue,
  take: (element: TerraformValue) => TerraformValue,
  place: Place,
): TerraformValue {
  return lift([value], place, ([known], origin) => {
    if (known === undefined || isNull(known)) return sequence("tuple", [], origin);
    if ("items" in known)
      return sequence(known.kind === "tuple" ? "tuple" : "list", known.items.map(take), origin);
    return sequence("tuple", [take(known)], origin);
  });
}
