import type { Collected, CollectHost } from "#facts/collector.ts";
import { collector } from "./collector.ts";

export interface Outside {
  readonly varFiles?: readonly string[];
  readonly environment?: Readonly<Record<string, string>>;
}

/** A host for files in memory, for tests. */
export function memoryHost(files: Readonly<Record<string, string>>, outside: Outside = {}): CollectHost {
  return {
    options: {
      varFiles: outside.varFiles ?? [],
      envFiles: [],
      terraformVariables: outside.environment ?? {},
    },
    read: (path) => files[path],
    list: (folder) => {
      const prefix = folder === "." ? "" : `${folder}/`;
      return Object.keys(files)
        .filter((path) => path.startsWith(prefix) && !path.slice(prefix.length).includes("/"))
        .map((path) => path.slice(prefix.length))
        .sort();
    },
  };
}

/** Collects every module of a tree of files in memory, for tests. */
export async function collectAll(
  files: Readonly<Record<string, string>>,
  outside: Outside = {},
): Promise<Collected> {
  const host = memoryHost(files, outside);
  const matched = Object.keys(files).filter((path) => /\.tf(?:\.json)?$/.test(path));
  const collected = await Promise.all(
    collector.group(matched.sort(), host).map((unit) => collector.collect(unit, host)),
  );
  return {
    facts: collected.flatMap((part) => part.facts),
    diagnostics: collected.flatMap((part) => part.diagnostics),
  };
}
