import { hash } from "node:crypto";
import { mkdirSync, readFileSync, renameSync, rmSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import type { Collected } from "#facts/collector.ts";

/** A file that a result came from: its digest, or null for one that was looked for and is not there. */
export type Dependency = readonly [path: string, digest: string | null];

export interface CacheEntry {
  readonly dependencies: readonly Dependency[];
  /** Files whose octets count, whatever they say. */
  readonly documents: readonly Dependency[];
  /** Folders that were listed, with the digest of their names. */
  readonly folders: readonly Dependency[];
  readonly collected: Collected;
}

export function digestOf(content: string | Uint8Array): string {
  return hash("sha256", content, "base64url");
}

/**
 * What collectors found in earlier runs, in one file per set of given paths. A file that is damaged, or that another
 * version wrote, is ignored: its digest covers every byte.
 */
export class FactCache {
  private readonly file: string;
  private readonly earlier: Readonly<Record<string, CacheEntry>>;
  private readonly current: Record<string, CacheEntry> = {};
  private changed = false;

  /**
   * @param folder where cache files live, outside the tree under check
   * @param key everything that all entries depend on: versions, options, paths
   */
  constructor(folder: string, key: string) {
    this.file = join(folder, `${digestOf(key)}.json`);
    this.earlier = this.load();
  }

  private load(): Readonly<Record<string, CacheEntry>> {
    try {
      const content = readFileSync(this.file, "utf8");
      const split = content.indexOf("\n");
      const body = content.slice(split + 1);
      if (content.slice(0, split) !== digestOf(body)) return {};
      return JSON.parse(body) as Record<string, CacheEntry>;
    } catch {
      return {};
    }
  }

  /** The entry of a unit, while everything it came from is as it was. */
  find(unit: string, isCurrent: (entry: CacheEntry) => boolean): CacheEntry | undefined {
    const entry = this.earlier[unit];
    if (entry === undefined || !isCurrent(entry)) return undefined;
    this.current[unit] = entry;
    return entry;
  }

  keep(unit: string, entry: CacheEntry): void {
    this.current[unit] = entry;
    this.changed = true;
  }

  /** Writes the cache whole. A cache that cannot be written only costs time, so a failure is no error. */
  save(): void {
    if (!this.changed && Object.keys(this.current).length === Object.keys(this.earlier).length) return;
    const body = JSON.stringify(this.current);
    const temporary = `${this.file}.${process.pid}`;
    try {
      mkdirSync(join(this.file, ".."), { recursive: true, mode: 0o700 });
      writeFileSync(temporary, `${digestOf(body)}\n${body}`, { mode: 0o600 });
      renameSync(temporary, this.file);
    } catch {
      try {
        rmSync(temporary, { force: true });
      } catch {
        // There is no such folder, so nothing was left in it.
      }
    }
  }
}
