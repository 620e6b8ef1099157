import {
  accessSync,
  chmodSync,
  closeSync,
  constants,
  openSync,
  renameSync,
  rmSync,
  statSync,
  writeFileSync,
} from "node:fs";
import { dirname, resolve } from "node:path";
import { UsageError } from "#cli/errors.ts";

/** A text, or the parts of one that would be large. */
export type Content = string | Generator<string>;

export interface Destination<Format> {
  readonly format: Format;
  /** Undefined for standard output. */
  readonly file: string | undefined;
}

/**
 * The n-th output belongs to the n-th format; at most one format goes to standard output.
 * @param usual the format where none is named
 * @throws UsageError
 */
export function chooseDestinations<Format>(
  named: readonly Format[],
  outputs: readonly string[],
  usual: Format,
): Destination<Format>[] {
  const chosen = named.length > 0 ? named : [usual];
  if (outputs.length > chosen.length) {
    throw new UsageError(
      `There are ${outputs.length} --output for ${chosen.length} --format. Give one --format for each.`,
    );
  }
  const destinations = chosen.map((format, index) => {
    const output = outputs[index];
    return { format, file: output === undefined || output === "-" ? undefined : output };
  });
  if (destinations.filter(({ file }) => file === undefined).length > 1) {
    throw new UsageError(
      "Two formats would go to standard output. Give each --format its --output (- for standard output).",
    );
  }
  const files = destinations.flatMap(({ file }) => (file === undefined ? [] : [resolve(file)]));
  const twice = files.find((file, index) => files.indexOf(file) !== index && isOrdinary(file));
  if (twice !== undefined) {
    throw new UsageError(`Two formats would go to ${twice}. Give each --format an --output of its own.`);
  }
  return destinations;
}

/** A device or pipe takes one text after the other. */
function isOrdinary(path: string): boolean {
  return statSync(path, { throwIfNoEntry: false })?.isFile() !== false;
}

/** Says early that a file cannot be written, before any work is done. */
export function requireWritable(path: string, flag = "--output"): void {
  const folder = dirname(resolve(path));
  const status = statSync(folder, { throwIfNoEntry: false });
  if (status?.isDirectory() !== true) {
    throw new UsageError(`${flag} ${path}: the folder ${dirname(path)} does not exist. Create it first.`);
  }
  if (statSync(resolve(path), { throwIfNoEntry: false })?.isDirectory() === true) {
    throw new UsageError(`${flag} ${path} is a folder. Name a file.`);
  }
  try {
    accessSync(isOrdinary(resolve(path)) ? folder : resolve(path), constants.W_OK);
  } catch (error) {
    throw new UsageError(`${flag} ${path} could not be written (${(error as NodeJS.ErrnoException).code}).`);
  }
}

/** Writes a file whole or not at all, with the permissions that it has; devices and pipes, which cannot be replaced, are written to directly. */
export function writeWhole(path: string, content: Content, flag = "--output"): void {
  const present = statSync(resolve(path), { throwIfNoEntry: false });
  const isSpecial = present?.isFile() === false;
  const written = isSpecial ? resolve(path) : `${resolve(path)}.${process.pid}.tmp`;
  try {
    writeParts(written, content);
    if (!isSpecial) {
      if (present !== undefined) chmodSync(written, present.mode);
      renameSync(written, resolve(path));
    }
  } catch (error) {
    if (!isSpecial) rmSync(written, { force: true });
    const why = (error as NodeJS.ErrnoException).code ?? String(error);
    throw new UsageError(`${flag} ${path} could not be written (${why}).`);
  }
}

function writeParts(path: string, content: Content): void {
  const file = openSync(path, "w");
  try {
    for (const piece of pieces(content)) writeFileSync(file, piece);
  } finally {
    closeSync(file);
  }
}

/** The whole of a content. */
export function wholeText(content: Content): string {
  return typeof content === "string" ? content : [...content].join("");
}

/** Parts put together, so that few large writes are made. */
function* pieces(content: Content): Generator<string> {
  if (typeof content === "string") {
    yield content;
    return;
  }
  let gathered = "";
  for (const part of content) {
    gathered += part;
    if (gathered.length < pieceLength) continue;
    yield gathered;
    gathered = "";
  }
  yield gathered;
}

const pieceLength = 256 * 1024;

/**
 * Writes to standard output and waits until it is taken; a reader that left early is no error.
 * @throws UsageError where it cannot be written, as when a disk is full
 */
export async function print(content: Content): Promise<void> {
  for (const piece of pieces(content)) if (!(await printPiece(piece))) return;
}

/** Whether anybody still reads. */
function printPiece(piece: string): Promise<boolean> {
  return new Promise((done, failed) => {
    process.stdout.write(piece, (error) => {
      if (error === undefined || error === null) done(true);
      else if ((error as NodeJS.ErrnoException).code === "EPIPE") done(false);
      else failed(unwritable(error));
    });
  });
}

/** Says that standard output takes nothing, as when a disk is full. */
export function unwritable({ code, message }: NodeJS.ErrnoException): UsageError {
  return new UsageError(`Standard output could not be written (${code ?? message}).`);
}
