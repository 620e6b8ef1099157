import { randomBytes } from "node:crypto";
import { open, rename } from "node:fs/promises";
import { dirname } from "node:path";
import { RemovedAtEnd } from "#cli/removed-at-end.ts";

/** Where something is written before it appears under its name, whole or not at all; it goes when that does not come about. */
export class PartialOutput extends RemovedAtEnd {
  private readonly target: string;

  /** @param near what it is written beside, with a name of its own; default: the target */
  constructor(target: string, near = target) {
    super(`${near}.${randomBytes(6).toString("hex")}.partial`);
    this.target = target;
  }

  /** Gives it its name. Whoever wrote it has seen to it that its octets are on the disk. */
  async finish(): Promise<void> {
    await rename(this.path, this.target);
    this.keep();
    await synchronise(dirname(this.target));
  }
}

/** Waits until a file or folder is on the disk. Where the system has no such thing for folders, nothing can be waited for. */
export async function synchronise(path: string): Promise<void> {
  await using handle = await open(path, "r");
  await handle.sync().catch((error: NodeJS.ErrnoException) => {
    if (!["EINVAL", "EPERM", "EBADF", "EISDIR", "ENOTSUP"].includes(error.code ?? "")) throw error;
  });
}
