import { ts } from "ts-morph";
import { declarationOf } from "../source/scope.ts";
import { shortText } from "../source/syntax.ts";
import type { Datum, Frame, Unknown } from "./datum.ts";
import { openInstance } from "./instances.ts";
import { declaredValue } from "./names.ts";
import { isMissing, settle } from "./questions.ts";
import type { Run } from "./run.ts";
import { unread } from "./unread.ts";

/** What a call in view gives for a parameter, or its default; otherwise it is unknown. */
export function parameterValue(parameter: ts.ParameterDeclaration, frame: Frame, run: Run): Datum {
  const given = givenValue(parameter, frame, run);
  const { initializer } = parameter;
  if (initializer === undefined || !isMissing(given, run.world, false)) return given;
  return run.evaluate(initializer, frame);
}

function givenValue(parameter: ts.ParameterDeclaration, frame: Frame, run: Run): Datum {
  for (let at: Frame | undefined = frame; at !== undefined; at = at.parent) {
    const bound = at.bindings.get(parameter);
    if (bound !== undefined) return run.once(parameter, at, bound);
  }
  const owner = parameter.parent;
  const received = receivedByCallback(owner, parameter, run);
  if (received !== undefined) return received;
  const injected = ts.isConstructorDeclaration(owner) ? classOfType(parameter.type, run) : undefined;
  if (injected !== undefined) return openInstance(injected, run);
  const type = primitives[parameter.type?.kind ?? ts.SyntaxKind.Unknown];
  return unread(
    parameter.name,
    run,
    `comes from the callers of ${ownerName(owner)}, none of which is in view`,
    {
      origin: "parameter",
      owner: ts.isConstructorDeclaration(owner) ? owner.parent : owner,
      ...(type === undefined ? {} : { type }),
    },
  );
}

const primitives: Partial<Record<ts.SyntaxKind, NonNullable<Unknown["type"]>>> = {
  [ts.SyntaxKind.StringKeyword]: "string",
  [ts.SyntaxKind.NumberKeyword]: "number",
  [ts.SyntaxKind.BooleanKeyword]: "boolean",
};

/** `promise.then((value) => …)`: the value of the promise. */
function receivedByCallback(
  owner: ts.SignatureDeclaration,
  parameter: ts.ParameterDeclaration,
  run: Run,
): Datum | undefined {
  const call = owner.parent;
  if (!ts.isCallExpression(call) || owner.parameters.indexOf(parameter) !== 0) return undefined;
  const { expression } = call;
  if (!ts.isPropertyAccessExpression(expression) || expression.name.text !== "then") return undefined;
  if (call.arguments[0] !== owner) return undefined;
  return run.evaluate(expression.expression, run.frameAt(call));
}

/** A class of the project that a constructor asks for by type: what a container for dependencies hands in. */
function classOfType(type: ts.TypeNode | undefined, run: Run): ts.ClassLikeDeclaration | undefined {
  if (type === undefined || !ts.isTypeReferenceNode(type) || !ts.isIdentifier(type.typeName))
    return undefined;
  const declaration = declarationOf(type.typeName);
  if (declaration === undefined) return undefined;
  const value = settle(declaredValue(declaration, type.typeName, run.frameAt(type), run), run.world);
  return value.kind === "class" ? value.node : undefined;
}

function ownerName(owner: ts.SignatureDeclaration): string {
  if (ts.isConstructorDeclaration(owner)) return owner.parent.name?.text ?? "the class";
  const name = owner.name ?? (ts.isVariableDeclaration(owner.parent) ? owner.parent.name : undefined);
  return name === undefined ? "the function" : `${shortText(name)}()`;
}
