import type { CollectHost } from "#facts/collector.ts";
import { type Declarations, declare } from "../files/declarations.ts";
import { configurationPaths, readModuleFiles } from "../files/module-files.ts";
import type { ParsedFiles } from "../files/parsed-files.ts";
import { ReferenceTracker } from "./reference-tracker.ts";

/** Reads the modules that one module has to do with, each once; what is noted while they are evaluated is shared. */
export class ModuleLoader {
  readonly host: CollectHost;
  readonly tracker = new ReferenceTracker();
  /** Names that are being evaluated, the outermost first. */
  readonly underway: string[] = [];
  private readonly parsed: ParsedFiles;
  private readonly isShared: boolean;
  private readonly loaded = new Map<string, Declarations>();

  /** @param isShared whether other modules are read together with this one */
  constructor(host: CollectHost, parsed: ParsedFiles, isShared: boolean) {
    this.host = host;
    this.parsed = parsed;
    this.isShared = isShared;
  }

  declarations(folder: string): Declarations {
    let declarations = this.loaded.get(folder);
    if (declarations === undefined) {
      declarations = this.declared(configurationPaths(folder, this.host));
      this.loaded.set(folder, declarations);
    }
    return declarations;
  }

  /** What some files declare, taken for a module. */
  declared(paths: readonly string[]): Declarations {
    return declare(
      readModuleFiles(paths, (path) => {
        const text = this.host.read(path);
        return text === undefined ? undefined : this.parsed.parse(path, text, this.isShared);
      }),
    );
  }

  /** Whether a folder is in view and holds a configuration. */
  isModule(folder: string): boolean {
    return this.declarations(folder).files.length > 0;
  }

  /** Characters of configuration in a folder. */
  sizeOf(folder: string): number {
    return configurationPaths(folder, this.host)
      .map((path) => this.host.read(path)?.length ?? 0)
      .reduce((sum, length) => sum + length, 0);
  }
}
