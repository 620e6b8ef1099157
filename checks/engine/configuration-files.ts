import { statSync } from "node:fs";
import { resolve } from "node:path";
import type { Diagnostic } from "#base/diagnostic.ts";
import { diskFiles } from "#base/files.ts";
import { startOfFile } from "#base/location.ts";
import { collectors } from "#collectors/manifest.ts";
import type { Collected } from "#facts/collector.ts";
import type { Fact } from "#facts/fact.ts";
import { factsFileEnding } from "#facts/facts-file.ts";
import { discover } from "./discover.ts";
import { FileStore } from "./host.ts";
import { isWithin, nameMatcher, shownPath } from "./paths.ts";

/** SHA-256 in hexadecimal, by path relative to the configuration; `.` where it is a single file. */
type FileDigests = Readonly<Record<string, string>>;

/** Folder or file that the facts of a facts file are about, by the path of that file; null where it is not in view. */
export type FactsConfigurations = Readonly<Record<string, string | null>>;

/** What facts files do not say themselves. */
export interface FactsContext {
  /**
   * For facts files from elsewhere: they say what they are about relative to the folder that they came from, which is not the one
   * where they are judged.
   */
  readonly configurations?: FactsConfigurations;
  /** SHA-256 in hexadecimal of what files were before secrets in them were masked, by path. */
  readonly originals?: Readonly<Record<string, string>>;
}

/** Has facts from elsewhere point to the configuration in view that they are about, or to none. */
export function pointFacts(facts: readonly Fact[], configurations: FactsConfigurations): Fact[] {
  return facts.map((fact) => {
    const configuration = configurations[fact.location.file];
    if (fact.origin === undefined || configuration === undefined) return fact;
    const { evidence, files } = fact.origin;
    if (configuration === null) return { ...fact, origin: { evidence } };
    return { ...fact, origin: { evidence, configuration, ...(files === undefined ? {} : { files }) } };
  });
}

const name = (configuration: string, path: string): string => {
  if (path === configuration) return ".";
  return configuration === "." ? path : path.slice(configuration.length + 1);
};

function digestsOf(
  configuration: string,
  files: readonly string[],
  store: FileStore,
  originals: Readonly<Record<string, string>>,
): FileDigests {
  // What was learned of a configuration may lie beside it, and is no part of it.
  const own = files.filter((path) => isWithin(configuration, path) && !path.endsWith(factsFileEnding));
  const entries = own.flatMap((path) => {
    const { text, digest } = store.read(path);
    if (text === undefined || digest === null) return [];
    const sha256 = originals[path] ?? Buffer.from(digest, "base64url").toString("hex");
    return [[name(configuration, path), sha256] as const];
  });
  return Object.fromEntries(entries.sort(([a], [b]) => (a < b ? -1 : 1)));
}

/**
 * The files of a configuration that some collector reads, as a facts file records them.
 * @param path a folder or file that exists
 */
export function readConfigurationFiles(workingFolder: string, path: string): FileDigests {
  const matches = nameMatcher(collectors.flatMap(({ activation }) => activation));
  const shown = shownPath(workingFolder, path);
  const isFile = statSync(resolve(workingFolder, path)).isFile();
  const files = isFile
    ? [shown]
    : discover(workingFolder, [path], matches, undefined).files.map((file) => file.path);
  return digestsOf(shown, files, new FileStore(diskFiles(workingFolder)), {});
}

/**
 * Takes out the facts that were learned of another state of the configuration than the one in view: they say nothing
 * of this one. What is not in view cannot be compared, and changes nothing.
 */
export function dropOutdated(
  facts: readonly Fact[],
  files: readonly string[],
  store: FileStore,
  originals: Readonly<Record<string, string>>,
): Collected {
  const changes = new Map<string, string>();
  for (const { location, origin } of facts) {
    if (changes.has(location.file) || origin?.configuration === undefined || origin.files === undefined)
      continue;
    const now = digestsOf(origin.configuration, files, store, originals);
    const changed = Object.keys(now).find((path) => now[path] !== origin.files?.[path]);
    if (changed !== undefined)
      changes.set(
        location.file,
        changed === "." ? origin.configuration : `${origin.configuration}/${changed}`,
      );
  }
  const diagnostics = [...changes].map(
    ([file, path]): Diagnostic => ({
      level: "error",
      code: "facts-outdated",
      message: `${path} has changed since these facts were learned, so they are not used. Run what wrote them again.`,
      location: startOfFile(file),
    }),
  );
  return { facts: facts.filter(({ location }) => !changes.has(location.file)), diagnostics };
}
