import { relative, resolve, sep } from "node:path";

/** A path as every report shows it: relative to the folder the command runs in, with forward slashes. */
export function shownPath(workingFolder: string, path: string): string {
  const from = relative(workingFolder, resolve(workingFolder, path));
  if (from === "") return ".";
  return from.split(sep).join("/");
}

/** Joins shown paths; `.` on either side disappears. */
export function joinShown(folder: string, name: string): string {
  return folder === "." ? name : `${folder}/${name}`;
}

/** The folder of a shown path, `.` for the working folder. */
export function folderOf(path: string): string {
  const slash = path.lastIndexOf("/");
  if (slash === -1) return ".";
  return slash === 0 ? "/" : path.slice(0, slash);
}

/** The last part of a shown path. */
export function nameOf(path: string): string {
  return path.slice(path.lastIndexOf("/") + 1);
}

/** True when `path` is `folder` or lies below it. */
export function isWithin(folder: string, path: string): boolean {
  return folder === "."
    ? !path.startsWith("../") && !path.startsWith("/")
    : path === folder || path.startsWith(`${folder}/`);
}

/** Compiles a glob over file names, where `*` is the only wildcard. */
export function nameMatcher(globs: readonly string[]): (name: string) => boolean {
  const exact = new Set(globs.filter((glob) => !glob.includes("*")));
  const suffixes = globs.filter((glob) => glob.lastIndexOf("*") === 0).map((glob) => glob.slice(1));
  const patterns = globs
    .filter((glob) => glob.lastIndexOf("*") > 0)
    .map((glob) => new RegExp(`^${glob.split("*").map(escapePattern).join(".*")}$`));
  return (name) =>
    exact.has(name) ||
    suffixes.some((suffix) => name.endsWith(suffix)) ||
    patterns.some((pattern) => pattern.test(name));
}

function escapePattern(text: string): string {
  return text.replace(/[.+?^${}()|[\]\\]/g, "\\$&");
}
