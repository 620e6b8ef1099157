import { ts } from "ts-morph";

/** The expression without parentheses, casts, `!`, `await` and the `0` of `(0, f)()`. */
export function bare(node: ts.Expression): ts.Expression {
  let at = node;
  for (;;) {
    if (
      ts.isParenthesizedExpression(at) ||
      ts.isAsExpression(at) ||
      ts.isSatisfiesExpression(at) ||
      ts.isTypeAssertionExpression(at) ||
      ts.isNonNullExpression(at) ||
      ts.isAwaitExpression(at)
    ) {
      at = at.expression;
    } else if (ts.isBinaryExpression(at) && at.operatorToken.kind === ts.SyntaxKind.CommaToken) {
      at = at.right;
    } else return at;
  }
}

/** The name of a property as written; undefined where it is computed. */
export function propertyName(name: ts.PropertyName | ts.BindingName | undefined): string | undefined {
  if (name === undefined) return undefined;
  if (ts.isIdentifier(name) || ts.isStringLiteralLike(name) || ts.isNumericLiteral(name)) return name.text;
  if (ts.isPrivateIdentifier(name)) return name.text;
  if (ts.isComputedPropertyName(name) && ts.isStringLiteralLike(name.expression)) return name.expression.text;
  return undefined;
}

/** The chain of properties that an expression reads: root and names. Undefined where it is no such chain. */
export interface AccessPath {
  /** An identifier or `this`. */
  readonly root: ts.Expression;
  /** Undefined for a computed name. */
  readonly names: readonly (string | undefined)[];
}

export function accessPath(node: ts.Expression): AccessPath | undefined {
  const names: (string | undefined)[] = [];
  let at = bare(node);
  for (;;) {
    if (ts.isIdentifier(at) || at.kind === ts.SyntaxKind.ThisKeyword) return { root: at, names };
    if (ts.isPropertyAccessExpression(at)) names.unshift(at.name.text);
    else if (ts.isElementAccessExpression(at)) {
      const argument = bare(at.argumentExpression);
      names.unshift(ts.isStringLiteralLike(argument) ? argument.text : undefined);
    } else return undefined;
    at = bare(at.expression);
  }
}

/** The code of a node on one line, as short as a message needs it; texts that may be secrets are left out. */
export function shortText(node: ts.Node): string {
  const file = node.getSourceFile();
  const start = node.getStart(file);
  let text = "";
  let at = start;
  walk(node, (part) => {
    if (!isText(part) || (ts.isStringLiteralLike(part) && isSettingName(part))) return;
    const from = part.getStart(file);
    if (from < at) return;
    text += `${file.text.slice(at, from)}"…"`;
    at = part.getEnd();
  });
  text = (text + file.text.slice(at, node.getEnd())).replace(/\s+/g, " ");
  return text.length > 60 ? `${text.slice(0, 57)}…` : text;
}

/** A text that names a setting: `SMTP_PASSWORD`, `config.get("mail.password")`, `settings["password"]`. */
function isSettingName(node: ts.StringLiteralLike): boolean {
  if (/^[A-Z][A-Z0-9]*(?:_[A-Z0-9]+)+$/.test(node.text)) return true;
  const { parent } = node;
  if (ts.isElementAccessExpression(parent)) return /^[\w-]+$/.test(node.text);
  const looksUp = ts.isCallExpression(parent) && /(?:^|\.)get\w*$/i.test(parent.expression.getText());
  return looksUp && parent.arguments[0] === node && /^[\w.:-]+$/.test(node.text);
}

function isText(node: ts.Node): boolean {
  return ts.isStringLiteralLike(node) || ts.isTemplateExpression(node) || ts.isRegularExpressionLiteral(node);
}

/** Calls back for a node and everything below it. */
export function walk(node: ts.Node, visit: (node: ts.Node) => void): void {
  visit(node);
  ts.forEachChild(node, (child) => walk(child, visit));
}
