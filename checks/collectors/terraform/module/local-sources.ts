import type { CollectHost } from "#facts/collector.ts";
import { resolveLocalSource } from "./call.ts";

/** `source = "../bucket"`, and the same in JSON syntax. */
const localSource = /\bsource"?\s*[=:]\s*"(\.\.?(?:\/[^"$]*)?)"/g;

export function folderOf(path: string): string {
  const slash = path.lastIndexOf("/");
  return slash === -1 ? "." : path.slice(0, slash) || "/";
}

/**
 * By the folder of a module: the files of the modules that call it, and of those that call these, since the values of
 * its variables come from there; and the files of the modules that it calls itself. Cheap, since it only looks for
 * paths that `source` names.
 */
export function relatedFiles(
  files: readonly string[],
  host: CollectHost,
): ReadonlyMap<string, readonly string[]> {
  const callers = new Map<string, Set<string>>();
  for (const file of files) {
    const text = host.read(file);
    if (text === undefined || !text.includes("module")) continue;
    const folder = folderOf(file);
    for (const [, source = ""] of text.matchAll(localSource)) {
      const called = resolveLocalSource(source, folder);
      if (called === undefined || called === folder) continue;
      callers.set(called, (callers.get(called) ?? new Set()).add(file));
    }
  }
  if (callers.size === 0) return new Map();
  const related = new Map<string, Set<string>>();
  const relate = (folder: string, file: string): void => {
    related.set(folder, (related.get(folder) ?? new Set()).add(file));
  };
  for (const folder of callers.keys()) {
    for (const caller of allCallers(folder, callers)) relate(folder, caller);
  }
  for (const file of files) {
    for (const caller of callers.get(folderOf(file)) ?? []) relate(folderOf(caller), file);
  }
  return new Map([...related].map(([folder, found]) => [folder, [...found].sort()]));
}

function allCallers(folder: string, callers: ReadonlyMap<string, ReadonlySet<string>>): ReadonlySet<string> {
  const found = new Set<string>();
  const pending = [folder];
  for (let at = pending.pop(); at !== undefined; at = pending.pop()) {
    for (const file of callers.get(at) ?? []) {
      if (found.has(file)) continue;
      found.add(file);
      pending.push(folderOf(file));
    }
  }
  return found;
}
