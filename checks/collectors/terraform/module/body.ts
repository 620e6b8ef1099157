import type { Location } from "#base/location.ts";
import { absent, type Json, type Unknown, unknown, type Value } from "#base/value.ts";
import type { Argument, Content, WrittenBlock } from "../files/content.ts";
import { locationOf, type Place } from "../files/source-file.ts";
import { evaluate } from "../language/evaluate.ts";
import { pairsOf } from "../language/iteration.ts";
import { type Bindings, bind, type References, type Repetition, type Scope } from "../language/scope.ts";
import { mapping, originAt, type TerraformValue, unknownValue } from "../language/value.ts";
import type { Body, Tree } from "../resource.ts";
import type { OpenQuestions } from "./open-questions.ts";
import type { ReferenceTracker } from "./reference-tracker.ts";
import { toTree, toUnknown, toValue } from "./to-value.ts";

/** What all the bodies of one resource share. */
export interface BodyContext {
  readonly references: References;
  readonly tracker: ReferenceTracker;
  readonly repetition: Repetition | undefined;
  readonly questions: OpenQuestions;
  /** The resource that the bodies belong to. */
  readonly address: string;
}

interface Evaluated {
  readonly value: TerraformValue;
  readonly addresses: readonly string[];
}

interface Blocks {
  readonly bodies: readonly EvaluatedBody[];
  readonly uncertain: Unknown | undefined;
}

const noAddresses: readonly string[] = [];
const noBlocks: Blocks = { bodies: [], uncertain: undefined };

/** The body of a block whose arguments are evaluated when somebody asks for them. */
export class EvaluatedBody implements Body {
  readonly header: Place;
  private readonly content: Content;
  private readonly context: BodyContext;
  private readonly bindings: Bindings | undefined;
  // Made when they are first needed: there are many bodies of which nobody asks anything.
  private evaluated: Map<string, Evaluated> | undefined;
  private nested: Map<string, Blocks> | undefined;
  private attributes: Map<string, Value<Json>> | undefined;
  private place: Location | undefined;
  private lastScope: Scope | undefined;

  constructor(content: Content, header: Place, context: BodyContext, bindings?: Bindings) {
    this.content = content;
    this.header = header;
    this.context = context;
    this.bindings = bindings;
  }

  get location(): Location {
    this.place ??= locationOf(this.header);
    return this.place;
  }

  attribute(name: string): Value<Json> {
    let attribute = this.attributes?.get(name);
    if (attribute === undefined) {
      attribute = this.findAttribute(name);
      this.attributes ??= new Map();
      this.attributes.set(name, attribute);
    }
    return attribute;
  }

  private findAttribute(name: string): Value<Json> {
    const value = this.value(name);
    if (value !== undefined) return toValue(value, this.location);
    const doubt = this.unreadable();
    return doubt === undefined ? absent(this.location) : unknown(doubt, this.location);
  }

  tree(name: string): Tree | undefined {
    const value = this.value(name);
    if (value !== undefined) return toTree(value, this.location);
    const doubt = this.unreadable();
    return doubt === undefined ? undefined : unknown(doubt, this.location);
  }

  references(name: string): readonly string[] {
    return this.evaluate(name)?.addresses ?? noAddresses;
  }

