import { ts } from "ts-morph";
import type { Location } from "#base/location.ts";
import {
  type Condition,
  conditionsAbove,
  conditionsBetween,
  type Mutation,
  mutationsOf,
} from "../source/mutations.ts";
import { argumentsOf, bindArguments } from "./calls.ts";
import { constant, type Datum, type Frame, type Layer, type Unknown } from "./datum.ts";
import { areEqual, isMissing, isTruthy, settle } from "./questions.ts";
import type { Run } from "./run.ts";
import { joinText } from "./texts.ts";
import { unread } from "./unread.ts";

/** The value of a variable where `use` reads it. */
export function variableValue(
  declaration: ts.VariableDeclaration,
  use: ts.Node,
  frame: Frame,
  run: Run,
): Datum {
  const { initializer } = declaration;
  const home = homeFrame(declaration, frame, run);
  const { parent: loop } = declaration.parent;
  if (ts.isForOfStatement(loop) || ts.isForInStatement(loop))
    return unread(declaration.name, run, "takes its value from a loop");
  if (ts.isCatchClause(declaration.parent)) {
    return unread(declaration.name, run, "is an error of the running program");
  }
  if ((ts.getCombinedModifierFlags(declaration) & ts.ModifierFlags.Ambient) !== 0) {
    return unread(declaration.name, run, "is declared without a value");
  }
  const base =
    initializer === undefined
      ? undefined
      : run.once(declaration, home, () => run.evaluate(initializer, home));
  return withMutations(base, declaration, use, home, run);
}

/** The frame among those at hand in which a declaration was made. */
export function homeFrame(declaration: ts.Node, frame: Frame, run: Run): Frame {
  const open = run.frameAt(declaration);
  for (let at: Frame | undefined = frame; at !== undefined; at = at.parent) {
    if (at.owner === open.owner) return at;
  }
  return open;
}

/**
 * A value with all that changes it before `use` reads it. `base` is undefined for a variable that is declared without
 * a value: it then has one of those that are assigned.
 */
export function withMutations(
  base: Datum | undefined,
  target: Mutation["target"],
  use: ts.Node,
  frame: Frame,
  run: Run,
  under: readonly string[] = [],
): Datum {
  let value = base;
  for (const mutation of mutationsOf(target)) {
    if (!under.every((name, index) => mutation.path[index] === name)) continue;
    const conditions = conditionsBetween(mutation.node, use);
    if (conditions === undefined) continue;
    const home = homeFrame(mutation.node, frame, run);
    const path = mutation.path.slice(under.length);
    if (path.length === 0 && mutation.change.kind === "assign") {
      const isFirst = value === undefined && conditions.every(({ kind }) => kind === "uncertain");
      if (isFirst || holdAll(conditions, mutation, home, run))
        value = assigned(value, mutation.change, home, mutation, run);
    } else if (value !== undefined) {
      value = changedInside(value, path, mutation, conditions, home, run);
    }
  }
  return value ?? constant(undefined, run.files.locate(ts.isClassLike(target) ? use : target));
}

function assigned(
  before: Datum | undefined,
  change: Mutation["change"] & { kind: "assign" },
  frame: Frame,
  { node }: Mutation,
  run: Run,
): Datum {
  const old = before ?? constant(undefined, run.files.locate(node));
  const value = (): Datum => run.once(node, frame, () => run.evaluate(change.value, frame));
  switch (change.operator) {
    case ts.SyntaxKind.EqualsToken:
      return value();
    case ts.SyntaxKind.QuestionQuestionEqualsToken:
      return isMissing(old, run.world, true) ? value() : old;
    case ts.SyntaxKind.BarBarEqualsToken:
      return isTruthy(old, run.world) ? old : value();
    case ts.SyntaxKind.AmpersandAmpersandEqualsToken:
      return isTruthy(old, run.world) ? value() : old;
    case ts.SyntaxKind.PlusEqualsToken:
      return joinText([old, value()], node, run);
  }
  return unread(node, run, "is computed in a way that is not read");
}

/** An object that has a property set, removed or merged into it. */
function changedInside(
  before: Datum,
  path: Mutation["path"],
  mutation: Mutation,
  conditions: readonly Condition[],
  frame: Frame,
  run: Run,
): Datum {
  const layers = layersOf(path, mutation, frame, run);
  if (layers.length === 0) return before;
  const when = (): boolean => holdAll(conditions, mutation, frame, run);
  return withLayers(
    before,
    layers.map((layer) => (conditions.length === 0 ? layer : { ...layer, when: both(when, layer.when) })),
    run.files.locate(mutation.node),
    run,
  );
}

function both(first: () => boolean, second: (() => boolean) | undefined): () => boolean {
  return second === undefined ? first : () => first() && second();
}

export function withLayers(before: Datum, layers: readonly Layer[], location: Location, run: Run): Datum {
  const object = settle(before, run.world);
  if (object.kind === "object") return { ...object, layers: [...object.layers, ...layers] };
  if (object.kind === "constant" || object.kind === "unknown") {
    return {
      kind: "object",
      layers: [{ kind: "spread", value: () => object, location }, ...layers],
      location,
    };
  }
  return object;
}

