import { createWriteStream } from "node:fs";
import { mkdir, mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { dirname, join } from "node:path";
import { finished } from "node:stream/promises";
import { bundledReports, contextName, rulesName } from "../build/build.ts";
import { inputFolder } from "../build/inputs.ts";
import type { Sink } from "../bundle/archive-reader.ts";
import { EvidenceError } from "../error.ts";

/** Files that are read; all others count by their digests. */
const readParts = new Set<string>([bundledReports.json, contextName, rulesName]);
const readFolder = "policies/editions/";

/** Octets that are held in memory at most. */
const largestKept = 512 * 1024 * 1024;

/**
 * Takes what is needed of a bundle while it is checked: inputs to a folder of its own where they are to be evaluated again,
 * results and policies to memory. What it took counts only once the bundle is known to be whole.
 */
export class Contents implements AsyncDisposable {
  private readonly kept = new Map<string, Buffer[]>();
  private readonly folder: string | undefined;
  private size = 0;

  private constructor(folder: string | undefined) {
    this.folder = folder;
  }

  static async open(withInputs: boolean): Promise<Contents> {
    return new Contents(withInputs ? await mkdtemp(join(tmpdir(), "hipaa-check-evidence-")) : undefined);
  }

  /** Where the inputs lie as they were judged; undefined where they were not asked for. */
  get inputs(): string | undefined {
    return this.folder === undefined ? undefined : join(this.folder, inputFolder);
  }

  /** A sink for `checkIntegrity`. Paths have been found safe before it is asked. */
  readonly sinkFor = async (path: string, size: number): Promise<Sink> => {
    if (path.startsWith(`${inputFolder}/`)) {
      if (this.folder === undefined) return undefined;
      const target = join(this.folder, path);
      await mkdir(dirname(target), { recursive: true });
      const stream = createWriteStream(target, { flags: "wx", mode: 0o600 });
      if (size === 0) stream.end();
      let written = 0;
      return async (chunk) => {
        written += chunk.length;
        stream.write(Buffer.from(chunk));
        if (written === size) {
          stream.end();
          await finished(stream);
        }
      };
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

  async [Symbol.asyncDispose](): Promise<void> {
    if (this.folder !== undefined) await rm(this.folder, { recursive: true, force: true });
  }
}
