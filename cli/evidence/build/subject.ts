import { statSync } from "node:fs";
import { basename, dirname, relative, resolve, sep } from "node:path";
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
