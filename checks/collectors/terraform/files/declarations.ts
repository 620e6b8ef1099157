import type { Diagnostic } from "#base/diagnostic.ts";
import type { Span } from "#base/location.ts";
import {
  type Argument,
  type Content,
  JsonContent,
  jsonBlocks,
  type NestedBlock,
  nested,
  OverriddenContent,
} from "./content.ts";
import type { ConfigurationFile, ModuleFiles } from "./module-files.ts";
import { locationOf, type Place } from "./source-file.ts";
import { similarBlock, topLevelBlocks } from "./top-level.ts";

/** A block at the top level, under the address by which it is referred to. */
export interface Declaration {
  readonly address: string;
  readonly type: string;
  readonly labels: readonly string[];
  readonly header: Place;
  readonly content: Content;
}

/** All that the files of one module declare. */
export interface Declarations {
  /** `resource`, `data` and `ephemeral` blocks in the order of files and lines. */
  readonly resources: ReadonlyMap<string, Declaration>;
  readonly variables: ReadonlyMap<string, Declaration>;
  readonly outputs: ReadonlyMap<string, Declaration>;
  readonly modules: ReadonlyMap<string, Declaration>;
  readonly locals: ReadonlyMap<string, Argument>;
  /** Where something could not be read, so that more may be declared than is in view. */
  readonly incomplete: Place | undefined;
  readonly diagnostics: readonly Diagnostic[];
}

const namePattern = /^[\p{ID_Start}_][\p{ID_Continue}-]*$/u;

/** Sorts the blocks of a module's files, and says what Terraform would refuse among them. */
export function declare({ files, diagnostics }: ModuleFiles): Declarations {
  const reader = new DeclarationReader(diagnostics);
  for (const file of files) reader.file(file);
  return reader.finish();
}

class DeclarationReader {
  private readonly tables = {
    resources: new Map<string, Declaration>(),
    variables: new Map<string, Declaration>(),
    outputs: new Map<string, Declaration>(),
    modules: new Map<string, Declaration>(),
  };
  private readonly locals = new Map<string, Argument>();
  private readonly diagnostics: Diagnostic[];
  private incomplete: Place | undefined;

  constructor(diagnostics: readonly Diagnostic[]) {
    this.diagnostics = [...diagnostics];
  }

  finish(): Declarations {
    const { locals, incomplete, diagnostics } = this;
    return { ...this.tables, locals, incomplete, diagnostics };
  }

  file(file: ConfigurationFile): void {
    const { source, body, isJson } = file;
    if (body.isIncomplete) this.incomplete ??= { source, span: { start: body.start, end: body.start } };
    if (isJson) {
      this.jsonFile(file);
      return;
    }
    for (const attribute of body.attributes) {
      if (attribute.expression.kind === "invalid") {
        this.incomplete ??= { source, span: attribute };
        continue;
      }
      this.refuse(
        "terraform-unsupported-argument",
        `Terraform takes no argument "${attribute.name}" outside a block. Move it into a block, or into a .tfvars file if it sets a variable.`,
        { source, span: attribute.nameSpan },
      );
    }
    for (const block of body.blocks) {
      this.block(block.type, nested(source, block), file);
    }
  }

  private jsonFile({ source, body, isOverride, ...rest }: ConfigurationFile): void {
    const root = new JsonContent(source, body.attributes, body.isIncomplete);
    for (const type of root.argumentNames) {
      const property = root.argument(type);
      if (property === undefined) continue;
      const labels = topLevelBlocks.get(type);
      const blocks = jsonBlocks(source, property.expression, property.nameSpan, labels?.length ?? 0);
      if (labels === undefined) {
        this.unsupported(type, { source, span: property.nameSpan });
        continue;
      }
      for (const block of blocks) this.block(type, block, { source, body, isOverride, ...rest });
    }
  }

  private unsupported(type: string, place: Place): void {
    const similar = similarBlock(type);
    const advice = similar === undefined ? "Remove it, or move it into a block." : `Write "${similar}".`;
    this.refuse(
      "terraform-unsupported-block",
      `Terraform knows no block "${type}" at the top level. ${advice}`,
      place,
    );
  }

