import type { Expression } from "#syntax/hcl/tree.ts";
import type { Place } from "../../files/source-file.ts";
import { evaluate } from "../evaluate.ts";
import type { Scope, Trial } from "../scope.ts";
import {
  combineUnknown,
  derived,
  failure,
  originAt,
  scalar,
  type TerraformValue,
  withAlternatives,
} from "../value.ts";

/** A function that decides itself which of its arguments are evaluated. */
export type SpecialForm = (expressions: readonly Expression[], scope: Scope, place: Place) => TerraformValue;

/** The first argument that Terraform would not refuse. Where that cannot be told, each one that it may be. */
const tryForm: SpecialForm = (expressions, scope, place) => {
  const [first, ...rest] = expressions;
  if (first === undefined) return failure("try has no argument", originAt(place));
  const trial: Trial = {};
  const value = evaluate(first, { ...scope, trial });
  const isRefused = value.kind === "unknown" && value.isFailure === true;
  if (rest.length === 0) return value;
  if (isRefused) return tryForm(rest, scope, place);
  if (trial.doubt === undefined) return value;
  const either = combineUnknown([trial.doubt], derived(place, [trial.doubt]));
  return withAlternatives(either, [value, tryForm(rest, scope, place)]);
};

const canForm: SpecialForm = ([expression], scope, place) => {
  if (expression === undefined) return failure("can has no argument", originAt(place));
  const trial: Trial = {};
  const value = evaluate(expression, { ...scope, trial });
  if (value.kind === "unknown" && value.isFailure === true) return scalar(false, originAt(place));
  const open = trial.doubt ?? (value.kind === "unknown" ? value : undefined);
  return open === undefined ? scalar(true, originAt(place)) : combineUnknown([open], derived(place, [open]));
};

export const controlForms: Readonly<Record<string, SpecialForm>> = { try: tryForm, can: canForm };
