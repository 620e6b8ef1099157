import type { Span } from "#base/location.ts";

/** Something that could not be read, with what to do about it. */
export interface Problem extends Span {
  readonly message: string;
}

/** The items of a file or of a block, attributes and blocks each in the order written. */
export interface Body extends Span {
  readonly kind: "body";
  /**
   * In JSON syntax an argument and a block look alike: every property is an attribute, `blocks` is empty, and `blocksOf`
   * reads properties as blocks.
   */
  readonly syntax: "native" | "json";
  readonly attributes: Attribute[];
  readonly blocks: Block[];
  /** True when an item could not be read so far that not even its name is known: anything may be missing here. */
  isIncomplete: boolean;
}

/** `name = expression`. The expression is `invalid` where it could not be read. */
export interface Attribute extends Span {
  readonly kind: "attribute";
  readonly name: string;
  readonly nameSpan: Span;
  readonly expression: Expression;
}

/** `type "label" { … }`. */
export interface Block extends Span {
  readonly kind: "block";
  readonly type: string;
  readonly typeSpan: Span;
  readonly labels: readonly Label[];
  /** Type and labels, without the brace. */
  readonly header: Span;
  readonly body: Body;
}

export interface Label extends Span {
  readonly kind: "label";
  readonly value: string;
}

/** The span of an expression in parentheses includes them. */
export type Expression =
  | Literal
  | Template
  | Variable
  | Access
  | Call
  | Tuple
  | ObjectConstructor
  | For
  | Conditional
  | Unary
  | Binary
  | Invalid;

/** A number, `true`, `false`, `null`, or a string without interpolation. The key of an object entry may be bare. */
export interface Literal extends Span {
  readonly kind: "literal";
  readonly value: string | number | boolean | null;
}

/**
 * A string with interpolations or directives. One that is an interpolation and nothing else has the interpolated
 * value itself, of whatever type.
 */
export interface Template extends Span {
  readonly kind: "template";
  readonly parts: readonly TemplatePart[];
}

export type TemplatePart = TextPart | InterpolationPart | IfPart | ForPart;

export interface TextPart extends Span {
  readonly kind: "text";
  readonly value: string;
}

export interface InterpolationPart extends Span {
  readonly kind: "interpolation";
  readonly expression: Expression;
}

/** `%{ if condition } … %{ else } … %{ endif }` */
export interface IfPart extends Span {
  readonly kind: "if";
  readonly condition: Expression;
  readonly consequent: readonly TemplatePart[];
  readonly alternate: readonly TemplatePart[];
}

/** `%{ for key, value in collection } … %{ endfor }` */
export interface ForPart extends Span {
  readonly kind: "forPart";
  readonly keyName: string | undefined;
  readonly valueName: string;
  readonly collection: Expression;
  readonly body: readonly TemplatePart[];
}

/** The first name of a reference: `var`, `local`, `aws_s3_bucket`, or a name that a `for` binds. */
export interface Variable extends Span {
  readonly kind: "variable";
  readonly name: string;
}

/** What follows a value: `.name`, `[key]`, `[*]` and `.*`. */
export interface Access extends Span {
  readonly kind: "access";
  readonly source: Expression;
  readonly steps: readonly Step[];
}

export type Step = AttributeStep | IndexStep | SplatStep;

export interface AttributeStep extends Span {
  readonly kind: "name";
  readonly name: string;
}

/** `[key]`, and `.0` as older versions wrote it. */
export interface IndexStep extends Span {
  readonly kind: "index";
  readonly key: Expression;
}

/** `[*]` or `.*` with the steps that are taken for each element. */
export interface SplatStep extends Span {
  readonly kind: "splat";
  readonly each: readonly Step[];
}

/** `name(arguments)`; `isExpanded` where the last argument is followed by `...`. */
export interface Call extends Span {
  readonly kind: "call";
  readonly name: string;
  readonly nameSpan: Span;
  readonly arguments: readonly Expression[];
  readonly isExpanded: boolean;
}

export interface Tuple extends Span {
  readonly kind: "tuple";
  readonly items: readonly Expression[];
}

export interface ObjectConstructor extends Span {
  readonly kind: "object";
  readonly entries: readonly ObjectEntry[];
}

export interface ObjectEntry extends Span {
  readonly kind: "entry";
  /** A bare word is a string literal. */
  readonly key: Expression;
  readonly value: Expression;
}

/** `[for …]` when `resultKey` is undefined, `{for …}` otherwise. */
export interface For extends Span {
  readonly kind: "for";
  readonly keyName: string | undefined;
  readonly valueName: string;
  readonly collection: Expression;
  readonly resultKey: Expression | undefined;
  readonly resultValue: Expression;
  /** `...` after the value: values of equal keys are gathered in a list. */
  readonly isGrouped: boolean;
  readonly condition: Expression | undefined;
}

export interface Conditional extends Span {
  readonly kind: "conditional";
  readonly condition: Expression;
  readonly consequent: Expression;
  readonly alternate: Expression;
}

export interface Unary extends Span {
  readonly kind: "unary";
  readonly operator: "-" | "!";
  readonly operand: Expression;
}

export type BinaryOperator =
  | "||"
  | "&&"
  | "=="
  | "!="
  | "<"
  | "<="
  | ">"
  | ">="
  | "+"
  | "-"
  | "*"
  | "/"
  | "%";

export interface Binary extends Span {
  readonly kind: "binary";
  readonly operator: BinaryOperator;
  readonly left: Expression;
  readonly right: Expression;
}

/** An expression that could not be read; a problem says why. */
export interface Invalid extends Span {
  readonly kind: "invalid";
}

export type Node = Body | Attribute | Block | Label | Expression | TemplatePart | Step | ObjectEntry;

/** The nodes directly below a node, in the order written. */
export function childrenOf(node: Node): readonly Node[] {
  switch (node.kind) {
    case "body":
      return [...node.attributes, ...node.blocks].sort((a, b) => a.start - b.start);
    case "attribute":
    case "interpolation":
      return [node.expression];
    case "block":
      return [...node.labels, node.body];
    case "template":
      return node.parts;
    case "if":
      return [node.condition, ...node.consequent, ...node.alternate];
    case "forPart":
      return [node.collection, ...node.body];
    case "access":
      return [node.source, ...node.steps];
    case "index":
      return [node.key];
    case "splat":
      return node.each;
    case "call":
      return node.arguments;
    case "tuple":
      return node.items;
    case "object":
      return node.entries;
    case "entry":
      return [node.key, node.value];
    case "for":
      return [node.collection, node.resultKey, node.resultValue, node.condition].filter(
        (child) => child !== undefined,
      );
    case "conditional":
      return [node.condition, node.consequent, node.alternate];
    case "unary":
      return [node.operand];
    case "binary":
      return [node.left, node.right];
    default:
      return [];
  }
}

/** A node and everything below it, outermost first. Does not recurse, so that no depth is too deep for it. */
export function* walk(root: Node): Generator<Node> {
  const pending: Node[] = [root];
  for (let node = pending.pop(); node !== undefined; node = pending.pop()) {
    yield node;
    const children = childrenOf(node);
    for (let index = children.length - 1; index >= 0; index--) {
      const child = children[index];
      if (child !== undefined) pending.push(child);
    }
  }
}

/** Changes the span of a node that had to be made before its place was known. */
export function setSpan(node: Span, start: number, end: number): void {
  const open = node as { start: number; end: number };
  open.start = start;
  open.end = end;
}