  names(name: string): readonly string[] {
    const expression = this.content.argument(name)?.expression;
    const items =
      expression?.kind === "tuple" ? expression.items : expression === undefined ? [] : [expression];
    return items.flatMap((item) => {
      const first = item.kind === "access" ? item.source : item;
      if (first.kind === "variable") return [first.name];
      return first.kind === "literal" ? [String(first.value).split(/[.[]/)[0] ?? ""] : [];
    });
  }

  blocks(type: string): readonly Body[] {
    return this.nestedBlocks(type).bodies;
  }

  uncertain(type: string): Unknown | undefined {
    return this.nestedBlocks(type).uncertain;
  }

  /** The value of an argument before it becomes one that facts carry; undefined when nobody wrote it. */
  value(name: string): TerraformValue | undefined {
    return this.evaluate(name)?.value;
  }

  argument(name: string): Argument | undefined {
    return this.content.argument(name);
  }

  hasBlocks(type: string): boolean {
    const { bodies, uncertain } = this.nestedBlocks(type);
    return bodies.length > 0 || uncertain !== undefined;
  }

  nestedBodies(type: string): readonly EvaluatedBody[] {
    return this.nestedBlocks(type).bodies;
  }

  private unreadable(): string | undefined {
    return this.content.isIncomplete ? "a part of the block could not be read" : undefined;
  }

  private scope({ source }: Argument): Scope {
    if (this.lastScope?.source === source) return this.lastScope;
    const { references, repetition } = this.context;
    this.lastScope = {
      source,
      references,
      ...(repetition === undefined ? {} : { repetition }),
      ...(this.bindings === undefined ? {} : { bindings: this.bindings }),
    };
    return this.lastScope;
  }

  private evaluate(name: string): Evaluated | undefined {
    const earlier = this.evaluated?.get(name);
    if (earlier !== undefined) return earlier;
    const argument = this.content.argument(name);
    if (argument === undefined) return undefined;
    const result = this.context.tracker.track(() => {
      if (argument.isRepeated) {
        const place = { source: argument.source, span: argument.nameSpan };
        return unknownValue(`${name} is set twice in this block`, originAt(place));
      }
      return evaluate(argument.expression, this.scope(argument));
    });
    this.evaluated ??= new Map();
    this.evaluated.set(name, result);
    return result;
  }

  private nestedBlocks(type: string): Blocks {
    const { hasBlocks, isIncomplete } = this.content;
    if (!hasBlocks && !isIncomplete && this.content.argument(type) === undefined) return noBlocks;
    let blocks = this.nested?.get(type);
    if (blocks === undefined) {
      blocks = this.findBlocks(type);
      this.nested ??= new Map();
      this.nested.set(type, blocks);
    }
    return blocks;
  }

  private findBlocks(type: string): Blocks {
    const written = this.content.blocks(type);
    const dynamic = this.content.blocks("dynamic", ["type"]).filter((block) => block.labels[0] === type);
    const bodies = written.map((block) => this.inner(block, this.bindings));
    let uncertain: Unknown | undefined;
    for (const block of dynamic) {
      const expanded = this.expand(block, type);
      if (Array.isArray(expanded)) bodies.push(...(expanded as EvaluatedBody[]));
      else uncertain ??= expanded as Unknown;
    }
    if (dynamic.length > 0) bodies.sort((a, b) => a.header.span.start - b.header.span.start);
    const broken = this.content.argument(type)?.expression.kind === "invalid";
    const doubt = broken ? `the block ${type} could not be read` : this.unreadable();
    if (doubt !== undefined) uncertain ??= unknown(doubt, this.location);
    return { bodies, uncertain };
  }

  private inner(block: WrittenBlock, bindings: Bindings | undefined): EvaluatedBody {
    return new EvaluatedBody(block.content, block.header, this.context, bindings);
  }

  /** The blocks that a `dynamic` block makes, or why it cannot be told how many there are. */
  private expand(block: WrittenBlock, type: string): readonly EvaluatedBody[] | Unknown {
    const generator = this.inner(block, this.bindings);
    const collection = generator.value("for_each");
    const at = locationOf(block.header);
    if (collection === undefined) return unknown(`the dynamic block ${type} has no for_each`, at);
    const pairs = pairsOf(collection);
    if ("kind" in pairs) {
      const { questions, address } = this.context;
      questions.note(pairs.reasons[0] ?? "", `the block ${type} of ${address}`, block.header);
      return toUnknown(pairs, at);
    }
    const [content] = block.content.blocks("content");
    if (content === undefined) return unknown(`the dynamic block ${type} has no content`, at);
    const iterator = block.content.argument("iterator")?.expression;
    const name =
      iterator?.kind === "variable"
        ? iterator.name
        : iterator?.kind === "literal"
          ? String(iterator.value)
          : type;
    return pairs.map(([key, value]) => {
      const element = mapping(
        "object",
        new Map([
          ["key", key],
          ["value", value],
        ]),
        originAt(block.header),
      );
      const scope = {
        source: block.header.source,
        references: undefined,
        ...(this.bindings && { bindings: this.bindings }),
      };
      return this.inner(content, bind(scope, new Map([[name, element]])).bindings);
    });
  }
}
