import { ts } from "ts-morph";
import { mutationsOf } from "../source/mutations.ts";
import { propertyName } from "../source/syntax.ts";
import { argumentsOf, bindArguments, returnedBy } from "./calls.ts";
import { type ClassDatum, type Datum, emptyFrame, type Frame, type Instance } from "./datum.ts";
import { parameterValue } from "./parameters.ts";
import { settle } from "./questions.ts";
import type { Run } from "./run.ts";
import { unread } from "./unread.ts";
import { withMutations } from "./variables.ts";

export function openClass(node: ts.ClassLikeDeclaration, run: Run): ClassDatum {
  return { kind: "class", node, frame: run.frameAt(node) };
}

/** An object of a class; without the `new` that makes it, the parameters of its constructor are not bound. */
export function openInstance(
  node: ts.ClassLikeDeclaration,
  run: Run,
  made?: ts.CallExpression | ts.NewExpression,
): Instance {
  const args = made === undefined ? undefined : argumentsOf(made, run.frameAt(made), run);
  return instanceOf(openClass(node, run), args, made, run);
}

export function instanceOf(
  of: ClassDatum,
  args: readonly (() => Datum)[] | undefined,
  made: ts.Node | undefined,
  run: Run,
): Instance {
  const maker = constructorOf(of.node);
  const bindings =
    maker === undefined || args === undefined || made === undefined
      ? emptyFrame.bindings
      : bindArguments(maker, args, made, run);
  const frame = {
    owner: maker ?? of.node,
    bindings,
    parent: of.frame,
    self: undefined as Instance | undefined,
  };
  const instance: Instance = { kind: "instance", class: of, frame };
  frame.self = instance;
  return instance;
}

function constructorOf(node: ts.ClassLikeDeclaration): ts.ConstructorDeclaration | undefined {
  return node.members.find(
    (member): member is ts.ConstructorDeclaration =>
      ts.isConstructorDeclaration(member) && member.body !== undefined,
  );
}

const frames = new WeakMap<Instance | ClassDatum, Frame>();

/** The frame of field initializers, and the one around methods. */
export function instanceFrame(self: Instance | ClassDatum): Frame {
  let frame = frames.get(self);
  if (frame === undefined) {
    const parent = self.kind === "instance" ? self.class.frame : self.frame;
    const owner = self.kind === "instance" ? self.class.node : self.node;
    frame = { owner, bindings: emptyFrame.bindings, parent, self };
    frames.set(self, frame);
  }
  return frame;
}

/** A field, accessor or method of an object; of the class itself where `self` is one. */
export function fieldOf(self: Instance | ClassDatum, name: string, at: ts.Node, run: Run): Datum {
  const isInstance = self.kind === "instance";
  const { node } = isInstance ? self.class : self;
  const frame = instanceFrame(self);
  const home = isInstance ? self.frame : frame;
  if (isInstance) {
    const parameter = constructorOf(node)?.parameters.find(
      (one) => ts.isParameterPropertyDeclaration(one, one.parent) && propertyName(one.name) === name,
    );
    if (parameter !== undefined) {
      return withMutations(parameterValue(parameter, self.frame, run), node, at, home, run, [name]);
    }
  }
  const members = node.members.filter(
    (member) => propertyName(member.name) === name && isStatic(member) !== isInstance,
  );
  const field = members.find(ts.isPropertyDeclaration);
  const isAssigned = mutationsOf(node).some(
    ({ path, change }) => path.length === 1 && path[0] === name && change.kind === "assign",
  );
  if (field !== undefined || isAssigned) {
    const initializer = field?.initializer;
    if (initializer === undefined && !isAssigned) return unread(at, run, "is set by nobody in view");
    const base =
      initializer === undefined
        ? undefined
        : run.once(field ?? initializer, frame, () => run.evaluate(initializer, frame));
    return withMutations(base, node, at, home, run, [name]);
  }
  const method = members.find(ts.isMethodDeclaration);
  if (method !== undefined) return { kind: "function", node: method, frame };
  const getter = members.find(ts.isGetAccessor);
  if (getter !== undefined) {
    return run.once(getter, frame, () =>
      returnedBy({ kind: "function", node: getter, frame }, emptyFrame.bindings, getter, run),
    );
  }
  return inherited(self, name, at, run);
}

function inherited(self: Instance | ClassDatum, name: string, at: ts.Node, run: Run): Datum {
  const of = self.kind === "instance" ? self.class : self;
  const heritage = of.node.heritageClauses?.find(({ token }) => token === ts.SyntaxKind.ExtendsKeyword)
    ?.types[0];
  const base =
    heritage === undefined ? undefined : settle(run.evaluate(heritage.expression, of.frame), run.world);
  if (base?.kind !== "class") return unread(at, run, "is not set in any class in view");
  if (self.kind === "class") return fieldOf(base, name, at, run);
  return fieldOf(baseInstance(self, base, run), name, at, run);
}

const bases = new WeakMap<Instance, Instance>();

/** The part of an object that its base class makes, by the arguments of `super(…)`. */
function baseInstance(self: Instance, base: ClassDatum, run: Run): Instance {
  let made = bases.get(self);
  if (made === undefined) {
    const maker = constructorOf(self.class.node);
    const call = maker === undefined ? undefined : superCall(maker);
    const args = call === undefined ? undefined : argumentsOf(call, self.frame, run);
    made = instanceOf(base, args, call, run);
    bases.set(self, made);
  }
  return made;
}

function superCall(node: ts.Node): ts.CallExpression | undefined {
  if (ts.isCallExpression(node) && node.expression.kind === ts.SyntaxKind.SuperKeyword) return node;
  return ts.forEachChild(node, superCall);
}

export function isStatic(member: ts.Declaration): boolean {
  return (ts.getCombinedModifierFlags(member) & ts.ModifierFlags.Static) !== 0;
}
