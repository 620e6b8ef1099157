import { randomBytes } from "node:crypto";
import { mkdir, realpath, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { removeOnDeath } from "./death-watch.ts";

/** A private folder that is gone when it is disposed of, and also when the process is killed. */
export interface TemporaryFolder extends AsyncDisposable {
  readonly path: string;
  /** Writes a file readable by the owner only; gives its path. */
  write(name: string, content: string | Buffer): Promise<string>;
}

export const temporaryPrefix = "hipaa-check-";

export async function createTemporaryFolder(purpose: string): Promise<TemporaryFolder> {
  const name = `${temporaryPrefix}${purpose}-${process.pid}-${randomBytes(6).toString("hex")}`;
  const path = join(await realpath(tmpdir()), name);
  // Listed before it exists, so that there is no moment in which a kill would leave it behind.
  const release = await removeOnDeath(path);
  await mkdir(path, { mode: 0o700 });
  return {
    path,
    async write(file, content) {
      const target = join(path, file);
      await writeFile(target, content, { mode: 0o600 });
      return target;
    },
    async [Symbol.asyncDispose]() {
      await rm(path, { recursive: true, force: true });
      await release();
    },
  };
}
