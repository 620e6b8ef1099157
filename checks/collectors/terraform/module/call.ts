import type { Declaration } from "../files/declarations.ts";
import { evaluate } from "../language/evaluate.ts";
import type { Repetition } from "../language/scope.ts";
import { originAt, unknownValue } from "../language/value.ts";
import type { VariableSource } from "../variables/variable.ts";
import type { EvaluatedModule } from "./module.ts";
import { repetitionsOf } from "./repetition.ts";

/** The folder that a `module` block calls, where it names one by a path; undefined for a registry or repository. */
export function calledFolder({ content }: Declaration, folder: string): string | undefined {
  const source = content.argument("source")?.expression;
  if (source?.kind !== "literal" || typeof source.value !== "string") return undefined;
  return resolveLocalSource(source.value, folder);
}

/** The folder of a module source such as `../bucket`, seen from the folder of the caller. */
export function resolveLocalSource(source: string, folder: string): string | undefined {
  if (!/^\.\.?(?:\/|$)/.test(source)) return undefined;
  return resolvePath(folder, source);
}

/** A path of a configuration as a path of the run; undefined where it is absolute. */
export function resolvePath(folder: string, path: string): string | undefined {
  if (path.startsWith("/") || path.startsWith("~") || /^[A-Za-z]:/.test(path)) return undefined;
  const parts = folder === "." ? [] : folder.split("/");
  for (const part of path.split("/")) {
    if (part === "" || part === ".") continue;
    if (part !== ".." || parts.length === 0 || parts.at(-1) === "..") parts.push(part);
    else parts.pop();
  }
  return parts.length === 0 ? "." : parts.join("/");
}

/** The variables as a `module` block sets them: one source for each instance that it makes. */
export function fromCall(caller: EvaluatedModule, call: Declaration): readonly VariableSource[] {
  const name = `module.${call.address}`;
  const repetitions = repetitionsOf(call, name, caller);
  const source = (repetition: Repetition | undefined): VariableSource => ({
    whyUnset: `${name} does not set it`,
    isConstant: false,
    give: (declaration) => {
      const argument = call.content.argument(declaration.address);
      if (argument === undefined) return undefined;
      const scope = { source: argument.source, references: caller, ...(repetition && { repetition }) };
      const place = { source: argument.source, span: argument.expression };
      return {
        value: evaluate(argument.expression, scope),
        step: { place, text: `var.${declaration.address} is set by ${name}` },
      };
    },
  });
  switch (repetitions.kind) {
    case "single":
      return [source(undefined)];
    case "unresolved":
      return [source(repetitions.repetition)];
    default:
      return [...repetitions.each.values()].map(source);
  }
}

/** Calls whose values are not worked out: what one of them sets is unknown, everything else has its default. */
export function fromUnfollowedCalls(calls: readonly Declaration[]): VariableSource {
  return {
    whyUnset: "no call of the module sets it",
    isConstant: false,
    give: ({ address }) => {
      const [argument] = calls.flatMap(({ content }) => content.argument(address) ?? []);
      if (argument === undefined) return undefined;
      const place = { source: argument.source, span: argument.expression };
      const reason = `var.${address} is set by callers that are too large to be followed`;
      return {
        value: unknownValue(reason, originAt(place)),
        step: { place, text: `var.${address} is set here` },
      };
    },
  };
}
