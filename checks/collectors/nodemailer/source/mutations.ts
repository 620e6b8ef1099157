import { ts } from "ts-morph";
import { classOf, containerOf, type Declaration, declarationOf } from "./scope.ts";
import { accessPath, bare, walk } from "./syntax.ts";

/** A place that changes a variable or an object after it was made. */
export interface Mutation {
  readonly node: ts.Expression;
  /** The variable, or the class whose `this` is changed. */
  readonly target: Declaration | ts.ClassLikeDeclaration;
  /** Properties that lead to what changes; for a class the first is the field. Undefined stands for a computed name. */
  readonly path: readonly (string | undefined)[];
  readonly change:
    | { readonly kind: "assign"; readonly operator: ts.SyntaxKind; readonly value: ts.Expression }
    | { readonly kind: "merge"; readonly sources: readonly ts.Expression[] }
    | { readonly kind: "delete" }
    | { readonly kind: "passed"; readonly callee: ts.Expression; readonly argument: number };
}

const cache = new WeakMap<ts.SourceFile, Map<Mutation["target"], Mutation[]>>();

/** Everything in its file that changes a variable, or a field of a class, in the order of the text. */
export function mutationsOf(target: Mutation["target"]): readonly Mutation[] {
  const file = target.getSourceFile();
  let all = cache.get(file);
  if (all === undefined) {
    all = collect(file);
    cache.set(file, all);
  }
  return all.get(target) ?? [];
}

function collect(file: ts.SourceFile): Map<Mutation["target"], Mutation[]> {
  const all = new Map<Mutation["target"], Mutation[]>();
  const add = (node: ts.Expression, object: ts.Expression, change: Mutation["change"]): void => {
    const access = accessPath(object);
    if (access === undefined) return;
    const { root, names: path } = access;
    const target = ts.isIdentifier(root) ? declarationOf(root) : classOf(root);
    if (target === undefined || (ts.isClassLike(target) && path.length === 0)) return;
    const mutation = { node, target, path, change };
    const list = all.get(target);
    if (list === undefined) all.set(target, [mutation]);
    else list.push(mutation);
  };
  walk(file, (node) => {
    if (ts.isBinaryExpression(node) && isAssignment(node.operatorToken.kind)) {
      add(node, node.left, { kind: "assign", operator: node.operatorToken.kind, value: node.right });
    } else if (ts.isDeleteExpression(node)) {
      add(node, node.expression, { kind: "delete" });
    } else if (ts.isCallExpression(node)) {
      const [first, ...sources] = node.arguments;
      if (first !== undefined && isObjectAssign(node.expression)) {
        add(node, first, { kind: "merge", sources });
      } else {
        for (const [argument, value] of node.arguments.entries()) {
          if (ts.isIdentifier(bare(value)) || accessPath(value)?.root.kind === ts.SyntaxKind.ThisKeyword) {
            add(node, value, { kind: "passed", callee: node.expression, argument });
          }
        }
      }
    }
  });
  return all;
}

function isAssignment(kind: ts.SyntaxKind): boolean {
  return kind >= ts.SyntaxKind.FirstAssignment && kind <= ts.SyntaxKind.LastAssignment;
}

export function isObjectAssign(callee: ts.Expression): boolean {
  const access = accessPath(callee);
  return (
    access !== undefined &&
    ts.isIdentifier(access.root) &&
    access.root.text === "Object" &&
    access.names.length === 1 &&
    access.names[0] === "assign"
  );
}

/** A condition under which a node runs. */
export type Condition =
  | { readonly kind: "test"; readonly test: ts.Expression; readonly holds: boolean }
  | { readonly kind: "missing"; readonly value: ts.Expression }
  | { readonly kind: "case"; readonly clause: ts.CaseOrDefaultClause }
  | { readonly kind: "uncertain"; readonly node: ts.Node };

/** What must hold for `node` to have run when `use` does. Undefined where it runs later, if at all. */
export function conditionsBetween(node: ts.Node, use: ts.Node): Condition[] | undefined {
  const useContainers = new Set<ts.Node>();
  for (let at: ts.Node | undefined = use; at !== undefined; at = at.parent) useContainers.add(at);
  const container = containerOf(node);
  const together = containerOf(use) === container || use.kind === ts.SyntaxKind.EndOfFileToken;
  if (together && node.getEnd() > use.getStart()) return undefined;
  return conditionsAbove(node, (at) => useContainers.has(at));
}

/** Conditions on the way from a node up to the first ancestor at which to stop, outermost last. */
export function conditionsAbove(node: ts.Node, stop: (ancestor: ts.Node) => boolean): Condition[] {
  const conditions: Condition[] = [];
  for (let at = node; at.parent !== undefined && !stop(at.parent); at = at.parent) {
    const condition = conditionOf(at.parent, at);
    if (condition !== undefined) conditions.push(condition);
  }
  return conditions;
}

function conditionOf(parent: ts.Node, child: ts.Node): Condition | undefined {
  if (ts.isIfStatement(parent) && child !== parent.expression) {
    return { kind: "test", test: parent.expression, holds: child === parent.thenStatement };
  }
  if (ts.isConditionalExpression(parent) && child !== parent.condition) {
    return { kind: "test", test: parent.condition, holds: child === parent.whenTrue };
  }
  if (ts.isBinaryExpression(parent) && child === parent.right) {
    const operator = parent.operatorToken.kind;
    if (operator === ts.SyntaxKind.AmpersandAmpersandToken)
      return { kind: "test", test: parent.left, holds: true };
    if (operator === ts.SyntaxKind.BarBarToken) return { kind: "test", test: parent.left, holds: false };
    if (operator === ts.SyntaxKind.QuestionQuestionToken) return { kind: "missing", value: parent.left };
    return undefined;
  }
  if (ts.isDefaultClause(parent) || (ts.isCaseClause(parent) && child !== parent.expression)) {
    return { kind: "case", clause: parent };
  }
  const uncertain =
    ts.isCatchClause(parent) ||
    (ts.isIterationStatement(parent, false) && child === parent.statement) ||
    (ts.isFunctionLike(parent) && !ts.isConstructorDeclaration(parent));
  return uncertain ? { kind: "uncertain", node: parent } : undefined;
}
