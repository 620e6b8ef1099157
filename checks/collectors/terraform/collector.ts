import type { Diagnostic } from "#base/diagnostic.ts";
import { startOfFile } from "#base/location.ts";
import type { Collected, CollectHost, Collector, CollectUnit } from "#facts/collector.ts";
import { declare } from "./files/declarations.ts";
import { isConfigurationName, readModuleFiles } from "./files/module-files.ts";
import { EvaluatedModule } from "./module/module.ts";
import { readers } from "./resources/index.ts";
import { readVariableFiles } from "./variables/variable-files.ts";

/** Terraform configurations: each folder is a module, which is read and judged as a whole. */
export const collector: Collector = {
  group(files) {
    const byFolder = Map.groupBy(files, folderOf);
    return [...byFolder].map(([folder, members]) => ({ id: folder, files: members }));
  },

  collect({ id: folder, files }: CollectUnit, host: CollectHost): Collected {
    const wanted = new Set(files);
    const moduleFiles = readModuleFiles(folder, host);
    const declarations = declare(moduleFiles);
    const variableFiles = readVariableFiles(folder, host);
    const module = new EvaluatedModule(
      folder,
      declarations,
      { files: variableFiles.values, environment: host.options.terraformVariables },
      host,
    );
    const read = readers.map((reader) => reader(module));
    const diagnostics: Diagnostic[] = [
      ...ignoredFiles(files),
      ...declarations.diagnostics,
      ...variableFiles.diagnostics,
      ...unfollowedModules(module),
      ...read.flatMap((part) => part.diagnostics),
      ...module.diagnostics,
      ...module.questions.diagnostics(),
    ];
    const facts = read.flatMap((part) => part.facts).filter((fact) => wanted.has(fact.location.file));
    return { facts, diagnostics };
  },
};

function folderOf(path: string): string {
  const slash = path.lastIndexOf("/");
  return slash === -1 ? "." : path.slice(0, slash);
}

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

function unfollowedModules(module: EvaluatedModule): Diagnostic[] {
  return module.moduleCalls.map(({ name, location }) => ({
    level: "warning",
    code: "terraform-module-not-followed",
    message: `The module "${name}" is not followed: what it makes is not judged here, and its outputs count as unknown.`,
    location,
  }));
}
