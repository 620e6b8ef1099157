import type { Diagnostic } from "#base/diagnostic.ts";
import type { Location } from "#base/location.ts";
import { contentOf, type Schema } from "#syntax/hcl/content.ts";
import type { Block, Body, Problem } from "#syntax/hcl/tree.ts";
import {
  type Argument,
  type Content,
  OverriddenContent,
  type WrittenBlock,
  writtenBlock,
} from "./content.ts";
import type { ConfigurationFile, ModuleFiles } from "./module-files.ts";
import { locationOf, type Place, type SourceFile } from "./source-file.ts";

/** A block at the top level, under the address by which it is referred to. */
export interface Declaration extends WrittenBlock {
  readonly address: string;
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
  readonly unread: Location | undefined;
  readonly diagnostics: readonly Diagnostic[];
  readonly files: readonly SourceFile[];
}

/** What Terraform takes at the top level of a file. */
const topLevel: Schema = {
  attributes: [],
  blocks: {
    action: ["type", "name"],
    check: ["name"],
    data: ["type", "name"],
    ephemeral: ["type", "name"],
    import: [],
    locals: [],
    module: ["name"],
    moved: [],
    output: ["name"],
    provider: ["name"],
    removed: [],
    resource: ["type", "name"],
    terraform: [],
    variable: ["name"],
  },
};

const namePattern = /^[\p{ID_Start}_][\p{ID_Continue}-]*$/u;

type Table = "resources" | "variables" | "outputs" | "modules";

const tableOf: Readonly<Record<string, Table>> = {
  resource: "resources",
  data: "resources",
  ephemeral: "resources",
  variable: "variables",
  output: "outputs",
  module: "modules",
};

/** Sorts the blocks of a module's files, and says what Terraform would refuse among them. */
export function declare({ files, unread, diagnostics }: ModuleFiles): Declarations {
  const reader = new DeclarationReader(unread, diagnostics);
  for (const file of files) reader.file(file);
  return { ...reader.finish(), files: files.map(({ source }) => source) };
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
  private readonly unread: Location | undefined;

  constructor(unread: Location | undefined, diagnostics: readonly Diagnostic[]) {
    this.unread = unread;
    this.diagnostics = [...diagnostics];
  }

  finish(): Omit<Declarations, "files"> {
    const { locals, unread, diagnostics } = this;
    return { ...this.tables, locals, unread, diagnostics };
  }

  file({ source, body, isOverride }: ConfigurationFile): void {
    const { blocks, problems } = contentOf(body, topLevel);
    for (const problem of problems) {
      if (!isReported(problem, body))
        this.refuse("terraform-top-level", problem.message, { source, span: problem });
    }
    for (const block of blocks) {
      this.block(writtenBlock(source, block), block, isOverride);
    }
  }

  private block(written: WrittenBlock, { labels }: Block, isOverride: boolean): void {
    const { type, content, header } = written;
    const wrong = labels.find((label) => !namePattern.test(label.value));
    if (wrong !== undefined) {
      const message = `"${wrong.value}" is no name that Terraform takes. Write letters, digits, _ and -, beginning with a letter or _.`;
      this.refuse("terraform-invalid-name", message, { source: header.source, span: wrong });
      return;
    }
    if (type === "locals") this.addLocals(content, isOverride);
    const table = Object.hasOwn(tableOf, type) ? tableOf[type] : undefined;
    if (table === undefined) return;
    const name = written.labels.join(".");
    const address = type === "data" || type === "ephemeral" ? `${type}.${name}` : name;
    this.add(table, { ...written, address }, isOverride);
  }

  private add(table: Table, declaration: Declaration, isOverride: boolean): void {
    const { address, type, header } = declaration;
    const existing = this.tables[table].get(address);
    if (existing === undefined && !isOverride) this.tables[table].set(address, declaration);
    else if (existing === undefined) {
      const message = `This override file overrides the ${type} "${address}", which no other file declares. Declare it, or rename the file.`;
      this.refuse("terraform-override-without-base", message, header);
    } else if (isOverride) {
      const content = new OverriddenContent(existing.content, declaration.content);
      this.tables[table].set(address, { ...existing, content });
    } else this.duplicate(`The ${type} "${address}"`, existing.header, header);
  }

  private addLocals(content: Content, isOverride: boolean): void {
    for (const name of content.argumentNames) {
      const argument = content.argument(name);
      if (argument === undefined) continue;
      const existing = this.locals.get(name);
      if (existing === undefined || isOverride) this.locals.set(name, argument);
      else this.duplicate(`The local "${name}"`, placeOfName(existing), placeOfName(argument));
    }
  }

  private duplicate(what: string, first: Place, second: Place): void {
    const { file, line } = locationOf(first);
    const message = `${what} is declared a second time; the first is in ${file}, line ${line}. Rename or remove one.`;
    this.refuse("terraform-duplicate", message, second);
  }

  private refuse(code: string, message: string, place: Place): void {
    this.diagnostics.push({ level: "error", code, message, location: locationOf(place) });
  }
}

function placeOfName({ source, nameSpan }: Argument): Place {
  return { source, span: nameSpan };
}

/** What could not be read was said when the file was parsed. */
function isReported({ start }: Problem, body: Body): boolean {
  return body.attributes.some(
    ({ nameSpan, expression }) => expression.kind === "invalid" && nameSpan.start === start,
  );
}
