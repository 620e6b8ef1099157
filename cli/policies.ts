import { readFileSync } from "node:fs";
import { createRequire } from "node:module";
import { dirname, join, resolve } from "node:path";
import type { Diagnostic } from "#base/diagnostic.ts";
import { readText } from "#base/files.ts";
import { diagnosticLine, UsageError } from "#cli/errors.ts";
import { type Configuration, configurationName, readConfiguration } from "#engine/configuration.ts";
import { shownPath } from "#engine/paths.ts";
import type { CompiledAssertions } from "#policy/assertion.ts";
import type { Edition } from "#policy/edition.ts";
import { readPolicyFolder } from "#policy/files.ts";
import { loadPolicies, type PolicySet } from "#policy/load.ts";

/** The policies that are built into the bundle (see `cli/build/bundle.mjs`). */
const shippedFile = new URL("./policies.json", import.meta.url);
const compiledFile = "./assertions.cjs";

export interface Policies extends PolicySet {
  /** Assertions of shipped rules, compiled when the bundle was built. */
  readonly compiled: CompiledAssertions;
  /** What is wrong with own policy files. */
  readonly diagnostics: readonly Diagnostic[];
  /** The run's own `hipaa-check.yaml`. */
  readonly configuration?: Configuration;
  /** The `rule.yaml` of each own rule, by rule id. */
  readonly ownRules: ReadonlyMap<string, string>;
}

/**
 * Shipped policies, and those that the run's own `hipaa-check.yaml` or the caller names.
 * @param named folders of own rules and editions to use in place of those in the configuration
 * @throws UsageError where the configuration, or a folder, cannot be used
 */
export function readPolicies(
  workingFolder: string,
  configurationPath: string | undefined,
  named: readonly string[] = [],
): Policies {
  const shipped = JSON.parse(readFileSync(shippedFile, "utf8")) as PolicySet;
  const compiled = createRequire(import.meta.url)(compiledFile) as CompiledAssertions;
  const configuration = readOwnConfiguration(workingFolder, configurationPath);
  const listed = (configuration?.policies ?? []).map((folder) =>
    join(dirname(resolve(workingFolder, configuration?.path ?? "")), folder),
  );
  const folders = named.length > 0 ? named.map((folder) => resolve(workingFolder, folder)) : listed;
  const files = folders.flatMap((folder) => {
    const shown = shownPath(workingFolder, folder);
    const blamed = named.length > 0 ? shown : `${configuration?.path}: policies: ${shown}`;
    try {
      return readPolicyFolder(folder, shown);
    } catch (error) {
      const { code } = error as NodeJS.ErrnoException;
      if (code === "ENOENT" || code === "ENOTDIR") throw new UsageError(`${blamed} is not a folder.`);
      throw new UsageError(`${blamed} could not be read (${code ?? error}).`);
    }
  });
  const own = configuration === undefined ? {} : { configuration };
  if (files.length === 0) return { ...shipped, ...own, compiled, diagnostics: [], ownRules: new Map() };
  const { rules, editions, diagnostics, ruleFiles } = loadPolicies(files, shipped);
  return { rules, editions, diagnostics, ...own, compiled, ownRules: ruleFiles };
}

/**
 * The run's own `hipaa-check.yaml`, or the file that stands in for it.
 * @throws UsageError where it cannot be used
 */
export function readOwnConfiguration(
  workingFolder: string,
  path: string | undefined,
): Configuration | undefined {
  const file = path ?? configurationName;
  const shown = shownPath(workingFolder, file);
  const found = readText(resolve(workingFolder, file), shown);
  if (found === undefined) {
    if (path === undefined) return undefined;
    throw new UsageError(`--config ${path}: there is no such file.`);
  }
  if ("problem" in found) throw new UsageError(diagnosticLine(found.problem));
  const { configuration, diagnostics } = readConfiguration(shown, found.text);
  if (configuration === undefined) throw new UsageError(diagnostics.map(diagnosticLine).join("\n"));
  return configuration;
}

/** The edition that counts where nobody names one. */
const defaultEdition = "hipaa-2013";

/** @throws UsageError where an edition does not exist */
export function chooseEditions(policies: Policies, named: readonly string[]): Edition[] {
  const configured = policies.configuration?.editions ?? [];
  const ids = named.length > 0 ? named : configured.length > 0 ? configured : [defaultEdition];
  return [...new Set(ids)].map((id) => findEdition(policies, id));
}

/** @throws UsageError */
export function findEdition(policies: PolicySet, id: string): Edition {
  const edition = policies.editions.find((candidate) => candidate.id === id);
  if (edition !== undefined) return edition;
  const ids = policies.editions.map((candidate) => candidate.id).join(", ");
  throw new UsageError(`There is no edition "${id}". There are: ${ids}.`);
}
