import { ts } from "ts-morph";
import type { Datum } from "../evaluate/datum.ts";
import { Evaluator, type Program } from "../evaluate/evaluator.ts";
import { externalPath } from "../evaluate/names.ts";
import { settle } from "../evaluate/questions.ts";
import { Stopped, World } from "../evaluate/world.ts";
import type { SourceFile } from "../source/files.ts";
import { declarationOf } from "../source/scope.ts";
import { propertyName, walk } from "../source/syntax.ts";

/** A call that makes a transport. */
export type Site = ts.CallExpression | ts.NewExpression;

/** A test that replaces nodemailer sends nothing. */
const mocked = /\b\w*(?:mock|Mock|module|replace)\w*\(\s*["'`]nodemailer["'`]/;

/** Files that run in tests only, by the names in use for them. */
const testPath =
  /(?:^|\/)(?:__tests__|__mocks__|tests?|spec|e2e|cypress)\/|[.-](?:test|spec|e2e|cy)\.[cm]?[jt]sx?$/;

export function isTest(path: string): boolean {
  return testPath.test(path);
}

/** The calls of `createTransport` in a file, whatever the code calls it. */
export function findSites(file: SourceFile, program: Program): Site[] {
  if (mocked.test(file.text)) return [];
  const sites: Site[] = [];
  walk(file.node, (node) => {
    if (ts.isCallExpression(node) && mayMake(node.expression) && makes(node, file, program)) sites.push(node);
  });
  return sites;
}

/** A name of its own, or one that an import, a pattern or a variable may have given to `createTransport`. */
function mayMake(callee: ts.Expression): boolean {
  if (ts.isPropertyAccessExpression(callee)) return callee.name.text === "createTransport";
  if (ts.isElementAccessExpression(callee)) return true;
  if (ts.isParenthesizedExpression(callee)) return true;
  if (!ts.isIdentifier(callee)) return false;
  if (callee.text === "createTransport") return true;
  const declaration = declarationOf(callee);
  if (declaration === undefined) return false;
  return (
    ts.isImportSpecifier(declaration) ||
    ts.isBindingElement(declaration) ||
    ts.isVariableDeclaration(declaration)
  );
}

function makes(node: ts.CallExpression, file: SourceFile, program: Program): boolean {
  const run = new Evaluator(program, new World(), new Map());
  let callee: Datum;
  try {
    callee = settle(run.evaluate(node.expression, run.frameAt(node)), run.world);
  } catch (error) {
    if (error instanceof Stopped) return false;
    throw error;
  }
  if (callee.kind === "external") return /^nodemailer(?:\/\S*)? createTransport$/.test(externalPath(callee));
  const written = ts.isPropertyAccessExpression(node.expression)
    ? node.expression.name.text
    : node.expression.getText();
  return (
    callee.kind === "unknown" && written === "createTransport" && /["'`]nodemailer["'`/]/.test(file.text)
  );
}

/** What the code calls the transport, or the function or class that it is made in: stable when lines move. */
export function nameOfSite(site: ts.Node): string {
  const names: string[] = [];
  for (let at: ts.Node | undefined = site; at !== undefined; at = at.parent) {
    const name = nameGiven(at);
    if (name !== undefined && names[0] !== name) names.unshift(name);
  }
  return names.length === 0 ? "createTransport" : names.join(".");
}

function nameGiven(node: ts.Node): string | undefined {
  if (ts.isBinaryExpression(node) && node.operatorToken.kind === ts.SyntaxKind.EqualsToken) {
    const name = node.left
      .getText()
      .replace(/\s/g, "")
      .replace(/^(?:this|module\.exports|exports)(?:\.|$)/, "");
    return name === "" ? undefined : name;
  }
  const isNamed =
    ts.isVariableDeclaration(node) ||
    ts.isPropertyAssignment(node) ||
    ts.isClassElement(node) ||
    ts.isClassLike(node) ||
    ts.isFunctionDeclaration(node) ||
    ts.isFunctionExpression(node);
  if (!isNamed) return undefined;
  return propertyName(node.name as ts.PropertyName | undefined);
}
