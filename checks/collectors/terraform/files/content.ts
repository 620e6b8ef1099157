import type { Span } from "#base/location.ts";
import { blocksOf } from "#syntax/hcl/content.ts";
import type { Attribute, Block, Body, Expression } from "#syntax/hcl/tree.ts";
import type { Place, SourceFile } from "./source-file.ts";

/** An argument as it is written. */
export interface Argument {
  readonly source: SourceFile;
  readonly name: string;
  readonly nameSpan: Span;
  readonly expression: Expression;
  /** Set where the block gives the argument twice, which Terraform refuses. */
  readonly isRepeated: boolean;
}

/** A block as it is written. */
export interface WrittenBlock {
  readonly type: string;
  readonly labels: readonly string[];
  readonly header: Place;
  readonly content: Content;
  /** What the file itself holds, without what override files lay over it. */
  readonly body: Body;
}

/** What a block holds. In JSON syntax a property is an argument or a block, depending on who asks. */
export interface Content {
  readonly argumentNames: readonly string[];
  argument(name: string): Argument | undefined;
  blocks(type: string, labelNames?: readonly string[]): readonly WrittenBlock[];
  /** Whether there may be blocks at all. */
  readonly hasBlocks: boolean;
  /** Something in the block could not be read so far that not even its name is known. */
  readonly isIncomplete: boolean;
}

/** Up to this many arguments are searched one by one, which costs less than an index. */
const fewArguments = 12;

/** The content of a body of one file. */
export class FileContent implements Content {
  private readonly source: SourceFile;
  private readonly body: Body;
  private byName: ReadonlyMap<string, Attribute> | undefined;

  constructor(source: SourceFile, body: Body) {
    this.source = source;
    this.body = body;
  }

  get isIncomplete(): boolean {
    return this.body.isIncomplete;
  }

  get hasBlocks(): boolean {
    return this.body.blocks.length > 0 || this.body.syntax === "json";
  }

  get argumentNames(): readonly string[] {
    return [...new Set(this.body.attributes.map(({ name }) => name))];
  }

  argument(name: string): Argument | undefined {
    const attribute = this.find(name);
    if (attribute === undefined) return undefined;
    const { nameSpan, expression } = attribute;
    const isRepeated = this.body.attributes.some((other) => other !== attribute && other.name === name);
    return { source: this.source, name, nameSpan, expression, isRepeated };
  }

  blocks(type: string, labelNames?: readonly string[]): readonly WrittenBlock[] {
    const { syntax, blocks } = this.body;
    if (syntax === "native" && !blocks.some((block) => block.type === type)) return noBlocks;
    return blocksOf(this.body, type, labelNames).blocks.map((block) => writtenBlock(this.source, block));
  }

  /** The last attribute of the name. */
  private find(name: string): Attribute | undefined {
    const { attributes } = this.body;
    if (attributes.length <= fewArguments) {
      for (let index = attributes.length - 1; index >= 0; index--) {
        if (attributes[index]?.name === name) return attributes[index];
      }
      return undefined;
    }
    this.byName ??= new Map(attributes.map((attribute) => [attribute.name, attribute]));
    return this.byName.get(name);
  }
}

const noBlocks: readonly WrittenBlock[] = [];

export function writtenBlock(source: SourceFile, block: Block): WrittenBlock {
  return {
    type: block.type,
    labels: block.labels.map((label) => label.value),
    header: { source, span: block.header },
    content: new FileContent(source, block.body),
    body: block.body,
  };
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

  get hasBlocks(): boolean {
    return this.base.hasBlocks || this.override.hasBlocks;
  }

  get argumentNames(): readonly string[] {
    return [...new Set([...this.base.argumentNames, ...this.override.argumentNames])];
  }

  argument(name: string): Argument | undefined {
    return this.override.argument(name) ?? this.base.argument(name);
  }

  blocks(type: string, labelNames?: readonly string[]): readonly WrittenBlock[] {
    const over = this.override.blocks(type, labelNames);
    const base = this.base.blocks(type, labelNames);
    if (type === "dynamic") {
      return [...base.filter((block) => !this.isReplaced(block.labels[0] ?? "")), ...over];
    }
    return this.isReplaced(type) ? over : base;
  }

  private isReplaced(type: string): boolean {
    if (this.override.blocks(type).length > 0) return true;
    return this.override.blocks("dynamic", ["type"]).some((block) => block.labels[0] === type);
  }
}
