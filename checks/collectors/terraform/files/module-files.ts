import type { Diagnostic } from "#base/diagnostic.ts";
import { type Location, startOfFile } from "#base/location.ts";
import type { CollectHost } from "#facts/collector.ts";
import type { Body } from "#syntax/hcl/tree.ts";
import type { ParsedFile } from "./parsed-files.ts";
import type { SourceFile } from "./source-file.ts";

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

/** The paths of a module's configuration files, override files last. */
export function configurationPaths(folder: string, host: CollectHost): readonly string[] {
  const names = host.list(folder).filter(isConfigurationName);
  const ordered = [...names.filter((name) => !isOverrideName(name)), ...names.filter(isOverrideName)];
  return ordered.map((name) => (folder === "." ? name : `${folder}/${name}`));
}

/** Reads configuration files. A problem in one of them is an error with its line. */
export function readModuleFiles(
  paths: readonly string[],
  read: (path: string) => ParsedFile | undefined,
): ModuleFiles {
  const files: ConfigurationFile[] = [];
  let unread: Location | undefined;
  const diagnostics: Diagnostic[] = [];
  for (const path of paths) {
    const file = read(path);
    if (file === undefined) {
      unread ??= startOfFile(path);
      continue;
    }
    const problems = problemsOf(file);
    unread ??= problems[0]?.location;
    diagnostics.push(...problems);
    const { source, body } = file;
    files.push({ source, isOverride: isOverrideName(path.slice(path.lastIndexOf("/") + 1)), body });
  }
  return { files, unread, diagnostics };
}

function problemsOf({ source, problems }: ParsedFile): (Diagnostic & { readonly location: Location })[] {
  const code = source.path.endsWith(".json") ? "json-syntax" : "hcl-syntax";
  return problems.map((problem) => ({
    level: "error",
    code,
    message: problem.message,
    location: source.location(problem),
  }));
}
