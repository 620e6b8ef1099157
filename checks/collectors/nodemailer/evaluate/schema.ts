import { ts } from "ts-morph";
import { declarationOf } from "../source/scope.ts";
import { accessPath, propertyName } from "../source/syntax.ts";
import type { Primitive, Unknown } from "./datum.ts";

/** What a schema for settings makes of the text of one variable. */
export interface Conversion {
  readonly type: NonNullable<Unknown["type"]>;
  readonly apply: (text: string) => Primitive;
}

/**
 * The words by which the schema libraries in use (zod, envalid, joi) say what becomes of a text. A truth is read from
 * words, but for zod's `coerce.boolean`, to which every text but the empty one is true.
 */
const conversions: readonly (readonly [RegExp, Conversion])[] = [
  [/coerce\.boolean/, { type: "boolean", apply: Boolean }],
  [/coerce\.number|\b(?:num|port|number)\(/, { type: "number", apply: Number }],
  [
    /\b(?:stringbool|bool|boolean)\(/,
    { type: "boolean", apply: (text) => /^(?:true|t|yes|y|on|1)$/i.test(text.trim()) },
  ],
  [
    /\b(?:string|str|enum|nativeEnum|literal|host|url|email|hostname)\(/,
    { type: "string", apply: (text) => text },
  ],
];

/** The code in which a schema can stand that a call applies: the call, and the variable that its method is called on. */
export function schemaNodes(call: ts.CallExpression): readonly ts.Node[] {
  const { expression } = call;
  const root = accessPath(
    ts.isPropertyAccessExpression(expression) ? expression.expression : expression,
  )?.root;
  const declaration = root !== undefined && ts.isIdentifier(root) ? declarationOf(root) : undefined;
  const isHere = declaration !== undefined && ts.isVariableDeclaration(declaration);
  return isHere && declaration.initializer !== undefined ? [call, declaration.initializer] : [call];
}

/** What becomes of a variable; undefined where no schema in view says it in words that are known. */
export function conversionOf(name: string, nodes: readonly ts.Node[]): Conversion | undefined {
  for (const node of nodes) {
    const text = findEntry(node, name)?.getText();
    if (text === undefined) continue;
    if (/\b(?:transform|pipe|preprocess|overwrite|custom)\b/.test(text)) return undefined;
    return conversions.find(([words]) => words.test(text))?.[1];
  }
  return undefined;
}

/** The entry of a name in an object that describes settings; one that only passes a value on describes nothing. */
function findEntry(node: ts.Node, name: string): ts.Expression | undefined {
  const isEntry = ts.isPropertyAssignment(node) && propertyName(node.name) === name;
  if (isEntry && ts.isCallExpression(node.initializer)) return node.initializer;
  return ts.forEachChild(node, (child) => findEntry(child, name));
}
