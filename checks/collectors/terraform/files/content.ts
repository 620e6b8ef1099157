import type { Span } from "#base/location.ts";
import type { Attribute, Block, Body, Expression, ObjectConstructor } from "#syntax/hcl/tree.ts";
import type { Place, SourceFile } from "./source-file.ts";

/** An argument as it is written. */
export interface Argument {
  readonly source: SourceFile;
  readonly name: string;
  readonly nameSpan: Span;
  readonly expression: Expression;
  /** Set where a file gives the argument twice, which Terraform refuses. */
  readonly isRepeated: boolean;
}

/** A nested block as it is written. */
export interface NestedBlock {
  readonly labels: readonly string[];
  readonly header: Place;
  readonly content: Content;
}

/**
 * What a block holds, whichever syntax it is written in. In JSON a property is an argument or a block, depending on
 * who asks: an object, or a list of objects, serves as either.
 */
export interface Content {
  argument(name: string): Argument | undefined;
  readonly argumentNames: readonly string[];
  blocks(type: string): readonly NestedBlock[];
  readonly blockTypes: readonly string[];
  /** Something in the block could not be read so far that not even its name is known. */
  readonly isIncomplete: boolean;
}

/** The content of a block in native syntax. */
export class NativeContent implements Content {
  private readonly source: SourceFile;
  private readonly body: Body;
  private byName: Map<string, Argument> | undefined;

  constructor(source: SourceFile, body: Body) {
    this.source = source;
    this.body = body;
  }

  get isIncomplete(): boolean {
    return this.body.isIncomplete;
  }

  get argumentNames(): readonly string[] {
    return [...this.arguments().keys()];
  }

  get blockTypes(): readonly string[] {
    return [...new Set(this.body.blocks.map((block) => block.type))];
  }

  argument(name: string): Argument | undefined {
    return this.arguments().get(name);
  }

  blocks(type: string): readonly NestedBlock[] {
    return this.body.blocks.filter((block) => block.type === type).map((block) => nested(this.source, block));
  }

  private arguments(): Map<string, Argument> {
    if (this.byName !== undefined) return this.byName;
    const byName = new Map<string, Argument>();
    for (const attribute of this.body.attributes) {
      const isRepeated = byName.has(attribute.name);
      byName.set(attribute.name, argumentOf(this.source, attribute, isRepeated));
    }
    this.byName = byName;
    return byName;
  }
}

function argumentOf(source: SourceFile, attribute: Attribute, isRepeated: boolean): Argument {
  const { name, nameSpan, expression } = attribute;
  return { source, name, nameSpan, expression, isRepeated };
}

export function nested(source: SourceFile, block: Block): NestedBlock {
  return {
    labels: block.labels.map((label) => label.value),
    header: { source, span: block.header },
    content: new NativeContent(source, block.body),
  };
}

/** One property of a JSON object. */
export interface Property {
  readonly name: string;
  readonly nameSpan: Span;
  readonly expression: Expression;
}

/** The content of a block in JSON syntax. */
export class JsonContent implements Content {
  readonly isIncomplete: boolean;
  private readonly source: SourceFile;
  private readonly properties: Map<string, Argument>;

  constructor(source: SourceFile, properties: readonly Property[], isIncomplete = false) {
    this.source = source;
    this.isIncomplete = isIncomplete;
    this.properties = new Map();
    for (const property of properties) {
      if (property.name === "//") continue;
      const isRepeated = this.properties.has(property.name);
      this.properties.set(property.name, { source, ...property, isRepeated });
    }
  }

  get argumentNames(): readonly string[] {
    return [...this.properties.keys()];
  }

  get blockTypes(): readonly string[] {
    return this.argumentNames;
  }

  argument(name: string): Argument | undefined {
    return this.properties.get(name);
  }

  blocks(type: string): readonly NestedBlock[] {
    const property = this.properties.get(type);
    if (property === undefined) return [];
    const labelCount = type === "dynamic" || type === "provisioner" ? 1 : 0;
    return jsonBlocks(this.source, property.expression, property.nameSpan, labelCount);
  }
}

/** The blocks that a JSON value stands for: below as many objects as the block has labels. */
export function jsonBlocks(
  source: SourceFile,
  expression: Expression,
  nameSpan: Span,
  labelCount: number,
  labels: readonly string[] = [],
): readonly NestedBlock[] {
  if (expression.kind === "tuple") {
    return expression.items.flatMap((item) => {
      const opening = { start: item.start, end: item.start + 1 };
      return jsonBlocks(source, item, opening, labelCount, labels);
    });
  }
  if (expression.kind !== "object") return [];
  if (labelCount > 0) {
    return propertiesOf(expression).flatMap((property) =>
      property.name === "//"
        ? []
        : jsonBlocks(source, property.expression, property.nameSpan, labelCount - 1, [
            ...labels,
            property.name,
          ]),
    );
  }
  const content = new JsonContent(source, propertiesOf(expression));
  return [{ labels, header: { source, span: { start: nameSpan.start, end: nameSpan.end } }, content }];
}

function propertiesOf(object: ObjectConstructor): Property[] {
  return object.entries.map(({ key, value }) => ({
    name: key.kind === "literal" ? String(key.value) : "",
    nameSpan: key,
    expression: value,
  }));
}

/** Content with another laid over it, as an override file does: arguments and types of blocks are replaced whole. */
export class OverriddenContent implements Content {
  private readonly base: Content;
  private readonly override: Content;

  constructor(base: Content, override: Content) {
    this.base = base;
    this.override = override;
  }

  get isIncomplete(): boolean {
    return this.base.isIncomplete || this.override.isIncomplete;
  }

  get argumentNames(): readonly string[] {
    return [...new Set([...this.base.argumentNames, ...this.override.argumentNames])];
  }

  get blockTypes(): readonly string[] {
    return [...new Set([...this.base.blockTypes, ...this.override.blockTypes])];
  }

  argument(name: string): Argument | undefined {
    return this.override.argument(name) ?? this.base.argument(name);
  }

  blocks(type: string): readonly NestedBlock[] {
    const over = this.override.blocks(type);
    const base = this.base.blocks(type);
    if (type === "dynamic")
      return [...base.filter((block) => !this.isReplaced(block.labels[0] ?? "")), ...over];
    return this.isReplaced(type) ? over : base;
  }

  private isReplaced(type: string): boolean {
    if (this.override.blocks(type).length > 0) return true;
    return this.override.blocks("dynamic").some((block) => block.labels[0] === type);
  }
}
