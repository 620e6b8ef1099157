import { convert } from "../conversion.ts";
import { anyType, boolType, numberType, stringType, type Type } from "../type.ts";
import { failure, relocated, scalar, type TerraformValue, unknownValue } from "../value.ts";
import { EvaluationFailure, type FunctionDefinition, structural, tolerant } from "./definition.ts";

function to(type: Type): FunctionDefinition {
  return tolerant(1, 1, ([value], origin) => {
    if (value === undefined) throw new EvaluationFailure("an argument is missing");
    const converted = convert(value, type);
    return relocated(converted, { ...origin, place: converted.place });
  });
}

export const conversionFunctions: Readonly<Record<string, FunctionDefinition>> = {
  tostring: to(stringType),
  tonumber: to(numberType),
  tobool: to(boolType),
  tolist: to({ kind: "list", element: anyType }),
  toset: to({ kind: "set", element: anyType }),
  tomap: to({ kind: "map", element: anyType }),
  sensitive: tolerant(1, 1, ([value], origin) => marked(value, true, origin.place)),
  nonsensitive: tolerant(1, 1, ([value], origin) => marked(value, false, origin.place)),
  issensitive: structural(1, 1, ([value], origin) =>
    scalar(value?.isSensitive === true, { ...origin, isSensitive: false }),
  ),
  ephemeralasnull: tolerant(1, 1, ([value], origin) =>
    value === undefined ? unknownValue("an argument is missing", origin) : value,
  ),
};

function marked(
  value: TerraformValue | undefined,
  isSensitive: boolean,
  place: TerraformValue["place"],
): TerraformValue {
  if (value === undefined) return failure("an argument is missing", { place, chain: [], isSensitive: false });
  return { ...value, isSensitive };
}
