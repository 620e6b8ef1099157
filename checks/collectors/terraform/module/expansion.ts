import type { Declaration } from "../files/declarations.ts";
import type { Place } from "../files/source-file.ts";
import { convert } from "../language/conversion.ts";
import { evaluate } from "../language/evaluate.ts";
import { sortedEntries } from "../language/iteration.ts";
import type { Repetition, ResourceExpansion } from "../language/scope.ts";
import { numberType } from "../language/type.ts";
import {
  combineUnknown,
  derived,
  failure,
  originAt,
  scalar,
  type TerraformValue,
  type Unknown,
  unknownsIn,
  unknownValue,
} from "../language/value.ts";
import type { EvaluatedModule } from "./module.ts";
import { ResourceInstance } from "./resource-instance.ts";

/** More instances than this are judged as one that stands for all. */
const maximumInstances = 64;

/** The instances of a block: as expressions see them, and as resources to be judged. */
export interface Expanded {
  readonly expansion: ResourceExpansion;
  readonly instances: readonly ResourceInstance[];
  /** Why it cannot be told whether or how often the resource exists. */
  readonly cause: Unknown | undefined;
}

type OnCycle = (what: string, place: Place) => void;

/** Carries out `count` and `for_each`, as far as they are known. */
export function expand(declaration: Declaration, module: EvaluatedModule, onCycle: OnCycle): Expanded {
  const { address, content } = declaration;
  const make = (suffix: string, repetition: Repetition | undefined, cause?: Unknown): ResourceInstance => {
    const { tracker, questions } = module;
    if (cause !== undefined) questions.note(cause.reasons.join("; "), address, declaration.header);
    const context = { references: module, tracker, questions, repetition, address };
    return new ResourceInstance(declaration, `${address}${suffix}`, context, onCycle, cause);
  };
  const read = (name: "count" | "for_each"): TerraformValue | undefined => {
    const argument = content.argument(name);
    return argument && evaluate(argument.expression, { source: argument.source, references: module });
  };
  const count = read("count");
  if (count !== undefined) return byCount(declaration, convert(count, numberType), make);
  const collection = read("for_each");
  if (collection !== undefined) return byElement(declaration, collection, make);
  const instance = make("", undefined);
  return {
    expansion: { kind: "single", instance: instance.asValue() },
    instances: [instance],
    cause: undefined,
  };
}

type Make = (suffix: string, repetition: Repetition | undefined, cause?: Unknown) => ResourceInstance;

function unresolved(
  declaration: Declaration,
  cause: Unknown,
  name: "count" | "for_each",
  make: Make,
): Expanded {
  const { address, header } = declaration;
  const open = (what: string): TerraformValue => ({
    ...unknownValue(`${what} of ${address} is not known: ${cause.reasons.join("; ")}`, {
      place: cause.place ?? header,
      chain: cause.chain,
      isSensitive: false,
    }),
    causes: cause.causes,
    symbol: `${address} ${what}`,
  });
  const repetition =
    name === "count" ? { index: open("count.index") } : { key: open("each.key"), value: open("each.value") };
  const instance = make("", repetition, cause);
  return {
    expansion: { kind: "unresolved", instance: instance.asValue(), cause },
    instances: [instance],
    cause,
  };
}

function byCount(declaration: Declaration, count: TerraformValue, make: Make): Expanded {
  if (count.kind === "unknown") return unresolved(declaration, count, "count", make);
  const number = count.kind === "scalar" ? Number(count.value) : Number.NaN;
  if (count.kind !== "scalar" || count.value === null || !Number.isInteger(number) || number < 0) {
    return unresolved(declaration, failure("count is no whole number", count), "count", make);
  }
  if (number > maximumInstances) {
    const reason = `count makes ${number} instances, which are not told apart`;
    return unresolved(declaration, unknownValue(reason, count), "count", make);
  }
  const instances = Array.from({ length: number }, (_, index) =>
    make(`[${index}]`, { index: scalar(index, originAt(count.place)) }),
  );
  const values = instances.map((instance) => instance.asValue());
  return { expansion: { kind: "count", instances: values }, instances, cause: undefined };
}

function byElement(declaration: Declaration, collection: TerraformValue, make: Make): Expanded {
  const pairs = elements(collection);
  if ("kind" in pairs) return unresolved(declaration, pairs, "for_each", make);
  if (pairs.length > maximumInstances) {
    const reason = `for_each makes ${pairs.length} instances, which are not told apart`;
    return unresolved(declaration, unknownValue(reason, collection), "for_each", make);
  }
  const made = pairs.map(([key, value]) => {
    const instance = make(`[${JSON.stringify(key)}]`, { key: scalar(key, originAt(value.place)), value });
    return [key, instance] as const;
  });
  return {
    expansion: { kind: "each", instances: new Map(made.map(([key, instance]) => [key, instance.asValue()])) },
    instances: made.map(([, instance]) => instance),
    cause: undefined,
  };
}

/** Terraform takes a map, an object or a set of texts. */
function elements(collection: TerraformValue): readonly (readonly [string, TerraformValue])[] | Unknown {
  if (collection.kind === "unknown") return collection;
  if ("entries" in collection) return sortedEntries(collection.entries);
  if (collection.kind === "set") {
    const open = unknownsIn(collection);
    if (open.length > 0) return combineUnknown(open, derived(collection.place, open));
    return collection.items.flatMap((item): (readonly [string, TerraformValue])[] =>
      item.kind === "scalar" ? [[String(item.value), item]] : [],
    );
  }
  return failure("for_each takes a map or a set of texts", collection);
}
