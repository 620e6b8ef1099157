import { ts } from "ts-morph";
import { declarationIn } from "../source/scope.ts";
import { accessPath } from "../source/syntax.ts";
import type { Datum, Layer, ModuleDatum } from "./datum.ts";
import { memberOf } from "./members.ts";
import { declaredValue } from "./names.ts";
import { slotOf } from "./objects.ts";
import type { Run } from "./run.ts";
import { unread } from "./unread.ts";
import { withLayers } from "./variables.ts";

/** What `import * as` or `require` gives. */
export function moduleAt(node: ts.Node, specifier: string, run: Run): Datum {
  const path = run.files.resolve(node, specifier);
  if (path !== undefined) return wholeModule(path, node, run);
  if (/^\.\.?(?:\/|$)/.test(specifier))
    return unread(node, run, `comes from "${specifier}", which is not in view`);
  return {
    kind: "external",
    module: packageName(specifier),
    path: [],
    location: run.files.locate(node),
    name: specifier,
  };
}

export function importedFrom(node: ts.Node, specifier: string, name: string, run: Run): Datum {
  const module = moduleAt(node, specifier, run);
  if (module.kind === "external") {
    const written = ts.isImportClause(node) || ts.isImportSpecifier(node) ? (node.name?.text ?? name) : name;
    return { ...module, path: [name], name: written };
  }
  if (module.kind === "unknown") return module;
  // What a file exports as a whole is its default export as well.
  const isWhole = module.kind !== "module" && name === "default";
  const own = module.kind === "object" ? slotOf(module, name, run.world) : undefined;
  return isWhole && own === undefined ? module : memberOf(module, name, node, run);
}

/** `npm:nodemailer@9` and `https://esm.sh/nodemailer@9` are packages as well. */
function packageName(specifier: string): string {
  const match =
    /^(?:npm:|https:\/\/(?:esm\.sh|cdn\.skypack\.dev|deno\.land\/x)\/)(@[^/]+\/[^/@]+|[^/@]+)(?:@[^/]+)?(\/.*)?$/.exec(
      specifier,
    );
  return match === null ? specifier : `${match[1]}${match[2] ?? ""}`;
}

/** The value of `module.exports` where a file sets it, otherwise the file as a set of names. */
function wholeModule(path: string, at: ts.Node, run: Run): Datum {
  const module: ModuleDatum = { kind: "module", path };
  const file = run.files.open(path);
  if (file === undefined) return unread(at, run, `comes from ${path}, which cannot be read`);
  if (file.error !== undefined) return unread(at, run, `comes from ${path}, which does not parse`);
  if (path.endsWith(".json")) return jsonValue(file.node, at, run);
  const whole = assignmentsTo(file.node).findLast(({ names }) => names.length === 0);
  if (whole === undefined) return module;
  const layers = assignmentsTo(file.node).flatMap(({ names, value, node }): Layer[] => {
    const [name, ...rest] = names;
    if (name === undefined || rest.length > 0) return [];
    const get = (): Datum => run.evaluate(value, run.frameAt(value));
    return [{ kind: "set", name, value: get, location: run.files.locate(node) }];
  });
  const base = run.once(whole.node, run.frameAt(whole.value), () =>
    run.evaluate(whole.value, run.frameAt(whole.value)),
  );
  return layers.length === 0 ? base : withLayers(base, layers, run.files.locate(whole.node), run);
}

function jsonValue(file: ts.SourceFile, at: ts.Node, run: Run): Datum {
  const [statement] = file.statements;
  if (statement === undefined || !ts.isExpressionStatement(statement)) return unread(at, run, "is no JSON");
  return run.evaluate(statement.expression, run.frameAt(statement));
}

/** What a file exports under a name. */
export function exportOf(path: string, name: string, at: ts.Node, run: Run): Datum {
  const file = run.files.open(path);
  if (file === undefined) return unread(at, run, `comes from ${path}, which cannot be read`);
  if (file.error !== undefined) return unread(at, run, `comes from ${path}, which does not parse`);
  const found = run.exporting(`${path} ${name}`, () => exportIn(file.node, name, at, run));
  if (found === "under way") return unread(at, run, "leads back to itself");
  if (found !== undefined) return found;
  if (name === "default") {
    const whole = wholeModule(path, at, run);
    if (whole.kind !== "module") return whole;
  }
  return unread(at, run, `is not among what ${path} exports, as far as it is read`);
}

