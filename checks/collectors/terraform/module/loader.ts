import type { CollectHost } from "#facts/collector.ts";
import { type Declarations, declare } from "../files/declarations.ts";
import { readModuleFiles } from "../files/module-files.ts";
import { ReferenceTracker } from "./reference-tracker.ts";

/** Reads the modules that one module has to do with, each once; what is noted while they are evaluated is shared. */
export class ModuleLoader {
  readonly host: CollectHost;
  readonly tracker = new ReferenceTracker();
  /** Names that are being evaluated, the outermost first. */
  readonly underway: string[] = [];
  private readonly loaded = new Map<string, Declarations>();

  constructor(host: CollectHost) {
    this.host = host;
  }

  declarations(folder: string): Declarations {
    let declarations = this.loaded.get(folder);
    if (declarations === undefined) {
      declarations = declare(readModuleFiles(folder, this.host));
      this.loaded.set(folder, declarations);
    }
    return declarations;
  }

  /** Whether a folder is in view and holds a configuration. */
  isModule(folder: string): boolean {
    return this.declarations(folder).files.length > 0;
  }
}
