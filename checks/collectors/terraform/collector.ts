import type { Diagnostic } from "#base/diagnostic.ts";
import { startOfFile } from "#base/location.ts";
import type { Collected, CollectHost, Collector, CollectUnit } from "#facts/collector.ts";
import { isConfigurationName } from "./files/module-files.ts";
import { ParsedFiles } from "./files/parsed-files.ts";
import { loadYamlReader } from "./language/functions/yaml.ts";
import { loadModule } from "./module/load-module.ts";
import { folderOf, relatedFiles } from "./module/local-sources.ts";
import type { EvaluatedModule } from "./module/module.ts";
import { readers } from "./resources/index.ts";

const parsed = new ParsedFiles();

/** Terraform configurations: each folder is a module, which is read and judged as a whole. */
export const collector: Collector = {
  group(files, host) {
    const byFolder = Map.groupBy(files, folderOf);
    const related = relatedFiles(files, host);
    return [...byFolder].map(([folder, members]) => ({
      id: folder,
      files: members,
      context: related.get(folder) ?? [],
    }));
  },

  async collect({ id: folder, files, context = [] }: CollectUnit, host: CollectHost): Promise<Collected> {
    const wanted = new Set(files);
    const decodesYaml = [...files, ...context].some((file) => host.read(file)?.includes("yamldecode("));
    if (decodesYaml) await loadYamlReader();
    const { module, diagnostics } = loadModule(folder, context, host, parsed);
    const read = readers.map((reader) => reader(module));
    return {
      facts: read.flatMap((part) => part.facts).filter((fact) => wanted.has(fact.location.file)),
      diagnostics: [
        ...ignoredFiles(files),
        ...diagnostics,
        ...read.flatMap((part) => part.diagnostics),
        ...unjudgedModules(module, new Set(context.map(folderOf))),
        ...module.diagnostics,
        ...module.questions.diagnostics(),
      ],
    };
  },
};

function ignoredFiles(files: readonly string[]): Diagnostic[] {
  return files
    .filter((file) => !isConfigurationName(file.slice(file.lastIndexOf("/") + 1)))
    .map((file) => ({
      level: "warning",
      code: "terraform-file-ignored",
      message:
        "Terraform ignores files of this name, so nothing was judged in it. Rename it if it is to count.",
      location: startOfFile(file),
    }));
}

/** One diagnostic for each call of a module that is judged nowhere. */
function unjudgedModules(module: EvaluatedModule, inView: ReadonlySet<string>): Diagnostic[] {
  return module.moduleCalls.flatMap(({ name, location, folder }): Diagnostic[] => {
    if (folder !== undefined && inView.has(folder)) return [];
    const message =
      folder === undefined
        ? `The module "${name}" is not in view: what it makes is not judged, and its outputs count as unknown.`
        : `The module "${name}" lies in ${folder}, outside the given paths: its outputs are read, and what it makes is not judged. Name that folder too.`;
    return [{ level: "warning", code: "terraform-module-not-judged", message, location }];
  });
}
