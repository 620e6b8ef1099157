import type { Diagnostic } from "#base/diagnostic.ts";
import type { CollectHost } from "#facts/collector.ts";
import type { ParsedFiles } from "../files/parsed-files.ts";
import { fromOutside } from "../variables/outside.ts";
import type { VariableSource } from "../variables/variable.ts";
import { readVariableFiles } from "../variables/variable-files.ts";
import { calledFolder, fromCall, fromUnfollowedCalls } from "./call.ts";
import type { Caller } from "./extensions.ts";
import { ModuleLoader } from "./loader.ts";
import { folderOf } from "./local-sources.ts";
import { EvaluatedModule } from "./module.ts";

/** A module that calls another one through this many others does not count among its callers. */
const maximumDistance = 8;

/** Callers with more characters of configuration than this are not evaluated, which would take longer than all else. */
const maximumCallerSize = 400_000;

export interface LoadedModule {
  readonly module: EvaluatedModule;
  readonly diagnostics: readonly Diagnostic[];
}

/**
 * Loads the module of a folder.
 * @param relatedFiles files of the modules that call it, directly or through others, which set its variables, and of
 * those that it calls
 */
export function loadModule(
  folder: string,
  relatedFiles: readonly string[],
  host: CollectHost,
  parsed: ParsedFiles,
): LoadedModule {
  const loader = new ModuleLoader(host, parsed, relatedFiles.length > 0);
  const loading = new Loading(loader, folder, relatedFiles);
  return { module: loading.moduleAt(folder, "", []), diagnostics: loading.diagnostics };
}

class Loading {
  readonly diagnostics: Diagnostic[];
  private readonly loader: ModuleLoader;
  private readonly folder: string;
  private readonly callerFiles: readonly string[];
  private readonly callerFolders: readonly string[];

  constructor(loader: ModuleLoader, folder: string, callerFiles: readonly string[]) {
    this.loader = loader;
    this.folder = folder;
    this.callerFiles = callerFiles;
    this.callerFolders = [...new Set(callerFiles.map(folderOf))];
    this.diagnostics = [...loader.declarations(folder).diagnostics];
  }

  /** @param inner folders of the modules that are called, down to the one that is judged */
  moduleAt(folder: string, prefix: string, inner: readonly string[]): EvaluatedModule {
    const { loader } = this;
    const { host } = loader;
    const callers = inner.length < maximumDistance ? this.callersOf(folder, inner) : [];
    const given = readVariableFiles(folder, host);
    if (folder === this.folder) this.diagnostics.push(...given.diagnostics);
    const sources: VariableSource[] =
      callers === "too many"
        ? [this.unfollowed(folder)]
        : callers.flatMap(({ module, call }) => fromCall(module, call));
    if (sources.length === 0 || given.hasOwnFiles) {
      sources.push(fromOutside(given.values, host.options.terraformVariables));
    }
    return new EvaluatedModule(loader, { folder, prefix, sources, callers, ancestors: [] });
  }

  private callersOf(folder: string, inner: readonly string[]): readonly Caller[] | "too many" {
    const { loader } = this;
    const possible = this.callerFolders.filter((caller) => caller !== folder && !inner.includes(caller));
    const size = possible.reduce((sum, caller) => sum + loader.sizeOf(caller), 0);
    if (size > maximumCallerSize) return "too many";
    return possible.flatMap((caller) => {
      const calls = [...loader.declarations(caller).modules.values()];
      const own = calls.filter((call) => calledFolder(call, caller) === folder);
      if (own.length === 0) return [];
      const module = this.moduleAt(caller, `${caller}:`, [...inner, folder]);
      return own.map((call) => ({ module, call }));
    });
  }

  /** The calls alone, without the modules around them. */
  private unfollowed(folder: string): VariableSource {
    const calls = this.callerFiles.flatMap((file) =>
      [...this.loader.declared([file]).modules.values()].filter(
        (call) => calledFolder(call, folderOf(file)) === folder,
      ),
    );
    return fromUnfollowedCalls(calls);
  }
}
