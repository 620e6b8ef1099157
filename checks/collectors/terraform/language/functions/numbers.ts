import { rounded } from "../numbers.ts";
import { isNull, scalar, type TerraformValue } from "../value.ts";
import { EvaluationFailure, type FunctionDefinition, items, number, plain, truth } from "./definition.ts";

const numeric =
  (run: (...numbers: number[]) => number): FunctionDefinition["run"] =>
  (values, origin) =>
    scalar(rounded(run(...values.map((value) => number(value)))), origin);

export const numberFunctions: Readonly<Record<string, FunctionDefinition>> = {
  abs: plain(
    1,
    1,
    numeric((value = 0) => Math.abs(value)),
  ),
  ceil: plain(
    1,
    1,
    numeric((value = 0) => Math.ceil(value)),
  ),
  floor: plain(
    1,
    1,
    numeric((value = 0) => Math.floor(value)),
  ),
  signum: plain(
    1,
    1,
    numeric((value = 0) => Math.sign(value)),
  ),
  max: plain(1, Infinity, numeric(Math.max)),
  min: plain(1, Infinity, numeric(Math.min)),
  pow: plain(
    2,
    2,
    numeric((base = 0, exponent = 0) => base ** exponent),
  ),
  log: plain(
    2,
    2,
    numeric((value = 0, base = 0) => Math.log(value) / Math.log(base)),
  ),
  sum: plain(1, 1, ([list], origin) => {
    const parts = items(list).map((item) => number(item));
    if (parts.length === 0) throw new EvaluationFailure("an empty list has no sum");
    return scalar(rounded(parts.reduce((sum, part) => rounded(sum + part), 0)), origin);
  }),
  alltrue: plain(1, 1, ([list], origin) =>
    scalar(
      truths(list).every((truth) => truth === true),
      origin,
    ),
  ),
  anytrue: plain(1, 1, ([list], origin) => scalar(truths(list).includes(true), origin)),
};

/** The elements as truth values; null counts as neither. */
function truths(list: TerraformValue | undefined): (boolean | null)[] {
  return items(list).map((item) => (isNull(item) ? null : truth(item)));
}
