import { ts } from "ts-morph";
import type { SourceFiles } from "../source/files.ts";
import { isContainer } from "../source/scope.ts";
import { bare } from "../source/syntax.ts";
import { argumentsOf, bindArguments } from "./calls.ts";
import { type Datum, emptyFrame, type Frame, type Unknown } from "./datum.ts";
import type { Environment } from "./environment.ts";
import { evaluateExpression } from "./expressions.ts";
import { instanceFrame, openInstance } from "./instances.ts";
import type { Run } from "./run.ts";
import { unread } from "./unread.ts";
import type { World } from "./world.ts";

/** A program of which one value takes more steps than this to tell is not followed any further. */
const maximumSteps = 8_000;

/** Expressions within expressions that are followed: far below what the stack holds. */
const maximumNesting = 200;

/** Calls within calls that are followed. */
const maximumDepth = 24;

/** The calls that lead to the code that is looked at: the function or class, and the call that runs it. */
export type Callers = ReadonlyMap<ts.Node, ts.CallExpression | ts.NewExpression>;

export interface Program {
  readonly files: SourceFiles;
  readonly environment: Environment;
}

export class Evaluator implements Run {
  readonly files: SourceFiles;
  readonly environment: Environment;
  readonly world: World;
  /** What keeps the question from being answered. */
  readonly blamed: Unknown[] = [];
  private readonly callers: Callers;
  private readonly results = new Map<ts.Node, Map<Frame, Datum | "under way">>();
  private readonly exports = new Map<string, Datum | "under way" | undefined>();
  private readonly frames = new Map<ts.Node, Frame>();
  private steps = 0;
  private depth = 0;
  private nesting = 0;

  constructor({ files, environment }: Program, world: World, callers: Callers) {
    this.files = files;
    this.environment = environment;
    this.world = world;
    this.callers = callers;
  }

  evaluate(node: ts.Expression, frame: Frame): Datum {
    const expression = bare(node);
    if (++this.steps > maximumSteps || this.nesting >= maximumNesting) {
      return unread(expression, this, "takes too many steps to be told");
    }
    this.nesting++;
    try {
      return evaluateExpression(expression, frame, this);
    } finally {
      this.nesting--;
    }
  }

  once(node: ts.Node, frame: Frame, compute: () => Datum): Datum {
    let byFrame = this.results.get(node);
    if (byFrame === undefined) {
      byFrame = new Map();
      this.results.set(node, byFrame);
    }
    const earlier = byFrame.get(frame);
    if (earlier === "under way") return unread(node, this, "leads back to itself");
    if (earlier !== undefined) return earlier;
    byFrame.set(frame, "under way");
    try {
      const result = compute();
      byFrame.set(frame, result);
      return result;
    } catch (error) {
      byFrame.delete(frame);
      throw error;
    }
  }

  nested(at: ts.Node, compute: () => Datum): Datum {
    if (this.depth >= maximumDepth) return unread(at, this, "calls itself too often to be told");
    this.depth++;
    try {
      return compute();
    } finally {
      this.depth--;
    }
  }

  exporting(name: string, compute: () => Datum | undefined): Datum | "under way" | undefined {
    if (this.exports.has(name)) return this.exports.get(name);
    this.exports.set(name, "under way");
    try {
      const result = compute();
      this.exports.set(name, result);
      return result;
    } catch (error) {
      this.exports.delete(name);
      throw error;
    }
  }

  frameAt(node: ts.Node): Frame {
    let owner: ts.Node = node.parent ?? node;
    while (!isContainer(owner) && !isFieldOfInstance(owner)) owner = owner.parent;
    if (ts.isSourceFile(owner)) return emptyFrame;
    let frame = this.frames.get(owner);
    if (frame === undefined) {
      frame = this.frameFor(owner);
      this.frames.set(owner, frame);
    }
    return frame;
  }

  blames(unknown: Unknown): void {
    this.blamed.push(unknown);
  }

  private frameFor(owner: ts.Node): Frame {
    const parent = this.frameAt(owner);
    if (ts.isClassElement(owner) && ts.isClassLike(owner.parent)) {
      const instance = openInstance(owner.parent, this, this.callers.get(owner.parent));
      if (ts.isConstructorDeclaration(owner)) return instance.frame;
      if (isFieldOfInstance(owner)) return instanceFrame(instance);
      return {
        owner,
        bindings: this.bindingsOf(owner),
        parent,
        self: isStatic(owner) ? instance.class : instance,
      };
    }
    return { owner, bindings: this.bindingsOf(owner), parent, self: undefined };
  }

  private bindingsOf(owner: ts.Node): Frame["bindings"] {
    const call = this.callers.get(owner);
    if (call === undefined || !ts.isFunctionLike(owner)) return emptyFrame.bindings;
    return bindArguments(owner, argumentsOf(call, this.frameAt(call), this), call, this);
  }
}

function isFieldOfInstance(node: ts.Node): boolean {
  return ts.isPropertyDeclaration(node) && !isStatic(node);
}

function isStatic(node: ts.ClassElement): boolean {
  return (ts.getCombinedModifierFlags(node) & ts.ModifierFlags.Static) !== 0;
}
