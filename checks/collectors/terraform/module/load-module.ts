import type { Diagnostic } from "#base/diagnostic.ts";
import type { CollectHost } from "#facts/collector.ts";
import { fromOutside } from "../variables/outside.ts";
import { readVariableFiles } from "../variables/variable-files.ts";
import { calledFolder, fromCall } from "./call.ts";
import type { Caller } from "./extensions.ts";
import { ModuleLoader } from "./loader.ts";
import { folderOf } from "./local-sources.ts";
import { EvaluatedModule } from "./module.ts";

/** A module that calls another one through this many others does not count among its callers. */
const maximumDistance = 8;

/**
 * Loads the module of a folder.
 * @param callerFiles files of the modules that call it, directly or through others: they set its variables
 */
export function loadModule(
  folder: string,
  callerFiles: readonly string[],
  host: CollectHost,
): { readonly module: EvaluatedModule; readonly diagnostics: readonly Diagnostic[] } {
  const loader = new ModuleLoader(host);
  const callerFolders = [...new Set(callerFiles.map(folderOf))];
  const diagnostics = [...loader.declarations(folder).diagnostics];
  const place = (at: string, prefix: string, inner: readonly string[]): EvaluatedModule => {
    const callers = inner.length < maximumDistance ? callersOf(at, inner) : [];
    const given = readVariableFiles(at, host);
    if (at === folder) diagnostics.push(...given.diagnostics);
    const sources = callers.flatMap(({ module, call }) => fromCall(module, call));
    if (sources.length === 0 || given.hasOwnFiles) {
      sources.push(fromOutside(given.values, host.options.terraformVariables));
    }
    return new EvaluatedModule(loader, { folder: at, prefix, sources, callers, ancestors: [] });
  };
  const callersOf = (called: string, inner: readonly string[]): Caller[] =>
    callerFolders
      .filter((caller) => caller !== called && !inner.includes(caller))
      .flatMap((caller) => {
        const calls = [...loader.declarations(caller).modules.values()];
        const own = calls.filter((call) => calledFolder(call, caller) === called);
        if (own.length === 0) return [];
        const module = place(caller, `${caller}:`, [...inner, called]);
        return own.map((call) => ({ module, call }));
      });
  return { module: place(folder, "", []), diagnostics };
}
