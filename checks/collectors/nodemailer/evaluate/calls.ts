import { ts } from "ts-morph";
import { isObjectAssign } from "../source/mutations.ts";
import { callBuiltin, makeBuiltin, methodOf } from "./builtins.ts";
import { constant, type Datum, type Frame, type FunctionDatum } from "./datum.ts";
import { instanceOf } from "./instances.ts";
import { memberOf } from "./members.ts";
import { moduleAt } from "./modules.ts";
import { callOutside } from "./outside.ts";
import { settle } from "./questions.ts";
import type { Run } from "./run.ts";
import { runStatements } from "./statements.ts";
import { unread } from "./unread.ts";

export type Call = ts.CallExpression | ts.NewExpression;

export function evaluateCall(node: Call, frame: Frame, run: Run): Datum {
  const location = run.files.locate(node);
  const imported = importedModule(node);
  if (imported !== undefined) return moduleAt(node, imported, run);
  if (node.expression.kind === ts.SyntaxKind.SuperKeyword) return constant(undefined, location);
  const args = argumentsOf(node, frame, run);
  if (isObjectAssign(node.expression)) {
    return {
      kind: "object",
      location,
      layers: args.map((value) => ({ kind: "spread", value, location })),
    };
  }
  const { expression } = node;
  if (ts.isPropertyAccessExpression(expression) && !ts.isNewExpression(node)) {
    const of = settle(run.evaluate(expression.expression, frame), run.world);
    const isOptional = expression.questionDotToken !== undefined || ts.isOptionalChain(expression);
    if (isOptional && of.kind === "constant" && (of.value === undefined || of.value === null)) {
      return constant(undefined, location);
    }
    const result = methodOf(of, expression.name.text, args, node, run);
    if (result !== undefined) return result;
    return call(memberOf(of, expression.name.text, expression, run), args, node, run);
  }
  return call(settle(run.evaluate(expression, frame), run.world), args, node, run);
}

/** The module of `import("…")` and `require("…")`. */
export function importedModule(node: Call): string | undefined {
  const { expression } = node;
  const isImport = expression.kind === ts.SyntaxKind.ImportKeyword;
  const isRequire = ts.isIdentifier(expression) && expression.text === "require";
  const [specifier] = node.arguments ?? [];
  const isModule = (isImport || isRequire) && specifier !== undefined && ts.isStringLiteralLike(specifier);
  return isModule ? specifier.text : undefined;
}

export function argumentsOf(node: Call, frame: Frame, run: Run): readonly (() => Datum)[] {
  const args = node.arguments ?? ts.factory.createNodeArray<ts.Expression>();
  const spread = args.findIndex((arg) => ts.isSpreadElement(arg));
  return args.map((arg, index) =>
    spread === -1 || index < spread
      ? () => run.evaluate(arg, frame)
      : () => unread(arg, run, "is spread out of a list"),
  );
}

/** What the parameters of a function stand for in a call; those that the call leaves out are `undefined`. */
export function bindArguments(
  owner: ts.SignatureDeclaration,
  args: readonly (() => Datum)[],
  at: ts.Node,
  run: Run,
): Frame["bindings"] {
  const location = run.files.locate(at);
  return new Map(
    owner.parameters.map((parameter, index) => {
      const rest = (): Datum => ({ kind: "array", elements: args.slice(index), location });
      const given = args[index] ?? (() => constant(undefined, location));
      return [parameter, parameter.dotDotDotToken === undefined ? given : rest];
    }),
  );
}

/** Calls a function of the project or of a package. */
export function call(callee: Datum, args: readonly (() => Datum)[], at: Call, run: Run): Datum {
  const target = settle(callee, run.world);
  if (target.kind === "function") {
    return returnedBy(target, bindArguments(target.node, args, at, run), at, run);
  }
  if (target.kind === "class" && ts.isNewExpression(at)) return instanceOf(target, args, at, run);
  if (target.kind === "external") {
    const built = ts.isNewExpression(at)
      ? makeBuiltin(target, args, at, run)
      : callBuiltin(target, args, at, run);
    return built ?? callOutside(target, args, at, run);
  }
  if (target.kind === "unknown") return callOutside(target, args, at, run);
  return unread(at, run, "is a call that is not read");
}

/** What a function returns. */
export function returnedBy(
  { node, frame }: FunctionDatum,
  bindings: Frame["bindings"],
  at: ts.Node,
  run: Run,
): Datum {
  const inside: Frame = { owner: node, bindings, parent: frame, self: undefined };
  if (node.body === undefined) return unread(at, run, "has no body in view");
  if (node.asteriskToken !== undefined) return unread(at, run, "is a generator, which is not read");
  const { body } = node;
  if (!ts.isBlock(body)) return run.evaluate(body, inside);
  return run.nested(at, () => {
    const returned = runStatements(body.statements, inside, run);
    if (returned.kind === "returned") return returned.value();
    if (returned.kind === "perhaps")
      return unread(at, run, "may be returned out of a loop, which is not read");
    return constant(undefined, run.files.locate(at));
  });
}
