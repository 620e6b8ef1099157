import type { Diagnostic } from "#base/diagnostic.ts";
import { type Location, startOfFile } from "#base/location.ts";
import type { CollectHost } from "#facts/collector.ts";
import { parseHclJson } from "#syntax/hcl/json.ts";
import { parseHcl } from "#syntax/hcl/parser.ts";
import type { Body } from "#syntax/hcl/tree.ts";
import { SourceFile } from "./source-file.ts";

/** One configuration file of a module, parsed. */
export interface ConfigurationFile {
  readonly source: SourceFile;
  readonly isOverride: boolean;
  readonly body: Body;
}

export interface ModuleFiles {
  /** In the order in which Terraform reads them: all but override files by name, then those. */
  readonly files: readonly ConfigurationFile[];
  /** The first place that could not be read, if any: more may stand there than is in view. */
  readonly unread: Location | undefined;
  readonly diagnostics: readonly Diagnostic[];
}

/** Whether Terraform reads a file of this name as configuration: not those that editors leave behind. */
export function isConfigurationName(name: string): boolean {
  if (name.startsWith(".") || name.endsWith("~") || (name.startsWith("#") && name.endsWith("#")))
    return false;
  return name.endsWith(".tf") || name.endsWith(".tf.json");
}

function isOverrideName(name: string): boolean {
  const base = name.replace(/\.tf(?:\.json)?$/, "");
  return base === "override" || base.endsWith("_override");
}

/** Reads the configuration files of a folder. A problem in one of them is an error with its line. */
export function readModuleFiles(folder: string, host: CollectHost): ModuleFiles {
  const files: ConfigurationFile[] = [];
  let unread: Location | undefined;
  const diagnostics: Diagnostic[] = [];
  const names = host.list(folder).filter(isConfigurationName);
  const ordered = [...names.filter((name) => !isOverrideName(name)), ...names.filter(isOverrideName)];
  for (const name of ordered) {
    const path = folder === "." ? name : `${folder}/${name}`;
    const text = host.read(path);
    if (text === undefined) {
      unread ??= startOfFile(path);
      continue;
    }
    const source = new SourceFile(path, text);
    const isJson = name.endsWith(".json");
    const { body, problems } = isJson ? parseHclJson(text) : parseHcl(text);
    const [first] = problems;
    if (first !== undefined) unread ??= source.location(first);
    for (const problem of problems) {
      diagnostics.push({
        level: "error",
        code: isJson ? "json-syntax" : "hcl-syntax",
        message: problem.message,
        location: source.location(problem),
      });
    }
    files.push({ source, isOverride: isOverrideName(name), body });
  }
  return { files, unread, diagnostics };
}
