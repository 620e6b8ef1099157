import { ts } from "ts-morph";
import { type Declaration, declarationOf } from "../source/scope.ts";
import { propertyName } from "../source/syntax.ts";
import { constant, type Datum, type External, type Frame, type ObjectDatum, stepped } from "./datum.ts";
import { openClass } from "./instances.ts";
import { memberOf } from "./members.ts";
import { importedFrom, moduleAt } from "./modules.ts";
import { parameterValue } from "./parameters.ts";
import { isMissing, settle } from "./questions.ts";
import type { Run } from "./run.ts";
import { unread } from "./unread.ts";
import { variableValue, withMutations } from "./variables.ts";

export function evaluateName(node: ts.Identifier, frame: Frame, run: Run): Datum {
  const declaration = declarationOf(node);
  if (declaration === undefined) return runtimeName(node, run);
  const value = settle(declaredValue(declaration, node, frame, run), run.world);
  if (ts.isParameter(declaration)) return value;
  const location = run.files.locate(declaration);
  return stepped(value, { location, text: `${node.text} is set here` });
}

function runtimeName(node: ts.Identifier, run: Run): Datum {
  const location = run.files.locate(node);
  if (node.text === "undefined") return constant(undefined, location);
  if (node.text === "NaN") return constant(Number.NaN, location);
  if (node.text === "Infinity") return constant(Number.POSITIVE_INFINITY, location);
  return { kind: "external", module: undefined, path: [node.text], location, name: node.text };
}

/** What a declaration stands for where `use` reads it. */
export function declaredValue(declaration: Declaration, use: ts.Node, frame: Frame, run: Run): Datum {
  if (ts.isVariableDeclaration(declaration)) return variableValue(declaration, use, frame, run);
  if (ts.isParameter(declaration)) {
    return withMutations(parameterValue(declaration, frame, run), declaration, use, frame, run);
  }
  if (ts.isBindingElement(declaration)) {
    return withMutations(boundValue(declaration, frame, run), declaration, use, frame, run);
  }
  if (ts.isFunctionDeclaration(declaration) || ts.isFunctionExpression(declaration)) {
    return { kind: "function", node: declaration, frame: run.frameAt(declaration) };
  }
  if (ts.isClassLike(declaration)) return openClass(declaration, run);
  if (ts.isEnumDeclaration(declaration)) return enumValue(declaration, run);
  return importedValue(declaration, run);
}

/** A name in a destructuring pattern. */
function boundValue(element: ts.BindingElement, frame: Frame, run: Run): Datum {
  return run.once(element, frame, () => {
    const pattern = element.parent;
    const owner = pattern.parent;
    const source = ts.isBindingElement(owner)
      ? boundValue(owner, frame, run)
      : ts.isParameter(owner)
        ? parameterValue(owner, frame, run)
        : owner.initializer === undefined
          ? unread(owner, run, "takes its value from a loop")
          : run.evaluate(owner.initializer, frame);
    const value = partOfPattern(element, pattern, settle(source, run.world), frame, run);
    if (element.initializer === undefined) return value;
    return isMissing(value, run.world, false) ? run.evaluate(element.initializer, frame) : value;
  });
}

function partOfPattern(
  element: ts.BindingElement,
  pattern: ts.BindingPattern,
  source: Datum,
  frame: Frame,
  run: Run,
): Datum {
  if (ts.isArrayBindingPattern(pattern)) {
    if (element.dotDotDotToken !== undefined) return unread(element, run, "takes what is left of a list");
    return memberOf(source, String(pattern.elements.indexOf(element)), element, run);
  }
  if (element.dotDotDotToken !== undefined) return restOf(element, pattern, source, run);
  const key = element.propertyName;
  const name = propertyName(key ?? element.name);
  if (name !== undefined) return memberOf(source, name, element, run);
  const computed =
    key !== undefined && ts.isComputedPropertyName(key)
      ? settle(run.evaluate(key.expression, frame), run.world)
      : undefined;
  if (computed?.kind === "constant") return memberOf(source, String(computed.value), element, run);
  return unread(element, run, "is chosen at run time");
}

/** `...rest`: the whole without the names beside it. */
function restOf(
  element: ts.BindingElement,
  pattern: ts.ObjectBindingPattern,
  source: Datum,
  run: Run,
): Datum {
  const location = run.files.locate(element);
  const taken = pattern.elements.flatMap((other) =>
    other === element ? [] : (propertyName(other.propertyName ?? other.name) ?? []),
  );
  const rest: ObjectDatum = {
    kind: "object",
    layers: [
      { kind: "spread", value: () => source, location },
      ...taken.map((name) => ({ kind: "remove", name }) as const),
    ],
    location,
  };
  return rest;
}

function enumValue(declaration: ts.EnumDeclaration, run: Run): Datum {
  let next = 0;
  return {
    kind: "object",
    location: run.files.locate(declaration),
    layers: declaration.members.map((member) => {
      const { initializer } = member;
      const counted = next;
      next =
        initializer !== undefined && ts.isNumericLiteral(initializer)
          ? Number(initializer.text) + 1
          : next + 1;
      return {
        kind: "set",
        name: propertyName(member.name) ?? "",
        value: () =>
          initializer === undefined
            ? constant(counted, run.files.locate(member))
            : run.evaluate(initializer, run.frameAt(member)),
        location: run.files.locate(member),
      };
    }),
  };
}

function importedValue(
  declaration: ts.ImportClause | ts.ImportSpecifier | ts.NamespaceImport | ts.ImportEqualsDeclaration,
  run: Run,
): Datum {
  if (ts.isImportEqualsDeclaration(declaration)) {
    const { moduleReference } = declaration;
    if (!ts.isExternalModuleReference(moduleReference) || !ts.isStringLiteral(moduleReference.expression)) {
      return unread(declaration, run, "is an alias that is not read");
    }
    return moduleAt(declaration, moduleReference.expression.text, run);
  }
  const clause = ts.isImportClause(declaration)
    ? declaration
    : ts.isNamespaceImport(declaration)
      ? declaration.parent
      : declaration.parent.parent;
  const specifier = clause.parent.moduleSpecifier;
  if (!ts.isStringLiteral(specifier)) return unread(declaration, run, "is imported from nowhere");
  if (ts.isNamespaceImport(declaration)) return moduleAt(declaration, specifier.text, run);
  const name = ts.isImportClause(declaration)
    ? "default"
    : (declaration.propertyName ?? declaration.name).text;
  return importedFrom(declaration, specifier.text, name, run);
}

export function evaluateThis(node: ts.Node, frame: Frame, run: Run): Datum {
  for (let at: Frame | undefined = frame; at !== undefined; at = at.parent) {
    if (at.self !== undefined) return at.self;
  }
  return unread(node, run, "depends on the caller");
}

/** A name of the runtime or of a package, without the `default` that module formats put in between. */
export function externalPath(external: External): string {
  const names = external.path.filter((name) => name !== "default");
  return [external.module ?? "", ...names].join(" ");
}
