import { constants, readFileSync } from "node:fs";
import { copyFile, open, stat, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { unwritable } from "../bundle/archive-writer.ts";
import { tokenName } from "../bundle/manifest.ts";
import { PartialOutput, synchronise } from "../bundle/partial-output.ts";
import { archiveEnd, encodeHeader, paddingOf } from "../bundle/ustar.ts";
import { usage } from "../error.ts";
import { checkIntegrity, type Sealed } from "../verify/integrity.ts";
import { openBundle } from "../verify/open.ts";
import { openTimeStamp, type TimeStamp, timeStampRequest, tokenIn } from "./token.ts";

async function sealedWithout(bundle: string): Promise<Sealed> {
  const sealed = await checkIntegrity(openBundle(bundle));
  if (sealed.timeStamp === undefined) return sealed;
  throw usage("timestamp-exists", `${bundle} has a time stamp already. A bundle has one.`);
}

/**
 * Writes the request for a time stamp over the signatures of a bundle.
 * @throws EvidenceError
 */
export async function writeRequest(bundle: string, file: string): Promise<void> {
  const { envelope } = await sealedWithout(bundle);
  try {
    await writeFile(file, timeStampRequest(envelope));
  } catch (error) {
    throw unwritable(file, error);
  }
}

/**
 * Puts a time stamp behind the signatures of a bundle. Nothing else of it changes, and it appears whole or not at all.
 * @param tokenFile what the authority gave: a token or a response, DER
 * @throws EvidenceError
 */
export async function addTimeStamp(bundle: string, tokenFile: string): Promise<TimeStamp> {
  const { envelope } = await sealedWithout(bundle);
  let given: Buffer;
  try {
    given = readFileSync(tokenFile);
  } catch (error) {
    throw usage(
      "token-unreadable",
      `${tokenFile} could not be read (${(error as NodeJS.ErrnoException).code}).`,
    );
  }
  const token = tokenIn(given);
  if (token === undefined) {
    throw usage(
      "token-unreadable",
      `${tokenFile} holds no time stamp: it is none, or the authority refused to give one.`,
    );
  }
  const timeStamp = openTimeStamp(token, envelope);
  const isFolder = (await stat(bundle)).isDirectory();
  await (isFolder ? writeBeside(bundle, token) : append(bundle, token));
  return timeStamp;
}

async function writeBeside(folder: string, token: Buffer): Promise<void> {
  const path = join(folder, tokenName);
  // Beside the folder: nothing but the files of the bundle may ever stand in it.
  using partial = new PartialOutput(path, folder);
  try {
    await writeFile(partial.path, token, { flag: "wx", mode: 0o644 });
    await synchronise(partial.path);
    await partial.finish();
  } catch (error) {
    throw unwritable(path, error);
  }
}

/** A copy of the archive with the token in place of its end, and a new end. */
async function append(archive: string, token: Buffer): Promise<void> {
  using partial = new PartialOutput(archive);
  try {
    await copyFile(archive, partial.path, constants.COPYFILE_EXCL);
    await using handle = await open(partial.path, "r+");
    const { size } = await handle.stat();
    const entry = encodeHeader({ path: tokenName, size: token.length });
    const tail = Buffer.concat([entry, token, Buffer.alloc(paddingOf(token.length)), archiveEnd]);
    await handle.write(tail, 0, tail.length, size - archiveEnd.length);
    await handle.sync();
    await partial.finish();
  } catch (error) {
    throw unwritable(archive, error);
  }
}
