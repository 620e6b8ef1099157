import { closeSync, constants, fstatSync, openSync } from "node:fs";
import { usage } from "../error.ts";

/**
 * Opens a file for reading. Never waits for a pipe that took its place.
 * @returns a file descriptor that the caller closes
 * @throws EvidenceError
 */
export function openRegular(path: string): number {
  let file: number;
  try {
    file = openSync(path, constants.O_RDONLY | constants.O_NONBLOCK);
  } catch (error) {
    throw usage("input-unreadable", `${path} could not be read (${(error as NodeJS.ErrnoException).code}).`);
  }
  if (fstatSync(file).isFile()) return file;
  closeSync(file);
  throw usage("input-unreadable", `${path} is no regular file.`);
}