function layersOf(path: Mutation["path"], mutation: Mutation, frame: Frame, run: Run): Layer[] {
  const { change, node } = mutation;
  const location = run.files.locate(node);
  const [name, ...rest] = path;
  if (path.length > 0) {
    if (name === undefined) {
      return [
        {
          kind: "spread",
          value: () => unread(node, run, "sets a name that only the running program has"),
          location,
        },
      ];
    }
    if (rest.length > 0 || change.kind === "merge" || change.kind === "passed") {
      const inner = layersOf(rest, mutation, frame, run);
      return inner.length === 0
        ? []
        : [{ kind: "set", name, value: (below) => withLayers(below(), inner, location, run), location }];
    }
    if (change.kind === "delete") return [{ kind: "remove", name }];
    return [
      { kind: "set", name, value: (below) => assigned(below(), change, frame, mutation, run), location },
    ];
  }
  if (change.kind === "merge") {
    return change.sources.map(
      (source): Layer => ({
        kind: "spread",
        value: () => run.evaluate(source, frame),
        location: run.files.locate(source),
      }),
    );
  }
  return change.kind === "passed" ? layersOfCallee(change, node, frame, run) : [];
}

/** What a function of the project does to an object that it is given. */
function layersOfCallee(
  change: Mutation["change"] & { kind: "passed" },
  node: ts.Expression,
  frame: Frame,
  run: Run,
): Layer[] {
  if (!ts.isCallExpression(node)) return [];
  const callee = settle(run.evaluate(change.callee, frame), run.world);
  if (callee.kind !== "function") return [];
  const parameter = callee.node.parameters[change.argument];
  const { body } = callee.node;
  if (parameter === undefined || body === undefined || !ts.isIdentifier(parameter.name)) return [];
  const inside: Frame = {
    owner: callee.node,
    bindings: bindArguments(callee.node, argumentsOf(node, frame, run), node, run),
    parent: callee.frame,
    self: undefined,
  };
  return mutationsOf(parameter).flatMap((mutation): Layer[] => {
    if (mutation.path.length === 0 && mutation.change.kind !== "merge") return [];
    const conditions = conditionsAbove(mutation.node, (ancestor) => ancestor === body);
    const when = (): boolean => holdAll(conditions, mutation, inside, run);
    return layersOf(mutation.path, mutation, inside, run).map((layer) => ({
      ...layer,
      when: both(when, layer.when),
    }));
  });
}

/** Whether everything holds under which a node runs. What only the order of calls decides is asked. */
export function holdAll(
  conditions: readonly Condition[],
  { node }: { readonly node: ts.Node },
  frame: Frame,
  run: Run,
): boolean {
  return conditions.toReversed().every((condition) => holds(condition, node, frame, run));
}

function holds(condition: Condition, node: ts.Node, frame: Frame, run: Run): boolean {
  const { world } = run;
  switch (condition.kind) {
    case "test":
      return (
        isTruthy(run.evaluate(condition.test, homeFrame(condition.test, frame, run)), world) ===
        condition.holds
      );
    case "missing":
      return isMissing(run.evaluate(condition.value, homeFrame(condition.value, frame, run)), world, true);
    case "case":
      return reaches(condition.clause, homeFrame(condition.clause, frame, run), run);
    case "uncertain": {
      const about: Unknown = unread(node, run, "runs at a time that only the running program knows");
      return world.ask(`runs ${about.key}`, about);
    }
  }
}

/** Whether a `switch` runs the statements of a clause: by its own case, or by one before that falls through to it. */
function reaches(wanted: ts.CaseOrDefaultClause, frame: Frame, run: Run): boolean {
  const { clauses } = wanted.parent;
  const start = enteredClause(wanted.parent.parent, frame, run);
  const from = start === undefined ? -1 : clauses.indexOf(start);
  const to = clauses.indexOf(wanted);
  return (
    from !== -1 && from <= to && !clauses.slice(from, to).some(({ statements }) => statements.some(leaves))
  );
}

/** The clause of a `switch` whose case applies. */
export function enteredClause(
  statement: ts.SwitchStatement,
  frame: Frame,
  run: Run,
): ts.CaseOrDefaultClause | undefined {
  const subject = run.evaluate(statement.expression, frame);
  const { clauses } = statement.caseBlock;
  const entered = clauses.find(
    (clause) =>
      ts.isCaseClause(clause) && areEqual(subject, run.evaluate(clause.expression, frame), false, run.world),
  );
  return entered ?? clauses.find(ts.isDefaultClause);
}

/** A statement after which those behind it do not run. */
export function leaves(statement: ts.Statement): boolean {
  if (ts.isBlock(statement)) return statement.statements.some(leaves);
  if (ts.isIfStatement(statement)) {
    return (
      statement.elseStatement !== undefined &&
      leaves(statement.thenStatement) &&
      leaves(statement.elseStatement)
    );
  }
  return (
    ts.isBreakOrContinueStatement(statement) ||
    ts.isReturnStatement(statement) ||
    ts.isThrowStatement(statement)
  );
}
