import type { Declaration } from "../files/declarations.ts";
import type { Place } from "../files/source-file.ts";
import type { Repetition, ResourceExpansion } from "../language/scope.ts";
import { originAt, type Unknown, unknownValue } from "../language/value.ts";
import type { EvaluatedModule } from "./module.ts";
import { repetitionsOf } from "./repetition.ts";
import { ResourceInstance } from "./resource-instance.ts";

/** The instances of a block: as expressions see them, and as resources to be judged. */
export interface Expanded {
  readonly expansion: ResourceExpansion;
  readonly instances: readonly ResourceInstance[];
}

type OnCycle = (what: string, place: Place) => void;

/** Carries out `count` and `for_each`, as far as they are known. */
export function expand(declaration: Declaration, module: EvaluatedModule, onCycle: OnCycle): Expanded {
  const { address, make } = makerOf(declaration, module, onCycle);
  const repetitions = repetitionsOf(declaration, address, module);
  switch (repetitions.kind) {
    case "single": {
      const instance = make("", undefined);
      return { expansion: { kind: "single", instance: instance.asValue() }, instances: [instance] };
    }
    case "count": {
      const instances = repetitions.each.map((repetition, index) => make(`[${index}]`, repetition));
      const values = instances.map((instance) => instance.asValue());
      return { expansion: { kind: "count", instances: values }, instances };
    }
    case "each": {
      const made = [...repetitions.each].map(
        ([key, repetition]) => [key, make(`[${JSON.stringify(key)}]`, repetition)] as const,
      );
      const values = new Map(made.map(([key, instance]) => [key, instance.asValue()]));
      return {
        expansion: { kind: "each", instances: values },
        instances: made.map(([, instance]) => instance),
      };
    }
    case "unresolved": {
      const { cause, repetition } = repetitions;
      module.questions.note(cause.reasons[0] ?? "", address, declaration.header);
      return open(make("", repetition, cause), cause);
    }
  }
}

/** A block whose own repetition depends on it. */
export function expandOpen(declaration: Declaration, module: EvaluatedModule, onCycle: OnCycle): Expanded {
  const { address, make } = makerOf(declaration, module, onCycle);
  const cause = unknownValue(`${address} refers to itself`, originAt(declaration.header));
  return open(make("", undefined, cause), cause);
}

function open(instance: ResourceInstance, cause: Unknown): Expanded {
  return { expansion: { kind: "unresolved", instance: instance.asValue(), cause }, instances: [instance] };
}

function makerOf(declaration: Declaration, module: EvaluatedModule, onCycle: OnCycle) {
  const address = `${module.prefix}${declaration.address}`;
  const make = (suffix: string, repetition: Repetition | undefined, cause?: Unknown): ResourceInstance => {
    const { tracker, questions } = module;
    const context = { references: module, tracker, questions, repetition, address };
    return new ResourceInstance(declaration, `${address}${suffix}`, context, onCycle, cause);
  };
  return { address, make };
}
