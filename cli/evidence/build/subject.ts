import { statSync } from "node:fs";
import { basename, dirname, relative, resolve, sep } from "node:path";
import { decodeText, readRegular } from "#base/files.ts";
import type { FactsConfigurations } from "#engine/configuration-files.ts";
import { isWithin, shownPath } from "#engine/paths.ts";
import { usage } from "../error.ts";

/** The tree that a bundle is about, so that nothing in it depends on where the tree lies or how it is called. */
export interface Subject {
  /** Absolute; paths in the bundle are relative to it. */
  readonly root: string;
  /** What is judged, relative to the root, with forward slashes. */
  readonly paths: readonly string[];
}

/** The deepest folder that holds all given paths; a single folder is itself the root. */
export function subjectOf(workingFolder: string, given: readonly string[]): Subject {
  const absolute = given.map((path) => resolve(workingFolder, path));
  const folders = absolute.map((path) => (statSync(path).isDirectory() ? path : dirname(path)));
  const [first = workingFolder, ...rest] = folders;
  const root = rest.reduce((common, folder) => {
    let shared = common;
    while (folder !== shared && !folder.startsWith(shared.endsWith(sep) ? shared : shared + sep))
      shared = dirname(shared);
    return shared;
  }, first);
  const paths = absolute.map((path) => relative(root, path).split(sep).join("/") || ".");
  return { root, paths: paths.sort() };
}

/**
 * Places for files from elsewhere, by their names.
 * @param folder the folder under which they are judged: `facts`, `context`
 * @throws EvidenceError where two have one name
 */
export function placeFiles(
  workingFolder: string,
  folder: string,
  files: readonly string[],
): Map<string, string> {
  const placed = new Map<string, string>();
  for (const file of files) {
    const path = `${folder}/${basename(file)}`;
    if (placed.has(path))
      throw usage(
        "name-twice",
        `Two files are called ${basename(file)}. Rename one, so that the bundle can tell them apart.`,
      );
    placed.set(path, resolve(workingFolder, file));
  }
  return placed;
}

/**
 * What facts files say that they are about, as paths below the root: they say it relative to the folder that they came from.
 * @param facts by the path under which they are judged
 */
export function factsConfigurations(facts: ReadonlyMap<string, string>, root: string): FactsConfigurations {
  const entries = [...facts].map(([path, source]): [string, string | null] => {
    const configuration = statedConfiguration(source, path);
    if (configuration === undefined) return [path, null];
    const shown = shownPath(root, resolve(dirname(source), configuration));
    return [path, shown !== ".." && isWithin(".", shown) ? shown : null];
  });
  return Object.fromEntries(entries);
}

/** Undefined also where the file is none: whoever judges it says what is wrong with it. */
function statedConfiguration(source: string, path: string): string | undefined {
  const found = readRegular(source, path);
  if (found === undefined || "problem" in found) return undefined;
  try {
    const { configuration } = JSON.parse(decodeText(found.bytes) ?? "") as { configuration?: unknown };
    return typeof configuration === "string" ? configuration : undefined;
  } catch {
    return undefined;
  }
}
