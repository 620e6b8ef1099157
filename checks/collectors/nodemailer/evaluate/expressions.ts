import { ts } from "ts-morph";
import { propertyName } from "../source/syntax.ts";
import { evaluateCall } from "./calls.ts";
import { constant, type Datum, type Frame, type Layer } from "./datum.ts";
import { openClass } from "./instances.ts";
import { memberOf } from "./members.ts";
import { evaluateName, evaluateThis } from "./names.ts";
import { evaluateBinary, evaluatePrefix } from "./operators.ts";
import { isMissing, isTruthy, settle } from "./questions.ts";
import type { Run } from "./run.ts";
import { joinText } from "./texts.ts";
import { unread } from "./unread.ts";

/** What an expression yields; parentheses and casts are off already. */
export function evaluateExpression(node: ts.Expression, frame: Frame, run: Run): Datum {
  const location = run.files.locate(node);
  switch (node.kind) {
    case ts.SyntaxKind.TrueKeyword:
      return constant(true, location);
    case ts.SyntaxKind.FalseKeyword:
      return constant(false, location);
    case ts.SyntaxKind.NullKeyword:
      return constant(null, location);
    case ts.SyntaxKind.ThisKeyword:
      return evaluateThis(node, frame, run);
  }
  if (ts.isStringLiteralLike(node)) return constant(node.text, location);
  if (ts.isNumericLiteral(node)) return constant(Number(node.text), location);
  if (ts.isIdentifier(node)) return evaluateName(node, frame, run);
  if (ts.isTemplateExpression(node)) return evaluateTemplate(node, frame, run);
  if (ts.isObjectLiteralExpression(node)) {
    return run.once(node, frame, () => ({ kind: "object", layers: layersOf(node, frame, run), location }));
  }
  if (ts.isArrayLiteralExpression(node)) return evaluateArray(node, frame, run);
  if (ts.isPropertyAccessExpression(node) || ts.isElementAccessExpression(node)) {
    return evaluateAccess(node, frame, run);
  }
  if (ts.isConditionalExpression(node)) {
    return run.evaluate(
      isTruthy(run.evaluate(node.condition, frame), run.world) ? node.whenTrue : node.whenFalse,
      frame,
    );
  }
  if (ts.isBinaryExpression(node)) return evaluateBinary(node, frame, run);
  if (ts.isPrefixUnaryExpression(node) || ts.isTypeOfExpression(node) || ts.isVoidExpression(node)) {
    return evaluatePrefix(node, frame, run);
  }
  if (ts.isCallExpression(node) || ts.isNewExpression(node)) {
    return run.once(node, frame, () => evaluateCall(node, frame, run));
  }
  if (ts.isArrowFunction(node) || ts.isFunctionExpression(node)) return { kind: "function", node, frame };
  if (ts.isClassExpression(node)) return openClass(node, run);
  if (ts.isRegularExpressionLiteral(node)) {
    return { kind: "external", module: undefined, path: ["RegExp"], location, name: node.text };
  }
  if (ts.isMetaProperty(node)) {
    return { kind: "external", module: undefined, path: ["import.meta"], location, name: "import.meta" };
  }
  return unread(node, run, "is not read");
}

function evaluateTemplate(node: ts.TemplateExpression, frame: Frame, run: Run): Datum {
  const parts: Datum[] = [constant(node.head.text, run.files.locate(node))];
  for (const span of node.templateSpans) {
    parts.push(run.evaluate(span.expression, frame));
    parts.push(constant(span.literal.text, run.files.locate(node)));
  }
  return joinText(parts, node, run);
}

function evaluateArray(node: ts.ArrayLiteralExpression, frame: Frame, run: Run): Datum {
  const spreads = node.elements.some(
    (element) => ts.isSpreadElement(element) || ts.isOmittedExpression(element),
  );
  return {
    kind: "array",
    elements: spreads ? undefined : node.elements.map((element) => () => run.evaluate(element, frame)),
    location: run.files.locate(node),
  };
}

/** `a.b`, `a?.b`, `a["b"]`. */
function evaluateAccess(
  node: ts.PropertyAccessExpression | ts.ElementAccessExpression,
  frame: Frame,
  run: Run,
): Datum {
  const of = settle(run.evaluate(node.expression, frame), run.world);
  const isOptional = node.questionDotToken !== undefined || ts.isOptionalChain(node);
  if (isOptional && of.kind === "constant" && isMissing(of, run.world, true)) {
    return constant(undefined, run.files.locate(node));
  }
  if (ts.isPropertyAccessExpression(node)) return memberOf(of, node.name.text, node, run);
  const name = settle(run.evaluate(node.argumentExpression, frame), run.world);
  if (name.kind === "constant") return memberOf(of, String(name.value), node, run);
  return unread(node, run, "is chosen at run time", name.kind === "unknown" ? { madeFrom: [name] } : {});
}

function layersOf(node: ts.ObjectLiteralExpression, frame: Frame, run: Run): Layer[] {
  return node.properties.map((property): Layer => {
    const location = run.files.locate(property);
    if (ts.isSpreadAssignment(property)) {
      return {
        kind: "spread",
        value: () => run.once(property, frame, () => run.evaluate(property.expression, frame)),
        location,
      };
    }
    const name = nameOf(property.name, frame, run);
    if (name === undefined) {
      return {
        kind: "spread",
        value: () => unread(property.name, run, "is a name that only the running program has"),
        location,
      };
    }
    return {
      kind: "set",
      name,
      value: () => run.once(property, frame, () => propertyValue(property, frame, run)),
      location,
    };
  });
}

function propertyValue(
  property: Exclude<ts.ObjectLiteralElementLike, ts.SpreadAssignment>,
  frame: Frame,
  run: Run,
): Datum {
  if (ts.isShorthandPropertyAssignment(property)) return run.evaluate(property.name, frame);
  if (ts.isPropertyAssignment(property)) return run.evaluate(property.initializer, frame);
  if (ts.isMethodDeclaration(property)) return { kind: "function", node: property, frame };
  return unread(property, run, "is computed by an accessor, which is not read");
}

/** The name of a property; undefined where it is computed from something unknown. */
function nameOf(name: ts.PropertyName, frame: Frame, run: Run): string | undefined {
  const written = propertyName(name);
  if (written !== undefined || !ts.isComputedPropertyName(name)) return written;
  const computed = settle(run.evaluate(name.expression, frame), run.world);
  return computed.kind === "constant" ? String(computed.value) : undefined;
}
