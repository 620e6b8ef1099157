import { realpathSync, statSync } from "node:fs";
import { resolve, sep } from "node:path";
import type { FileSource } from "#base/files.ts";

/**
 * Keeps collectors inside what the user named: the trees of the given paths (of a file, its folder), and files that
 * options name. Links are followed before it is asked where a file lies, but for those that discovery found.
 */
export function confined(source: FileSource, { workingFolder, paths, named, found }: ConfinedTo): FileSource {
  const roots = [...new Set(paths.map((path) => rootOf(resolve(workingFolder, path))))];
  const open = new Set([...named, ...found]);
  const folders = new Map<string, boolean>();
  const isInside = (path: string): boolean => {
    const real = realPath(resolve(workingFolder, path));
    return real !== undefined && roots.some((root) => real === root || real.startsWith(withSeparator(root)));
  };
  return {
    read: (path, largest) => (open.has(path) || isInside(path) ? source.read(path, largest) : undefined),
    list: (folder) => {
      const known = folders.get(folder) ?? isInside(folder);
      folders.set(folder, known);
      return known ? source.list(folder) : [];
    },
  };
}

export interface ConfinedTo {
  readonly workingFolder: string;
  /** The paths that were given, each of which exists. */
  readonly paths: readonly string[];
  /** Files that options name. */
  readonly named: readonly string[];
  /** Files that discovery found below the paths. */
  readonly found: readonly string[];
}

function rootOf(absolute: string): string {
  const real = realpathSync(absolute);
  return statSync(real).isDirectory() ? real : resolve(real, "..");
}

function withSeparator(folder: string): string {
  return folder.endsWith(sep) ? folder : folder + sep;
}

/** Where a path leads; its own place where a link cannot be followed, so that the reader says what is wrong with it. */
function realPath(absolute: string): string | undefined {
  try {
    return realpathSync(absolute);
  } catch (error) {
    return (error as NodeJS.ErrnoException).code === "ENOENT" ? undefined : absolute;
  }
}
