import { mkdtempSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { RemovedAtEnd } from "./removed-at-end.ts";

/** A folder that only this user can read and that goes with the scope, and also when the process is asked to end. */
export class TemporaryFolder extends RemovedAtEnd {
  constructor(purpose: string) {
    super(mkdtempSync(join(tmpdir(), `hipaa-check-${purpose}-`)));
  }
}
