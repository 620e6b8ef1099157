import type { Diagnostic } from "#base/diagnostic.ts";
import { parseHclExpression } from "#syntax/hcl/parser.ts";
import type { Declaration } from "../files/declarations.ts";
import { locationOf, type Place, SourceFile } from "../files/source-file.ts";
import { evaluate } from "../language/evaluate.ts";
import { isPrimitive, type Type } from "../language/type.ts";
import {
  mapping,
  type Origin,
  relocated,
  scalar,
  sequence,
  type TerraformValue,
  unknownValue,
} from "../language/value.ts";
import { constantScope, type Given, type VariableSource } from "./variable.ts";
import type { GivenExpression } from "./variable-files.ts";

/**
 * The variables of a root module: variable files win over `TF_VAR_*`.
 * @param files the value that wins among the variable files, by the variable's name
 * @param environment `TF_VAR_*` by the name of the variable
 */
export function fromOutside(
  files: ReadonlyMap<string, GivenExpression>,
  environment: Readonly<Record<string, string>>,
): VariableSource {
  return {
    whyUnset: "no tfvars file sets it",
    isConstant: true,
    give: (declaration, type, diagnostics) => {
      const inFile = files.get(declaration.address);
      if (inFile === undefined) return fromEnvironment(declaration, environment, type, diagnostics);
      const { source, expression } = inFile;
      const place = { source, span: expression };
      return {
        value: evaluate(expression, constantScope(source)),
        step: { place, text: `var.${declaration.address} is set by a variable file` },
      };
    },
  };
}

function fromEnvironment(
  { address, header, content }: Declaration,
  environment: Readonly<Record<string, string>>,
  type: Type,
  diagnostics: Diagnostic[],
): Given | undefined {
  const text = Object.hasOwn(environment, address) ? environment[address] : undefined;
  if (text === undefined) return undefined;
  const origin: Origin = { place: header, chain: [], isSensitive: false };
  const step = { place: header, text: `var.${address} is set by TF_VAR_${address} of the environment` };
  // Without a type, as with a primitive one, the text is the value; every other type takes an expression.
  if (isPrimitive(type) || content.argument("type") === undefined)
    return { value: scalar(text, origin), step };
  const { expression, problems } = parseHclExpression(text);
  const [problem] = problems;
  if (problem !== undefined) {
    const message = `TF_VAR_${address} of the environment is no value for var.${address}: ${problem.message}`;
    const location = locationOf(header);
    diagnostics.push({ level: "error", code: "terraform-variable-value", message, location });
    return { value: unknownValue(`TF_VAR_${address} could not be read`, origin), step };
  }
  const value = evaluate(expression, constantScope(new SourceFile(header.source.path, text)));
  return { value: placedAt(value, header), step };
}

/** The environment has no lines: what it holds stands at the variable. */
function placedAt(value: TerraformValue, place: Place): TerraformValue {
  const origin = { place, chain: [], isSensitive: value.isSensitive };
  if ("items" in value) {
    const items = value.items.map((item) => placedAt(item, place));
    return sequence(value.kind, items, origin);
  }
  if ("entries" in value) {
    const entries = [...value.entries].map(([name, entry]) => [name, placedAt(entry, place)] as const);
    return mapping(value.kind, new Map(entries), origin);
  }
  return relocated(value, origin);
}
