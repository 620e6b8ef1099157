import { ts } from "ts-morph";

/** What gives a name its meaning. */
export type Declaration =
  | ts.VariableDeclaration
  | ts.BindingElement
  | ts.ParameterDeclaration
  | ts.FunctionDeclaration
  | ts.FunctionExpression
  | ts.ClassDeclaration
  | ts.ClassExpression
  | ts.EnumDeclaration
  | ts.ImportClause
  | ts.ImportSpecifier
  | ts.NamespaceImport
  | ts.ImportEqualsDeclaration;

type Names = Map<string, Declaration>;

const scopes = new WeakMap<ts.Node, Names>();

/** The declaration that an identifier refers to; undefined for globals. */
export function declarationOf(identifier: ts.Identifier): Declaration | undefined {
  const name = identifier.text;
  for (let node: ts.Node | undefined = identifier.parent; node !== undefined; node = node.parent) {
    const found = namesOf(node)?.get(name);
    if (found !== undefined) return found;
  }
  return undefined;
}

/** The declaration of a name at the top of a file. */
export function declarationIn(file: ts.SourceFile, name: string): Declaration | undefined {
  return namesOf(file)?.get(name);
}

/** The function, class member or file whose code a node is part of. */
export function containerOf(node: ts.Node): ts.Node {
  let at = node.parent;
  while (at !== undefined && !isContainer(at)) at = at.parent;
  return at ?? node.getSourceFile();
}

export function isContainer(node: ts.Node): boolean {
  return ts.isFunctionLike(node) || ts.isSourceFile(node) || ts.isClassStaticBlockDeclaration(node);
}

/** The class that `this` belongs to at a node. */
export function classOf(node: ts.Node): ts.ClassLikeDeclaration | undefined {
  for (let at = node.parent; at !== undefined; at = at.parent) {
    if (ts.isClassLike(at)) return at;
    if (ts.isFunctionDeclaration(at) || ts.isFunctionExpression(at)) return undefined;
  }
  return undefined;
}

function namesOf(scope: ts.Node): Names | undefined {
  const isScope =
    ts.isBlock(scope) ||
    ts.isSourceFile(scope) ||
    ts.isModuleBlock(scope) ||
    ts.isCaseBlock(scope) ||
    ts.isFunctionLike(scope) ||
    ts.isClassExpression(scope) ||
    ts.isForStatement(scope) ||
    ts.isForOfStatement(scope) ||
    ts.isForInStatement(scope) ||
    ts.isCatchClause(scope);
  if (!isScope) return undefined;
  let names = scopes.get(scope);
  if (names === undefined) {
    names = collect(scope);
    scopes.set(scope, names);
  }
  return names;
}

function collect(scope: ts.Node): Names {
  const names: Names = new Map();
  if (ts.isFunctionLike(scope)) {
    if (ts.isFunctionExpression(scope) && scope.name !== undefined) names.set(scope.name.text, scope);
    for (const parameter of scope.parameters) addPattern(parameter, names);
    return names;
  }
  if (ts.isClassExpression(scope)) {
    if (scope.name !== undefined) names.set(scope.name.text, scope);
    return names;
  }
  if (ts.isCatchClause(scope)) {
    if (scope.variableDeclaration !== undefined) addPattern(scope.variableDeclaration, names);
    return names;
  }
  if (ts.isForStatement(scope) || ts.isForOfStatement(scope) || ts.isForInStatement(scope)) {
    if (scope.initializer !== undefined && ts.isVariableDeclarationList(scope.initializer)) {
      for (const declaration of scope.initializer.declarations) addPattern(declaration, names);
    }
    return names;
  }
  const takesVar = ts.isSourceFile(scope) || (ts.isBlock(scope) && isContainer(scope.parent));
  if (takesVar) ts.forEachChild(scope, (child) => addVar(child, names));
  const statements = ts.isCaseBlock(scope)
    ? scope.clauses.flatMap((clause) => [...clause.statements])
    : [...(scope as ts.BlockLike).statements];
  for (const statement of statements) addStatement(statement, names);
  return names;
}

function addStatement(statement: ts.Statement, names: Names): void {
  if (ts.isVariableStatement(statement)) {
    for (const declaration of statement.declarationList.declarations) addPattern(declaration, names);
  } else if (ts.isFunctionDeclaration(statement) || ts.isClassDeclaration(statement)) {
    const isImplementation = ts.isClassDeclaration(statement) || statement.body !== undefined;
    if (statement.name !== undefined && isImplementation) names.set(statement.name.text, statement);
  } else if (ts.isEnumDeclaration(statement) || ts.isImportEqualsDeclaration(statement)) {
    names.set(statement.name.text, statement);
  } else if (ts.isImportDeclaration(statement)) {
    addImport(statement.importClause, names);
  }
}

function addImport(clause: ts.ImportClause | undefined, names: Names): void {
  if (clause === undefined) return;
  if (clause.name !== undefined) names.set(clause.name.text, clause);
  const bindings = clause.namedBindings;
  if (bindings === undefined) return;
  if (ts.isNamespaceImport(bindings)) names.set(bindings.name.text, bindings);
  else for (const specifier of bindings.elements) names.set(specifier.name.text, specifier);
}

/** `var` reaches up to its function from any block in it. */
function addVar(node: ts.Node, names: Names): void {
  if (ts.isFunctionLike(node) || ts.isClassLike(node)) return;
  if (ts.isVariableDeclarationList(node) && (node.flags & ts.NodeFlags.BlockScoped) === 0) {
    for (const declaration of node.declarations) addPattern(declaration, names);
  }
  ts.forEachChild(node, (child) => addVar(child, names));
}

function addPattern(
  declaration: ts.VariableDeclaration | ts.ParameterDeclaration | ts.BindingElement,
  names: Names,
): void {
  if (ts.isIdentifier(declaration.name)) {
    names.set(declaration.name.text, declaration);
    return;
  }
  for (const element of declaration.name.elements) {
    if (ts.isBindingElement(element)) addPattern(element, names);
  }
}
