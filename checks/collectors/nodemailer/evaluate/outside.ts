import { ts } from "ts-morph";
import { shortText } from "../source/syntax.ts";
import type { Call } from "./calls.ts";
import {
  constant,
  type Datum,
  type EnvironmentDatum,
  type External,
  type ObjectDatum,
  type Origin,
  type Unknown,
} from "./datum.ts";
import { slotOf, writtenProperties } from "./objects.ts";
import { settle } from "./questions.ts";
import type { Run } from "./run.ts";
import { schemaNodes } from "./schema.ts";
import { unread } from "./unread.ts";

/** Packages and runtime modules whose calls say where a secret comes from. */
const origins: readonly (readonly [RegExp, Origin])[] = [
  [/secrets?-manager|client-ssm|keyvault|vault|doppler|infisical|1password|sops/i, "secret-store"],
  [/^(?:node:)?fs(?:\/promises)?$|^fs-extra$/, "file"],
  [/^(?:node:)?crypto$|^(?:nanoid|uuid)$|createTestAccount/, "generated"],
];

/** Packages whose function makes what is a class of nodemailer itself today. */
const makesTransport = /^nodemailer-smtp-(?:transport|pool)$/;

/** Names of functions that look a setting up by its name. */
const lookUp =
  /^(?:get\w*|env|optional|required?|need|read\w*|fetch\w*|string|str|bool\w*|number|num|int\w*|float|port|value|has)$/i;

/** What a call yields of which the body is not in view. */
export function callOutside(
  callee: External | Unknown,
  args: readonly (() => Datum)[],
  at: Call,
  run: Run,
): Datum {
  const values = args.map((arg) => settle(arg(), run.world));
  const schema = values.map((value) => environmentIn(value, run)).find((value) => value !== undefined);
  if (schema !== undefined && ts.isCallExpression(at)) {
    const nodes = [...(schema.schema?.nodes ?? []), ...schemaNodes(at)];
    return { kind: "environment", schema: { name: nameOfResult(at), nodes }, location: schema.location };
  }
  // A proxy only changes how the names of its target are looked up.
  if (schema !== undefined && callee.kind === "external" && callee.name === "Proxy") {
    return { ...schema, schema: schema.schema ?? { name: nameOfResult(at), nodes: [] } };
  }
  if (callee.kind === "external" && (ts.isNewExpression(at) || makesTransport.test(callee.module ?? ""))) {
    return { ...callee, made: { args } };
  }
  const [first] = values;
  const setting = first?.kind === "constant" && typeof first.value === "string" ? first.value : undefined;
  const name = nameOfCall(at);
  if (setting !== undefined && lookUp.test(calledName(at))) {
    const key = `setting ${callee.kind === "unknown" ? callee.key : externalKey(callee)} ${setting}`;
    if (isVariableName(setting)) {
      return run.environment.converted(
        { name: setting, written: name, key },
        run.files.locate(at),
        run.world.unset,
      );
    }
    return unread(at, run, "is looked up by the running program", {
      key,
      origin: originOf(callee) ?? "setting",
    });
  }
  const unknowns = values.filter((value) => value.kind === "unknown");
  const source = callee.kind === "unknown" ? [...unknowns, callee] : unknowns;
  const origin =
    originOf(callee) ?? unknowns[0]?.origin ?? (callee.kind === "unknown" ? callee.origin : undefined);
  return unread(at, run, "is made by code that is not read", {
    name,
    origin: origin ?? "outside",
    ...(source.length === 0 ? {} : { madeFrom: source }),
  });
}

/**
 * The environment in an argument, in a property of it (`createEnv({ runtimeEnv: process.env })`), or as a copy of it
 * that is made variable by variable.
 */
function environmentIn(value: Datum, run: Run, depth = 0): EnvironmentDatum | undefined {
  if (value.kind === "environment") return value;
  if (value.kind !== "object" || depth > 1) return undefined;
  if (isCopy(value, run)) return { kind: "environment", location: value.location };
  for (const { name } of writtenProperties(value, run.world)) {
    const slot = slotOf(value, name, run.world);
    if (slot === undefined || !/env/i.test(name)) continue;
    const found = environmentIn(settle(slot.value, run.world), run, depth + 1);
    if (found !== undefined) return found;
  }
  return undefined;
}

function isCopy({ layers }: ObjectDatum, run: Run): boolean {
  return layers.some((layer) => {
    if (layer.kind === "spread") return settle(layer.value(), run.world).kind === "environment";
    if (layer.kind === "remove") return false;
    const value = settle(
      layer.value(() => constant(undefined, layer.location)),
      run.world,
    );
    const isRead = value.kind === "unknown" && value.key === `env ${layer.name}`;
    return (
      isRead || (value.kind === "constant" && value.origin === "environment" && isVariableName(layer.name))
    );
  });
}

/** The code of a call, without its arguments where they make it long. */
function nameOfCall(at: Call): string {
  const text = shortText(at);
  return text.endsWith("…") ? `${ts.isNewExpression(at) ? "new " : ""}${shortText(at.expression)}(…)` : text;
}

/** What the code calls the result of a call. */
function nameOfResult(at: Call): string {
  const { parent } = at;
  return ts.isVariableDeclaration(parent) && ts.isIdentifier(parent.name) ? parent.name.text : shortText(at);
}

function calledName(at: Call): string {
  const { expression } = at;
  if (ts.isIdentifier(expression)) return expression.text;
  return ts.isPropertyAccessExpression(expression) ? expression.name.text : "";
}

function isVariableName(text: string): boolean {
  return /^[A-Z][A-Z0-9_]*$/.test(text);
}

function externalKey(external: External): string {
  return [external.module ?? "", ...external.path].join(" ");
}

export function originOf(callee: External | Unknown): Origin | undefined {
  const words = callee.kind === "external" ? [callee.module ?? "", ...callee.path] : [callee.name];
  return origins.find(([pattern]) => words.some((word) => pattern.test(word)))?.[1];
}
