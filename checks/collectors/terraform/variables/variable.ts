import type { Diagnostic } from "#base/diagnostic.ts";
import type { Declaration } from "../files/declarations.ts";
import { locationOf, type SourceFile } from "../files/source-file.ts";
import { convert } from "../language/conversion.ts";
import { evaluate } from "../language/evaluate.ts";
import type { Scope } from "../language/scope.ts";
import { anyType, type Type } from "../language/type.ts";
import {
  type ChainStep,
  isNull,
  relocated,
  type TerraformValue,
  type Unknown,
  unknownValue,
} from "../language/value.ts";
import { readType } from "./type-constraint.ts";

/** A value that somebody gives a variable, with the step that says who. */
export interface Given {
  readonly value: TerraformValue;
  readonly step: ChainStep;
}

/** One way in which the variables of a module get their values: from outside the configuration, or from a call. */
export interface VariableSource {
  /** Undefined where this source does not set the variable. */
  give(declaration: Declaration, type: Type, diagnostics: Diagnostic[]): Given | undefined;
  /** Why a variable without a default has no value: "no tfvars file sets it". */
  readonly whyUnset: string;
  /** Whether its values are written out: what Terraform refuses of them it refuses for certain. */
  readonly isConstant: boolean;
}

/** The value of an input variable as one source sets it. Problems go to `diagnostics`. */
export function variableValue(
  declaration: Declaration,
  source: VariableSource,
  diagnostics: Diagnostic[],
): TerraformValue {
  const type = constraintOf(declaration, diagnostics);
  const isSensitive = flagOf(declaration, "sensitive", false);
  const given = source.give(declaration, type, diagnostics);
  const isWritten = source.isConstant || (given?.value.kind !== "unknown" && given?.value.chain.length === 0);
  const checked = given && check(declaration.address, given, type, isWritten ? diagnostics : undefined);
  const isGiven = checked !== undefined && !(isNull(checked.value) && !flagOf(declaration, "nullable", true));
  const chosen = isGiven ? checked : defaultValue(declaration, type, diagnostics);
  if (chosen === undefined) return unset(declaration, source.whyUnset, isSensitive);
  const { value, step } = chosen;
  return relocated(value, { place: value.place, chain: [step, ...value.chain], isSensitive });
}

function unset({ address, header }: Declaration, why: string, isSensitive: boolean): Unknown {
  const step = { place: header, text: `var.${address} is declared here without a default` };
  const reason = `var.${address} has no default and ${why}`;
  return { ...unknownValue(reason, { place: header, chain: [step], isSensitive }), symbol: `var.${address}` };
}

/** Variable files and defaults may name nothing else. */
export function constantScope(source: SourceFile): Scope {
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

function check(name: string, given: Given, type: Type, diagnostics: Diagnostic[] | undefined): Given {
  const value = convert(given.value, type);
  if (value.kind !== "unknown" || value.isFailure !== true) return { ...given, value };
  const message = `The value of var.${name} is refused by Terraform: ${value.reasons.join("; ")}. Change the value or the type.`;
  const location = locationOf(given.step.place);
  diagnostics?.push({ level: "error", code: "terraform-variable-value", message, location });
  const { isFailure: _isFailure, ...unknown } = value;
  return { ...given, value: unknown };
}

function defaultValue(declaration: Declaration, type: Type, diagnostics: Diagnostic[]): Given | undefined {
  const { address, header, content } = declaration;
  const argument = content.argument("default");
  if (argument === undefined) {
    if (!content.isIncomplete) return undefined;
    const origin = { place: header, chain: [], isSensitive: false };
    const value = unknownValue(`a part of the variable "${address}" could not be read`, origin);
    return { value, step: { place: header, text: `var.${address} is declared here` } };
  }
  const value = evaluate(argument.expression, constantScope(argument.source));
  const place = { source: argument.source, span: argument.expression };
  return check(
    address,
    { value, step: { place, text: `var.${address} has this default` } },
    type,
    diagnostics,
  );
}
