import { closeSync, mkdirSync, openSync, writeSync } from "node:fs";
import { tmpdir } from "node:os";
import { dirname, join } from "node:path";
import { TemporaryFolder } from "#cli/temporary-folder.ts";
import { bundledReports, contextName, rulesName } from "../build/build.ts";
import { inputFolder } from "../build/inputs.ts";
import type { Sink } from "../bundle/archive-reader.ts";
import { EvidenceError, usage } from "../error.ts";

/** Files that are read; all others count by their digests. */
const readParts = new Set<string>([bundledReports.json, contextName, rulesName]);
const readFolder = "policies/editions/";

/** Octets that are held in memory at most. */
const largestKept = 512 * 1024 * 1024;

/**
 * Takes what is needed of a bundle while it is checked: inputs to a folder of its own where they are to be evaluated again,
 * results and policies to memory. What it took counts only once the bundle is known to be whole.
 */
export class Contents implements Disposable {
  private readonly kept = new Map<string, Buffer[]>();
  private readonly temporary: TemporaryFolder | undefined;
  private readonly openFiles = new Set<number>();
  private size = 0;

  private constructor(temporary: TemporaryFolder | undefined) {
    this.temporary = temporary;
  }

  private get folder(): string | undefined {
    return this.temporary?.path;
  }

  static open(withInputs: boolean): Contents {
    return new Contents(
      withInputs ? unpacking("a bundle", () => new TemporaryFolder("evidence")) : undefined,
    );
  }

  /** Where the inputs lie as they were judged; undefined where they were not asked for. */
  get inputs(): string | undefined {
    return this.folder === undefined ? undefined : join(this.folder, inputFolder);
  }

  /** A sink for `checkIntegrity`. Paths have been found safe before it is asked. */
  readonly sinkFor = (path: string, size: number): Sink => {
    if (path.startsWith(`${inputFolder}/`)) {
      if (this.folder === undefined) return undefined;
      const target = join(this.folder, path);
      const file = unpacking(path, () => {
        mkdirSync(dirname(target), { recursive: true });
        return openSync(target, "wx", 0o600);
      });
      this.openFiles.add(file);
      let missing = size;
      const take = (chunk: Buffer): void => {
        unpacking(path, () => {
          for (let at = 0; at < chunk.length; ) at += writeSync(file, chunk, at);
        });
        missing -= chunk.length;
        if (missing <= 0) this.close(file);
      };
      if (size === 0) this.close(file);
      return take;
    }
    if (!readParts.has(path) && !path.startsWith(readFolder)) return undefined;
    this.size += size;
    if (this.size > largestKept) {
      throw new EvidenceError("undecided", "parts-too-large", `${path} is too large to be read here.`);
    }
    const chunks: Buffer[] = [];
    this.kept.set(path, chunks);
    return (chunk) => {
      chunks.push(Buffer.from(chunk));
    };
  };

  /** The octets of a file that was kept. */
  octets(path: string): Buffer | undefined {
    const chunks = this.kept.get(path);
    return chunks === undefined ? undefined : Buffer.concat(chunks);
  }

  private close(file: number): void {
    if (this.openFiles.delete(file)) closeSync(file);
  }

  [Symbol.dispose](): void {
    for (const file of this.openFiles) this.close(file);
    this.temporary?.[Symbol.dispose]();
  }
}

/** @throws EvidenceError where a file cannot be unpacked into the temporary folder of this machine */
function unpacking<T>(path: string, work: () => T): T {
  try {
    return work();
  } catch (error) {
    const { code } = error as NodeJS.ErrnoException;
    const why = code === "ENOSPC" ? "the disk is full" : code;
    throw usage(
      "unpacking-failed",
      `${path} could not be unpacked in ${tmpdir()} (${why}). Set TMPDIR to a folder with room.`,
    );
  }
}
