import type { Call } from "#syntax/hcl/tree.ts";
import type { Place } from "../../files/source-file.ts";
import { evaluate, placeOf } from "../evaluate.ts";
import type { Scope } from "../scope.ts";
import {
  combineUnknown,
  derived,
  failure,
  lift,
  type Origin,
  originAt,
  type TerraformValue,
  unknownsIn,
  unknownValue,
} from "../value.ts";
import { EvaluationFailure, EvaluationLimit, type FunctionDefinition } from "./definition.ts";
import { functions, specialForms } from "./index.ts";

/** The value of a function call. A function that is not evaluated here makes its result unknown and is named. */
export function callFunction(call: Call, scope: Scope): TerraformValue {
  const place = placeOf(call, scope);
  const name = call.name.replace(/^core::/, "");
  if (scope.references === undefined) {
    return failure("Terraform allows no references and functions here", originAt(place));
  }
  const special = Object.hasOwn(specialForms, name) ? specialForms[name] : undefined;
  if (special !== undefined && !call.isExpanded) return special(call.arguments, scope, place);
  const definition = Object.hasOwn(functions, name) ? functions[name] : undefined;
  const given = argumentsOf(call, scope);
  if (!Array.isArray(given)) return given as TerraformValue;
  const failed = given.find((value) => value.kind === "unknown" && value.isFailure === true);
  if (failed !== undefined) return failed;
  if (definition === undefined) {
    return unknownValue(`the function ${call.name} is not evaluated here`, derived(place, given));
  }
  return apply(name, definition, given, place);
}

function argumentsOf(call: Call, scope: Scope): TerraformValue[] | TerraformValue {
  const values = call.arguments.map((argument) => evaluate(argument, scope));
  if (!call.isExpanded) return values;
  const last = values.pop();
  if (last === undefined) return values;
  if (last.kind === "unknown") return combineUnknown([last], derived(placeOf(call, scope), [last]));
  if ("items" in last) return [...values, ...last.items];
  return failure("only a list can be expanded with ...", last);
}

function apply(
  name: string,
  definition: FunctionDefinition,
  given: readonly TerraformValue[],
  place: Place,
): TerraformValue {
  const { least, most } = definition;
  if (given.length < least || given.length > most) {
    return failure(`${name} is called with ${given.length} arguments`, derived(place, given));
  }
  const run = (values: readonly TerraformValue[], origin: Origin): TerraformValue => {
    if (definition.needsAll) {
      const open = values.flatMap((value) => unknownsIn(value));
      if (open.length > 0) return combineUnknown(open, derived(place, [...values, ...open]));
    }
    try {
      return definition.run(values, origin);
    } catch (error) {
      if (error instanceof EvaluationFailure) return failure(`${name}: ${error.message}`, origin);
      if (error instanceof EvaluationLimit)
        return unknownValue(`${name} is not evaluated: ${error.message}`, origin);
      throw error;
    }
  };
  return definition.takesUnknown ? run(given, derived(place, given)) : lift(given, place, run);
}
