import { parseHclTemplate } from "#syntax/hcl/parser.ts";
import type { Expression } from "#syntax/hcl/tree.ts";
import { type Place, SourceFile } from "../../files/source-file.ts";
import { setOf, toText } from "../conversion.ts";
import { evaluate } from "../evaluate.ts";
import type { References, Scope } from "../scope.ts";
import {
  combineUnknown,
  derived,
  failure,
  lift,
  type Origin,
  originAt,
  scalar,
  type TerraformValue,
  unknownValue,
} from "../value.ts";
import type { SpecialForm } from "./control.ts";

/** Evaluates the path and asks the module for the file's text. */
function withFile(
  expression: Expression | undefined,
  scope: Scope,
  place: Place,
  then: (content: string, path: string, origin: Origin) => TerraformValue,
): TerraformValue {
  if (expression === undefined) return failure("a path is due as argument", originAt(place));
  const path = toText(evaluate(expression, scope));
  return lift([path], place, ([known], origin) => {
    if (known?.kind !== "scalar" || known.value === null) return failure("null is no path", origin);
    const name = String(known.value);
    const content = scope.references?.readFile(name);
    if (content === undefined) return unknownValue(`the file "${name}" is not in view`, origin);
    return then(content, name, origin);
  });
}

const file: SpecialForm = ([path], scope, place) =>
  withFile(path, scope, place, (content, _name, origin) => scalar(content, origin));

const templateFile: SpecialForm = ([path, variables], scope, place) => {
  if (variables === undefined) return failure("templatefile takes a path and variables", originAt(place));
  const values = evaluate(variables, scope);
  return withFile(path, scope, place, (content, name, origin) => {
    if (!("entries" in values)) {
      const open =
        values.kind === "unknown" ? values : failure("the variables of a template are a map", values);
      return combineUnknown([open], derived(place, [open]));
    }
    return evaluateTemplateText(content, name, values.entries, scope, origin);
  });
};

const templateString: SpecialForm = ([template, variables], scope, place) => {
  if (template === undefined || variables === undefined)
    return failure("templatestring takes a text and variables", originAt(place));
  const values = evaluate(variables, scope);
  return lift([toText(evaluate(template, scope)), values], place, ([known, named], origin) => {
    if (known?.kind !== "scalar" || named === undefined || !("entries" in named)) {
      return failure("templatestring takes a text and a map", origin);
    }
    return evaluateTemplateText(String(known.value), scope.source.path, named.entries, scope, origin);
  });
};

/** Whether a file is there: certain where it can be read, or where its folder is in view and does not list it. */
const fileExists: SpecialForm = ([expression], scope, place) => {
  if (expression === undefined) return failure("a path is due as argument", originAt(place));
  return lift([toText(evaluate(expression, scope))], place, ([known], origin) => {
    if (known?.kind !== "scalar" || known.value === null) return failure("null is no path", origin);
    const exists = scope.references?.hasFile(String(known.value));
    if (exists !== undefined) return scalar(exists, origin);
    return unknownValue(`the folder of the file "${known.value}" is not in view`, origin);
  });
};

/** The files of one folder that a pattern matches; what lies in folders below is not in view. */
const fileSet: SpecialForm = ([folder, pattern], scope, place) => {
  if (folder === undefined || pattern === undefined)
    return failure("fileset takes a folder and a pattern", originAt(place));
  const operands = [toText(evaluate(folder, scope)), toText(evaluate(pattern, scope))];
  return lift(operands, place, ([path, glob], origin) => {
    if (path?.kind !== "scalar" || glob?.kind !== "scalar") return failure("fileset takes texts", origin);
    const matches = namePattern(String(glob.value));
    const names = scope.references?.filesIn(String(path.value));
    if (matches === undefined || names === undefined) {
      return unknownValue(`the files "${glob.value}" in "${path.value}" are not in view`, origin);
    }
    return setOf(
      names.filter((name) => matches.test(name)).map((name) => scalar(name, origin)),
      origin,
    );
  });
};

/** A pattern over names as a regular expression; undefined where it reaches into other folders. */
function namePattern(glob: string): RegExp | undefined {
  if (glob.includes("/") || glob.includes("**") || glob.includes("[") || glob.includes("\\"))
    return undefined;
  const body = glob
    .replace(/[.+^$()|]/g, "\\$&")
    .replaceAll("*", ".*")
    .replaceAll("?", ".");
  const alternatives = body.replace(
    /\{([^{}]*)\}/g,
    (_match, list: string) => `(?:${list.replaceAll(",", "|")})`,
  );
  return /[{}]/.test(alternatives) ? undefined : new RegExp(`^${alternatives}$`, "s");
}

/** Only the variables given are names inside a template. */
export function evaluateTemplateText(
  content: string,
  name: string,
  variables: ReadonlyMap<string, TerraformValue>,
  scope: Scope,
  origin: Origin,
): TerraformValue {
  const { expression, problems } = parseHclTemplate(content);
  if (problems.length > 0) return unknownValue(`the template "${name}" could not be read`, origin);
  const { references: outer } = scope;
  const references: References = {
    ...namesNothing,
    readFile: (path) => outer?.readFile(path),
    hasFile: (path) => outer?.hasFile(path),
    filesIn: (folder) => outer?.filesIn(folder),
  };
  return evaluate(expression, {
    source: new SourceFile(name, content),
    references,
    bindings: { values: variables },
  });
}

const namesNothing = {
  variable: nothing,
  local: nothing,
  resource: () => undefined,
  moduleOutput: nothing,
};

function nothing(name: string, place: unknown): TerraformValue {
  return failure(`the template is not given ${name}`, originAt(place as Place));
}

export const fileForms: Readonly<Record<string, SpecialForm>> = {
  file,
  fileexists: fileExists,
  fileset: fileSet,
  templatefile: templateFile,
  templatestring: templateString,
};
