import type { Diagnostic } from "#base/diagnostic.ts";
import { parseHclExpression } from "#syntax/hcl/parser.ts";
import type { Declaration } from "../files/declarations.ts";
import { locationOf, type Place, SourceFile } from "../files/source-file.ts";
import { convert } from "../language/conversion.ts";
import { evaluate } from "../language/evaluate.ts";
import type { Scope } from "../language/scope.ts";
import { anyType, isPrimitive, type Type } from "../language/type.ts";
import {
  type ChainStep,
  isNull,
  mapping,
  type Origin,
  relocated,
  scalar,
  sequence,
  type TerraformValue,
  unknownValue,
} from "../language/value.ts";
import { readType } from "./type-constraint.ts";
import type { GivenExpression } from "./variable-files.ts";

/** Where the value of a root module's variable can come from. */
export interface VariableSources {
  readonly files: ReadonlyMap<string, GivenExpression>;
  /** `TF_VAR_*` of the environment, by their whole names. */
  readonly environment: Readonly<Record<string, string>>;
}

interface Given {
  readonly value: TerraformValue;
  readonly step: ChainStep;
}

/** The value of an input variable, with the step that says where it was set. Problems go to `diagnostics`. */
export function variableValue(
  declaration: Declaration,
  sources: VariableSources,
  diagnostics: Diagnostic[],
): TerraformValue {
  const name = declaration.address;
  const type = constraintOf(declaration, diagnostics);
  const isSensitive = flagOf(declaration, "sensitive", false);
  const isNullable = flagOf(declaration, "nullable", true);
  const given = givenValue(declaration, sources, type, diagnostics);
  const checked = given === undefined ? undefined : check(name, given, type, diagnostics);
  const chosen =
    checked === undefined || (isNull(checked.value) && !isNullable)
      ? defaultValue(declaration, type, diagnostics)
      : checked;
  if (chosen === undefined) return unset(declaration, isSensitive);
  const chain = [...chosen.value.chain, chosen.step];
  return relocated(chosen.value, { place: chosen.value.place, chain, isSensitive });
}

function unset({ address, header }: Declaration, isSensitive: boolean): TerraformValue {
  const step = { place: header, text: `var.${address} is declared here without a default` };
  const reason = `var.${address} has no default and no tfvars file sets it`;
  return { ...unknownValue(reason, { place: header, chain: [step], isSensitive }), symbol: `var.${address}` };
}

/** Variable files and defaults may name nothing else. */
function constantScope(source: SourceFile): Scope {
  return { source, references: undefined };
}

function constraintOf({ address, content }: Declaration, diagnostics: Diagnostic[]): Type {
  const argument = content.argument("type");
  if (argument === undefined) return anyType;
  const type = readType(argument.expression, constantScope(argument.source));
  if (type !== undefined) return type;
  if (argument.expression.kind !== "invalid") {
    const place = { source: argument.source, span: argument.expression };
    const message = `This is no type that var.${address} can have. Write string, number, bool, any, list(…), set(…), map(…), object({…}) or tuple([…]).`;
    diagnostics.push({
      level: "error",
      code: "terraform-variable-type",
      message,
      location: locationOf(place),
    });
  }
  return anyType;
}

function flagOf({ content }: Declaration, name: string, fallback: boolean): boolean {
  const argument = content.argument(name);
  if (argument === undefined) return fallback;
  const value = evaluate(argument.expression, constantScope(argument.source));
  return value.kind === "scalar" && value.value !== null ? String(value.value) === "true" : fallback;
}

function givenValue(
  { address, header, content }: Declaration,
  sources: VariableSources,
  type: Type,
  diagnostics: Diagnostic[],
): Given | undefined {
  const inFile = sources.files.get(address);
  if (inFile !== undefined) {
    const value = evaluate(inFile.expression, constantScope(inFile.source));
    const place = { source: inFile.source, span: inFile.expression };
    return { value, step: { place, text: `var.${address} is set by a variable file` } };
  }
  const text = sources.environment[`TF_VAR_${address}`];
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
    diagnostics.push({
      level: "error",
      code: "terraform-variable-value",
      message,
      location: locationOf(header),
    });
    return { value: unknownValue(`TF_VAR_${address} could not be read`, origin), step };
  }
  const value = evaluate(expression, constantScope(new SourceFile(header.source.path, text)));
  return { value: placedAt(value, header), step };
}

/** The environment has no lines: what it holds stands at the variable. */
function placedAt(value: TerraformValue, place: Place): TerraformValue {
  const origin = { place, chain: [], isSensitive: value.isSensitive };
  if ("items" in value) {
    return sequence(
      value.kind,
      value.items.map((item) => placedAt(item, place)),
      origin,
    );
  }
  if ("entries" in value) {
    return mapping(
      value.kind,
      new Map([...value.entries].map(([name, entry]) => [name, placedAt(entry, place)])),
      origin,
    );
  }
  return relocated(value, origin);
}

function check(name: string, given: Given, type: Type, diagnostics: Diagnostic[]): Given {
  const value = convert(given.value, type);
  if (value.kind === "unknown" && value.isFailure === true) {
    const message = `The value of var.${name} is refused by Terraform: ${value.reasons.join("; ")}. Change the value or the type.`;
    diagnostics.push({
      level: "error",
      code: "terraform-variable-value",
      message,
      location: locationOf(given.step.place),
    });
    const { isFailure: _isFailure, ...unknown } = value;
    return { ...given, value: unknown };
  }
  return { ...given, value };
}

function defaultValue(declaration: Declaration, type: Type, diagnostics: Diagnostic[]): Given | undefined {
  const argument = declaration.content.argument("default");
  if (argument === undefined) {
    if (!declaration.content.isIncomplete) return undefined;
    const origin = { place: declaration.header, chain: [], isSensitive: false };
    const value = unknownValue(`a line of the variable "${declaration.address}" could not be read`, origin);
    return {
      value,
      step: { place: declaration.header, text: `var.${declaration.address} is declared here` },
    };
  }
  const value = evaluate(argument.expression, constantScope(argument.source));
  const place = { source: argument.source, span: argument.expression };
  const given = { value, step: { place, text: `var.${declaration.address} has this default` } };
  return check(declaration.address, given, type, diagnostics);
}