  private block(type: string, block: NestedBlock, { isOverride }: ConfigurationFile): void {
    const labelNames = topLevelBlocks.get(type);
    if (labelNames === undefined) {
      this.unsupported(type, block.header);
      return;
    }
    if (!this.hasGoodLabels(type, labelNames, block)) return;
    this.checkRepeated(block.content);
    const declaration = { type, labels: block.labels, header: block.header, content: block.content };
    const name = block.labels.join(".");
    switch (type) {
      case "resource":
        this.add("resources", { ...declaration, address: name }, isOverride);
        break;
      case "data":
      case "ephemeral":
        this.add("resources", { ...declaration, address: `${type}.${name}` }, isOverride);
        break;
      case "variable":
        this.add("variables", { ...declaration, address: name }, isOverride);
        break;
      case "output":
        this.add("outputs", { ...declaration, address: name }, isOverride);
        break;
      case "module":
        this.add("modules", { ...declaration, address: name }, isOverride);
        break;
      case "locals":
        this.addLocals(block.content, isOverride);
        break;
      default:
    }
  }

  private hasGoodLabels(type: string, labelNames: readonly string[], block: NestedBlock): boolean {
    const { labels, header } = block;
    if (labels.length !== labelNames.length) {
      const due = labelNames.length === 0 ? "no label" : `a ${labelNames.join(" and a ")}`;
      this.refuse(
        "terraform-labels",
        `A ${type} block has ${due} and this one has ${labels.length} labels. Write ${[type, ...labelNames.map((name) => `"${name}"`)].join(" ")}.`,
        header,
      );
      return false;
    }
    const wrong = labels.find((label) => !namePattern.test(label));
    if (wrong === undefined) return true;
    this.refuse(
      "terraform-invalid-name",
      `"${wrong}" is no name that Terraform takes. Write letters, digits, _ and -, beginning with a letter or _.`,
      header,
    );
    return false;
  }

  private add(table: keyof typeof this.tables, declaration: Declaration, isOverride: boolean): void {
    const { address, type, header } = declaration;
    const existing = this.tables[table].get(address);
    if (isOverride) {
      if (existing === undefined) {
        this.refuse(
          "terraform-override-without-base",
          `This override file overrides the ${type} "${address}", which no other file declares. Declare it, or rename the file.`,
          header,
        );
        return;
      }
      const content = new OverriddenContent(existing.content, declaration.content);
      this.tables[table].set(address, { ...existing, content });
      return;
    }
    if (existing === undefined) {
      this.tables[table].set(address, declaration);
      return;
    }
    this.duplicate(`The ${type} "${address}"`, existing.header, header);
  }

  private duplicate(what: string, first: Place, second: Place): void {
    const { file, line } = locationOf(first);
    this.refuse(
      "terraform-duplicate",
      `${what} is declared a second time; the first is in ${file}, line ${line}. Rename or remove one.`,
      second,
    );
  }

  private addLocals(content: Content, isOverride: boolean): void {
    for (const name of content.argumentNames) {
      const argument = content.argument(name);
      if (argument === undefined) continue;
      const existing = this.locals.get(name);
      if (existing === undefined || isOverride) this.locals.set(name, argument);
      else {
        const place = (span: Span, of: Argument): Place => ({ source: of.source, span });
        this.duplicate(
          `The local "${name}"`,
          place(existing.nameSpan, existing),
          place(argument.nameSpan, argument),
        );
      }
    }
  }

  /** Arguments that are given twice in one block. */
  private checkRepeated(content: Content): void {
    for (const name of content.argumentNames) {
      const argument = content.argument(name);
      if (argument?.isRepeated !== true) continue;
      this.refuse("terraform-duplicate", `The argument "${name}" is set twice in this block. Remove one.`, {
        source: argument.source,
        span: argument.nameSpan,
      });
    }
  }

  private refuse(code: string, message: string, place: Place): void {
    this.diagnostics.push({ level: "error", code, message, location: locationOf(place) });
  }
}
