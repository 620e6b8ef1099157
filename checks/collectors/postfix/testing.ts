import { readdirSync, readFileSync, statSync } from "node:fs";
import { join } from "node:path";
import type { Diagnostic } from "#base/diagnostic.ts";
import type { Value } from "#base/value.ts";
import type { CollectHost } from "#facts/collector.ts";
import type { Fact } from "#facts/fact.ts";
import { collector } from "./collector.ts";

/** Files in memory, by path. */
export type Files = Readonly<Record<string, string>>;

export function memoryHost(
  files: Files,
  machineName?: string,
  envFiles: readonly string[] = [],
): CollectHost {
  return {
    options: {
      varFiles: [],
      envFiles,
      terraformVariables: {},
      ...(machineName === undefined ? {} : { machineName }),
    },
    read: (path) => files[path],
    holds: (path) => (files[path] ?? "") !== "",
    list: (folder) =>
      Object.keys(files)
        .filter(
          (path) => path.slice(0, Math.max(0, path.lastIndexOf("/"))) === (folder === "." ? "" : folder),
        )
        .map((path) => path.slice(path.lastIndexOf("/") + 1))
        .sort(),
  };
}

/** All files of a folder, by their path in it. */
export function folderFiles(folder: string): Files {
  const entries = readdirSync(folder, { recursive: true, encoding: "utf8" }).filter((path) =>
    statSync(join(folder, path)).isFile(),
  );
  return Object.fromEntries(entries.map((path) => [path, readFileSync(join(folder, path), "utf8")]));
}

export class Collection {
  readonly facts: readonly Fact[];
  readonly diagnostics: readonly Diagnostic[];

  constructor(facts: readonly Fact[], diagnostics: readonly Diagnostic[]) {
    this.facts = facts;
    this.diagnostics = diagnostics;
  }

  fact(kind: string, id: string): Fact {
    const found = this.facts.find((fact) => fact.kind === kind && fact.id === id);
    if (found === undefined) {
      throw new Error(
        `no ${kind} ${id} among ${this.facts.map((fact) => `${fact.kind} ${fact.id}`).join(", ")}`,
      );
    }
    return found;
  }

  ids(kind: string): string[] {
    return this.facts.filter((fact) => fact.kind === kind).map(({ id }) => id);
  }

  attribute(kind: string, id: string, name: string): Value {
    return this.fact(kind, id).attributes[name] ?? { state: "absent", chain: [] };
  }

  /** A value as one word: JSON, `unknown` or `absent`. */
  shown(kind: string, id: string, name: string): string {
    const value = this.attribute(kind, id, name);
    return value.state === "known" ? JSON.stringify(value.value) : value.state;
  }
}

/** Runs the collector on files in memory. */
export async function collectFiles(
  files: Files,
  machineName?: string,
  envFiles: readonly string[] = [],
): Promise<Collection> {
  const host = memoryHost(files, machineName, envFiles);
  const names = Object.keys(files).filter((path) => /(?:^|\/)(?:main|master)\.cf$/.test(path));
  const results = await Promise.all(
    collector.group(names, host).map(async (unit) => await collector.collect(unit, host)),
  );
  return new Collection(
    results.flatMap(({ facts }) => facts),
    results.flatMap(({ diagnostics }) => diagnostics),
  );
}
