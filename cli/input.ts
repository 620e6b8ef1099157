import { readFileSync, statSync } from "node:fs";
import { homedir, hostname } from "node:os";
import { join, relative, resolve } from "node:path";
import { UsageError } from "#cli/errors.ts";
import type { Policies } from "#cli/policies.ts";
import { version } from "#cli/version.ts";
import type { CheckRequest, GatherRequest } from "#engine/check.ts";
import { shownPath } from "#engine/paths.ts";
import type { CollectOptions } from "#facts/collector.ts";
import type { Edition } from "#policy/edition.ts";

const terraformPrefix = "TF_VAR_";

/** @throws UsageError where a path does not exist */
export function requirePaths(workingFolder: string, paths: readonly string[]): readonly string[] {
  const given = paths.length > 0 ? paths : ["."];
  for (const path of given) requireExisting(workingFolder, path, "");
  return given;
}

function requireExisting(workingFolder: string, path: string, flag: string): void {
  let status: ReturnType<typeof statSync>;
  try {
    status = statSync(resolve(workingFolder, path), { throwIfNoEntry: false });
  } catch (error) {
    throw new UsageError(`${flag}${path} could not be read (${(error as NodeJS.ErrnoException).code}).`);
  }
  if (status === undefined) throw new UsageError(`${flag}${path}: there is no such file or folder.`);
}

/** What the flags of a command that collects hold once they are parsed (`collectFlags`). */
export interface CollectFlags {
  readonly "var-file"?: readonly string[] | undefined;
  readonly "env-file"?: readonly string[] | undefined;
  readonly "as-of"?: string | undefined;
  readonly "no-cache": boolean;
}

/**
 * What the engine is to read, for every command that collects.
 * @throws UsageError where a file that a flag names does not exist
 */
export function collectRequest(
  workingFolder: string,
  paths: readonly string[],
  flags: CollectFlags,
  { configuration }: Pick<Policies, "configuration">,
): GatherRequest {
  const cache = flags["no-cache"] ? undefined : cacheFor(workingFolder, paths);
  return {
    workingFolder,
    paths,
    options: collectOptions(workingFolder, flags["var-file"] ?? [], flags["env-file"] ?? [], flags["as-of"]),
    ...(configuration === undefined ? {} : { configuration }),
    ...(cache === undefined ? {} : { cache }),
    version,
  };
}

/**
 * What the engine is to judge, for every command that holds the given files against policies.
 * @throws UsageError where a file that a flag names does not exist
 */
export function checkRequest(
  workingFolder: string,
  paths: readonly string[],
  flags: CollectFlags,
  policies: Policies,
  editions: readonly Edition[],
): CheckRequest {
  return {
    ...collectRequest(workingFolder, paths, flags, policies),
    policies,
    editions,
    compiled: policies.compiled,
    policyDiagnostics: policies.diagnostics,
  };
}

/**
 * What the user states beside the files.
 * @param asOf the day that counts as today, YYYY-MM-DD
 * @throws UsageError where a file does not exist
 */
export function collectOptions(
  workingFolder: string,
  varFiles: readonly string[],
  envFiles: readonly string[],
  asOf = new Date().toISOString().slice(0, 10),
): CollectOptions {
  for (const file of varFiles) requireExisting(workingFolder, file, "--var-file ");
  for (const file of envFiles) requireExisting(workingFolder, file, "--env-file ");
  const variables = Object.entries(process.env).flatMap(([name, value]) =>
    name.startsWith(terraformPrefix) && value !== undefined
      ? [[name.slice(terraformPrefix.length), value]]
      : [],
  );
  return {
    varFiles: varFiles.map((file) => shownPath(workingFolder, file)),
    envFiles: envFiles.map((file) => shownPath(workingFolder, file)),
    terraformVariables: Object.fromEntries(variables.sort()) as Record<string, string>,
    machineName: hostname(),
    asOf,
  };
}

/** Where facts of earlier runs are kept; undefined where that would lie in the tree under check. */
function cacheFor(workingFolder: string, paths: readonly string[]): GatherRequest["cache"] {
  const { XDG_CACHE_HOME, LOCALAPPDATA, HIPAA_CHECK_CACHE } = process.env;
  const base = XDG_CACHE_HOME || LOCALAPPDATA || join(homedir(), ".cache");
  const folder = resolve(HIPAA_CHECK_CACHE || join(base, "hipaa-check"));
  const inside = paths.some((path) => !relative(resolve(workingFolder, path), folder).startsWith(".."));
  return inside ? undefined : { folder, build: readFileSync(buildFile, "utf8") };
}

/** Written by the build: a digest of all that was built. */
const buildFile = new URL("./build-id", import.meta.url);
