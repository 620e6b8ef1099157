import { convert, isEqual, setOf } from "../conversion.ts";
import { anyType, type Type, typeOf, unify } from "../type.ts";
import { type Origin, sequence, type TerraformValue } from "../value.ts";
import {
  EvaluationFailure,
  EvaluationLimit,
  type FunctionDefinition,
  items,
  plain,
  uniform,
} from "./definition.ts";

type Combine = (a: readonly TerraformValue[], b: readonly TerraformValue[]) => TerraformValue[];

/** Folds sets whose elements are first converted to one type. */
function combineSets(sets: readonly TerraformValue[], origin: Origin, combine: Combine): TerraformValue {
  const types = sets.flatMap((set) => items(set).map(typeOf));
  const element: Type | undefined = types.length === 0 ? anyType : unify(types);
  if (element === undefined) throw new EvaluationFailure("the elements have no common type");
  const same = sets.map((set) => items(set).map((item) => convert(item, element)));
  const [first = [], ...rest] = same;
  return setOf(rest.reduce<readonly TerraformValue[]>(combine, first), origin);
}

function has(list: readonly TerraformValue[], item: TerraformValue): boolean {
  return list.some((other) => isEqual(item, other) === true);
}

const maximumProduct = 10_000;

function product(given: readonly TerraformValue[], origin: Origin): TerraformValue {
  const lists = given.map((list) => (list.kind === "set" ? list : (uniform(list) ?? list)));
  const size = lists.reduce((count, list) => count * items(list).length, 1);
  if (size > maximumProduct) throw new EvaluationLimit(`it makes more than ${maximumProduct} combinations`);
  let rows: TerraformValue[][] = [[]];
  for (const list of lists) rows = rows.flatMap((row) => items(list).map((item) => [...row, item]));
  const tuples = rows.map((row) => sequence("tuple", row, origin));
  return lists.every((list) => list.kind === "set")
    ? setOf(tuples, origin)
    : sequence("list", tuples, origin);
}

export const setFunctions: Readonly<Record<string, FunctionDefinition>> = {
  setunion: plain(1, Infinity, (sets, origin) => combineSets(sets, origin, (a, b) => [...a, ...b])),
  setintersection: plain(1, Infinity, (sets, origin) =>
    combineSets(sets, origin, (a, b) => a.filter((item) => has(b, item))),
  ),
  setsubtract: plain(2, 2, (sets, origin) =>
    combineSets(sets, origin, (a, b) => a.filter((item) => !has(b, item))),
  ),
  setproduct: plain(1, Infinity, product),
};
