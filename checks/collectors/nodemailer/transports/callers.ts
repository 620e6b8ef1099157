import { ts } from "ts-morph";
import type { CollectHost } from "#facts/collector.ts";
import { Evaluator, type Program } from "../evaluate/evaluator.ts";
import { settle } from "../evaluate/questions.ts";
import { Stopped, World } from "../evaluate/world.ts";
import { propertyName, walk } from "../source/syntax.ts";
import { isTest, type Site } from "./sites.ts";

/** Finds the calls of a function or class in the files of a project. */
export class CallerSearch {
  private readonly program: Program;
  private readonly host: CollectHost;
  private readonly paths: readonly string[];
  private readonly found = new Map<ts.Node, readonly Site[]>();

  constructor(program: Program, host: CollectHost, paths: readonly string[]) {
    this.program = program;
    this.host = host;
    this.paths = paths.filter((path) => !isTest(path));
  }

  callersOf(owner: ts.Node): readonly Site[] {
    let callers = this.found.get(owner);
    if (callers === undefined) {
      callers = this.search(owner);
      this.found.set(owner, callers);
    }
    return callers;
  }

  private search(owner: ts.Node): readonly Site[] {
    const name = nameOf(owner);
    const own = this.program.files.of(owner).path;
    const isDefault = name === undefined || isDefaultExport(owner);
    if (name === undefined && !isDefault) return [];
    const mentions = name === undefined ? undefined : new RegExp(`\\b${name.replaceAll("$", "\\$")}\\b`);
    const stem =
      own
        .replace(/(?:\/index)?\.\w+$/, "")
        .split("/")
        .at(-1) ?? own;
    return this.paths.flatMap((path) => {
      const text = this.host.read(path);
      const isCandidate =
        text !== undefined && (mentions?.test(text) === true || (isDefault && text.includes(stem)));
      const file = isCandidate ? this.program.files.open(path) : undefined;
      if (file === undefined) return [];
      const callers: Site[] = [];
      walk(file.node, (node) => {
        const isCall = ts.isClassLike(owner) ? ts.isNewExpression(node) : ts.isCallExpression(node);
        if (isCall && this.calls(node as Site, owner, name, isDefault)) callers.push(node as Site);
      });
      return callers;
    });
  }

  private calls(node: Site, owner: ts.Node, name: string | undefined, isDefault: boolean): boolean {
    const { expression } = node;
    const written = ts.isPropertyAccessExpression(expression) ? expression.name.text : undefined;
    if (written !== undefined && written !== name && !isDefault) return false;
    if (written === undefined && !ts.isIdentifier(expression)) return false;
    const run = new Evaluator(this.program, new World(), new Map());
    try {
      const callee = settle(run.evaluate(expression, run.frameAt(node)), run.world);
      return (callee.kind === "function" || callee.kind === "class") && callee.node === owner;
    } catch (error) {
      if (error instanceof Stopped) return false;
      throw error;
    }
  }
}

function nameOf(owner: ts.Node): string | undefined {
  const named = owner as ts.Node & { readonly name?: ts.PropertyName };
  if (named.name !== undefined) return propertyName(named.name);
  const { parent } = owner;
  if (
    ts.isVariableDeclaration(parent) ||
    ts.isPropertyAssignment(parent) ||
    ts.isPropertyDeclaration(parent)
  ) {
    return propertyName(parent.name);
  }
  if (ts.isBinaryExpression(parent) && ts.isPropertyAccessExpression(parent.left))
    return parent.left.name.text;
  return undefined;
}

function isDefaultExport(owner: ts.Node): boolean {
  return (
    ts.isExportAssignment(owner.parent) ||
    (ts.getCombinedModifierFlags(owner as ts.Declaration) & ts.ModifierFlags.Default) !== 0
  );
}
