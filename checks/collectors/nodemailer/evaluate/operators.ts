import { ts } from "ts-morph";
import { shortText } from "../source/syntax.ts";
import {
  constant,
  type Datum,
  deriveFrom,
  type Frame,
  numberOf,
  type Primitive,
  type Unknown,
} from "./datum.ts";
import { areEqual, isMissing, isTruthy, settle } from "./questions.ts";
import type { Run } from "./run.ts";
import { joinText } from "./texts.ts";
import { unread } from "./unread.ts";

export function evaluateBinary(node: ts.BinaryExpression, frame: Frame, run: Run): Datum {
  const { world } = run;
  const left = (): Datum => run.evaluate(node.left, frame);
  const right = (): Datum => run.evaluate(node.right, frame);
  const truth = (value: boolean): Datum => constant(value, run.files.locate(node));
  switch (node.operatorToken.kind) {
    case ts.SyntaxKind.AmpersandAmpersandToken: {
      const value = left();
      return isTruthy(value, world) ? right() : falsy(value, run);
    }
    case ts.SyntaxKind.BarBarToken: {
      const value = left();
      return isTruthy(value, world) ? value : right();
    }
    case ts.SyntaxKind.QuestionQuestionToken: {
      const value = left();
      return isMissing(value, world, true) ? right() : value;
    }
    case ts.SyntaxKind.EqualsEqualsEqualsToken:
      return truth(areEqual(left(), right(), false, world));
    case ts.SyntaxKind.ExclamationEqualsEqualsToken:
      return truth(!areEqual(left(), right(), false, world));
    case ts.SyntaxKind.EqualsEqualsToken:
      return truth(areEqual(left(), right(), true, world));
    case ts.SyntaxKind.ExclamationEqualsToken:
      return truth(!areEqual(left(), right(), true, world));
    case ts.SyntaxKind.PlusToken:
      return evaluatePlus(node, left(), right(), run);
    case ts.SyntaxKind.EqualsToken:
      return right();
  }
  return evaluateArithmetic(node, left(), right(), run);
}

/** The left side of `&&` that turned out falsy: of an unknown no more is known than that. */
function falsy(value: Datum, run: Run): Datum {
  const settled = settle(value, run.world);
  if (settled.kind !== "unknown") return settled;
  const missing = run.world.answered(`undefined ${settled.key}`);
  if (missing === true || settled.type === "boolean") {
    return constant(missing === true ? undefined : false, settled.location, settled.chain);
  }
  return settled;
}

function evaluatePlus(node: ts.BinaryExpression, left: Datum, right: Datum, run: Run): Datum {
  const [a, b] = [settle(left, run.world), settle(right, run.world)];
  const isText = (datum: Datum): boolean =>
    (datum.kind === "constant" && typeof datum.value === "string") ||
    (datum.kind === "unknown" && datum.type === "string");
  return isText(a) || isText(b) ? joinText([a, b], node, run) : evaluateArithmetic(node, a, b, run);
}

const arithmetic: Partial<Record<ts.SyntaxKind, (a: never, b: never) => Primitive>> = {
  [ts.SyntaxKind.PlusToken]: (a: number, b: number) => a + b,
  [ts.SyntaxKind.MinusToken]: (a: number, b: number) => a - b,
  [ts.SyntaxKind.AsteriskToken]: (a: number, b: number) => a * b,
  [ts.SyntaxKind.SlashToken]: (a: number, b: number) => a / b,
  [ts.SyntaxKind.LessThanToken]: (a: number, b: number) => a < b,
  [ts.SyntaxKind.LessThanEqualsToken]: (a: number, b: number) => a <= b,
  [ts.SyntaxKind.GreaterThanToken]: (a: number, b: number) => a > b,
  [ts.SyntaxKind.GreaterThanEqualsToken]: (a: number, b: number) => a >= b,
};

function evaluateArithmetic(node: ts.BinaryExpression, left: Datum, right: Datum, run: Run): Datum {
  const [a, b] = [settle(left, run.world), settle(right, run.world)];
  const operation = arithmetic[node.operatorToken.kind];
  if (operation !== undefined && a.kind === "constant" && b.kind === "constant") {
    return constant(operation(a.value as never, b.value as never), run.files.locate(node), [
      ...a.chain,
      ...b.chain,
    ]);
  }
  const name = shortText(node);
  if (operation !== undefined && a.kind === "unknown" && b.kind === "constant") {
    const key = `${a.key} ${node.operatorToken.getText()} ${JSON.stringify(b.value)}`;
    return deriveFrom(a, { key, name, apply: (value) => operation(value as never, b.value as never) });
  }
  if (operation !== undefined && b.kind === "unknown" && a.kind === "constant") {
    const key = `${JSON.stringify(a.value)} ${node.operatorToken.getText()} ${b.key}`;
    return deriveFrom(b, { key, name, apply: (value) => operation(a.value as never, value as never) });
  }
  const madeFrom = [a, b].filter((datum): datum is Unknown => datum.kind === "unknown");
  return unread(
    node,
    run,
    "is computed in a way that is not read",
    madeFrom.length === 0 ? {} : { madeFrom },
  );
}

export function evaluatePrefix(
  node: ts.PrefixUnaryExpression | ts.TypeOfExpression | ts.VoidExpression,
  frame: Frame,
  run: Run,
): Datum {
  const location = run.files.locate(node);
  if (ts.isVoidExpression(node)) return constant(undefined, location);
  if (ts.isTypeOfExpression(node))
    return typeOf(node, settle(run.evaluate(node.expression, frame), run.world), run);
  const operand = run.evaluate(node.operand, frame);
  if (node.operator === ts.SyntaxKind.ExclamationToken)
    return constant(!isTruthy(operand, run.world), location);
  const value = settle(operand, run.world);
  if (node.operator === ts.SyntaxKind.PlusToken) return toNumber(value, node, run);
  if (node.operator === ts.SyntaxKind.MinusToken && value.kind === "constant") {
    return constant(-Number(value.value), location, value.chain);
  }
  return unread(
    node,
    run,
    "is computed in a way that is not read",
    value.kind === "unknown" ? { madeFrom: [value] } : {},
  );
}

function typeOf(node: ts.TypeOfExpression, value: Datum, run: Run): Datum {
  const location = run.files.locate(node);
  if (value.kind === "constant")
    return constant(value.value === null ? "object" : typeof value.value, location);
  if (value.kind === "function" || value.kind === "class") return constant("function", location);
  if (value.kind !== "unknown") return constant("object", location);
  if (value.type !== undefined) {
    return constant(isMissing(value, run.world, false) ? "undefined" : value.type, location);
  }
  return unread(node, run, "depends on the running program", {
    madeFrom: [value],
    key: `typeof ${value.key}`,
    type: "string",
  });
}

/** `Number(x)` and `+x`. */
export function toNumber(value: Datum, node: ts.Node, run: Run): Datum {
  return numberOf(value) ?? unread(node, run, "is made from something that is no number");
}
