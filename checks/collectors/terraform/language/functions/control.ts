import type { Expression } from "#syntax/hcl/tree.ts";
import type { Place } from "../../files/source-file.ts";
import { evaluate } from "../evaluate.ts";
import type { Scope } from "../scope.ts";
import { combineUnknown, derived, failure, originAt, scalar, type TerraformValue } from "../value.ts";

/** A function that decides itself which of its arguments are evaluated. */
export type SpecialForm = (expressions: readonly Expression[], scope: Scope, place: Place) => TerraformValue;

/** The first argument that Terraform would not refuse. */
const tryForm: SpecialForm = (expressions, scope, place) => {
  let last: TerraformValue = failure("try has no argument", originAt(place));
  for (const expression of expressions) {
    last = evaluate(expression, scope);
    if (last.kind !== "unknown" || last.isFailure !== true) return last;
  }
  return last;
};

const canForm: SpecialForm = ([expression], scope, place) => {
  if (expression === undefined) return failure("can has no argument", originAt(place));
  const value = evaluate(expression, scope);
  if (value.kind === "unknown" && value.isFailure !== true)
    return combineUnknown([value], derived(place, [value]));
  return scalar(value.kind !== "unknown", originAt(place));
};

export const controlForms: Readonly<Record<string, SpecialForm>> = { try: tryForm, can: canForm };