function exportIn(file: ts.SourceFile, name: string, at: ts.Node, run: Run): Datum | undefined {
  const stars: ts.ExportDeclaration[] = [];
  for (const statement of file.statements) {
    if (ts.isExportAssignment(statement) && name === "default" && statement.isExportEquals !== true) {
      return run.once(statement, run.frameAt(statement), () =>
        run.evaluate(statement.expression, run.frameAt(statement)),
      );
    }
    if (ts.isExportDeclaration(statement)) {
      const found = reexported(statement, name, run);
      if (found !== undefined) return found;
      if (statement.exportClause === undefined) stars.push(statement);
    } else if (isExportedAs(statement, name)) {
      const declaration = declarationIn(file, name === "default" ? nameOfDefault(statement) : name);
      if (declaration !== undefined)
        return declaredValue(declaration, file.endOfFileToken, run.frameAt(statement), run);
      if (ts.isFunctionDeclaration(statement))
        return { kind: "function", node: statement, frame: run.frameAt(statement) };
      if (ts.isClassDeclaration(statement))
        return { kind: "class", node: statement, frame: run.frameAt(statement) };
    }
  }
  for (const { names, value } of assignmentsTo(file)) {
    if (names.length === 1 && names[0] === name) return run.evaluate(value, run.frameAt(value));
  }
  for (const star of name === "default" ? [] : stars) {
    const path = targetOf(star, run);
    const target = path === undefined ? undefined : run.files.open(path);
    if (path === undefined || target === undefined) continue;
    const found = run.exporting(`${path} ${name}`, () => exportIn(target.node, name, at, run));
    if (found !== undefined && found !== "under way") return found;
  }
  return undefined;
}

function targetOf(statement: ts.ExportDeclaration, run: Run): string | undefined {
  const specifier = statement.moduleSpecifier;
  return specifier !== undefined && ts.isStringLiteral(specifier)
    ? run.files.resolve(statement, specifier.text)
    : undefined;
}

/** `export { a as b }`, `export { a as b } from`, `export * as b from`. */
function reexported(statement: ts.ExportDeclaration, name: string, run: Run): Datum | undefined {
  const { exportClause: clause, moduleSpecifier: specifier } = statement;
  const from = specifier !== undefined && ts.isStringLiteral(specifier) ? specifier.text : undefined;
  if (clause === undefined || statement.isTypeOnly) return undefined;
  if (ts.isNamespaceExport(clause)) {
    return clause.name.text === name && from !== undefined ? moduleAt(statement, from, run) : undefined;
  }
  const element = clause.elements.find((one) => one.name.text === name && !one.isTypeOnly);
  if (element === undefined) return undefined;
  const original = element.propertyName ?? element.name;
  if (from !== undefined) return importedFrom(statement, from, original.text, run);
  const declaration = declarationIn(statement.getSourceFile(), original.text);
  if (declaration === undefined) return undefined;
  return declaredValue(declaration, statement.getSourceFile().endOfFileToken, run.frameAt(statement), run);
}

function isExportedAs(statement: ts.Statement, name: string): boolean {
  const modifiers = ts.canHaveModifiers(statement) ? ts.getModifiers(statement) : undefined;
  if (modifiers?.some(({ kind }) => kind === ts.SyntaxKind.ExportKeyword) !== true) return false;
  const isDefault = modifiers.some(({ kind }) => kind === ts.SyntaxKind.DefaultKeyword);
  if (isDefault || name === "default") return isDefault && name === "default";
  if (ts.isVariableStatement(statement)) {
    return statement.declarationList.declarations.some((declaration) => declares(declaration.name, name));
  }
  const declared = (statement as ts.Statement & { readonly name?: ts.Node }).name;
  return declared !== undefined && ts.isIdentifier(declared) && declared.text === name;
}

function declares(pattern: ts.BindingName, name: string): boolean {
  if (ts.isIdentifier(pattern)) return pattern.text === name;
  return pattern.elements.some((element) => ts.isBindingElement(element) && declares(element.name, name));
}

function nameOfDefault(statement: ts.Statement): string {
  const { name } = statement as ts.Statement & { readonly name?: ts.Identifier };
  return name?.text ?? "";
}

interface ExportAssignment {
  readonly names: readonly string[];
  readonly value: ts.Expression;
  readonly node: ts.Node;
}

const assignments = new WeakMap<ts.SourceFile, readonly ExportAssignment[]>();

/** `module.exports = …`, `exports.a = …`, `export = …` at the top of a file. */
function assignmentsTo(file: ts.SourceFile): readonly ExportAssignment[] {
  let found = assignments.get(file);
  if (found === undefined) {
    found = file.statements.flatMap((statement) => {
      if (ts.isExportAssignment(statement) && statement.isExportEquals === true) {
        return [{ names: [], value: statement.expression, node: statement }];
      }
      return ts.isExpressionStatement(statement) ? assignmentIn(statement.expression) : [];
    });
    assignments.set(file, found);
  }
  return found;
}

function assignmentIn(node: ts.Expression): ExportAssignment[] {
  if (!ts.isBinaryExpression(node) || node.operatorToken.kind !== ts.SyntaxKind.EqualsToken) return [];
  const value = lastValue(node.right);
  const access = accessPath(node.left);
  if (access === undefined || !ts.isIdentifier(access.root)) return [];
  const { root, names } = access;
  const path =
    root.text === "exports"
      ? names
      : root.text === "module" && names[0] === "exports"
        ? names.slice(1)
        : undefined;
  if (path === undefined || path.includes(undefined)) return [];
  const own = { names: path.filter((name) => name !== undefined), value, node };
  return ts.isBinaryExpression(node.right) ? [own, ...assignmentIn(node.right)] : [own];
}

/** The right end of `a = b = value`. */
function lastValue(node: ts.Expression): ts.Expression {
  return ts.isBinaryExpression(node) && node.operatorToken.kind === ts.SyntaxKind.EqualsToken
    ? lastValue(node.right)
    : node;
}
