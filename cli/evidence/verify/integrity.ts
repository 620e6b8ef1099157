import { createHash } from "node:crypto";
import { Ajv } from "ajv";
import type { BundleReader, Sink } from "../bundle/archive-reader.ts";
import type { ListedFile } from "../bundle/archive-writer.ts";
import { comparePaths } from "../bundle/folder.ts";
import {
  canonical,
  closingNames,
  envelopeName,
  largestManifest,
  type Manifest,
  manifestName,
  tokenName,
} from "../bundle/manifest.ts";
import { manifestSchema } from "../bundle/manifest-schema.ts";
import type { Entry } from "../bundle/ustar.ts";
import { inauthentic } from "../error.ts";
import { openEnvelope } from "../signing/envelope.ts";
import { statementOf } from "../signing/statement.ts";
import type { TimeStamp } from "../timestamp/token.ts";

export interface IntegrityOptions {
  /** Takes contents as they pass; what it got counts only when all has been read. */
  readonly sinkFor?: (path: string, size: number) => Sink | Promise<Sink>;
  /** Told of a manifest that was signed by all its signers, before any content is read; may throw. */
  readonly onSealed?: (sealed: Sealed) => void;
}

/** A manifest with what holds it together. */
export interface Sealed {
  readonly manifest: Manifest;
  /** The file with the signatures. */
  readonly envelope: Buffer;
  /** About that file, and fitting itself; by whomever. */
  readonly timeStamp: TimeStamp | undefined;
}

/**
 * Holds a bundle against its own manifest and signatures: every file listed, nothing more, nothing less, each octet
 * as it was signed. Names, sizes and signatures come first, so that a bundle that cannot be sound costs nothing.
 * @throws EvidenceError with the first thing that is wrong
 */
export async function checkIntegrity(
  reader: BundleReader,
  { sinkFor, onSealed }: IntegrityOptions = {},
): Promise<Sealed> {
  const outline = await reader.outline();
  const seen = new Set<string>();
  for (const { path } of outline) {
    if (seen.has(path)) throw inauthentic("entry-twice", `${path} is in the bundle twice.`);
    seen.add(path);
  }
  const octets = headOf(reader, outline, manifestName);
  const envelope = headOf(reader, outline, envelopeName);
  const manifest = parseManifest(octets);
  const payload = openEnvelope(envelope, manifest.signers);
  if (!payload.equals(statementOf(manifest, octets))) {
    throw inauthentic("statement-differs", "What was signed is another manifest than the one in the bundle.");
  }
  compareFiles(manifest.files, outline);
  checkInputs(manifest);
  const token = seen.has(tokenName) ? headOf(reader, outline, tokenName) : undefined;
  const timeStamp = token === undefined ? undefined : await timeStampIn(token, envelope);
  const sealed = { manifest, envelope, timeStamp };
  onSealed?.(sealed);
  const heads = new Map([
    [manifestName, octets],
    [envelopeName, envelope],
    [tokenName, token],
  ]);
  const files = await reader.scan(sinkFor);
  compareFiles(manifest.files, files);
  for (const { path, sha256 } of files) {
    const head = heads.get(path);
    if (head !== undefined && createHash("sha256").update(head).digest("hex") !== sha256)
      throw inauthentic("digest-differs", `${path} changed while it was read.`);
  }
  return sealed;
}

/** The library that reads time stamps is loaded for bundles that have one. */
async function timeStampIn(token: Buffer, envelope: Buffer): Promise<TimeStamp> {
  const { openTimeStamp } = await import("../timestamp/token.ts");
  return openTimeStamp(token, envelope);
}

function headOf(reader: BundleReader, outline: readonly Entry[], name: string): Buffer {
  const entry = outline.find(({ path }) => path === name);
  if (entry === undefined)
    throw inauthentic("entry-missing", `${name} is missing. This is no evidence bundle.`);
  if (entry.size > largestManifest)
    throw inauthentic("manifest-too-large", `${name} is too large to be true.`);
  return reader.content(name);
}

function parseManifest(octets: Buffer): Manifest {
  let value: unknown;
  try {
    value = JSON.parse(octets.toString("utf8"));
  } catch {
    throw inauthentic("manifest-unreadable", "The manifest is not JSON.");
  }
  const validate = new Ajv().compile(manifestSchema());
  if (!validate(value)) {
    const [error] = validate.errors ?? [];
    throw inauthentic(
      "manifest-invalid",
      `The manifest is not valid: ${error?.instancePath} ${error?.message}.`,
    );
  }
  if (!isCanonical(value, octets)) {
    throw inauthentic(
      "manifest-not-canonical",
      "The manifest was written anew: it is not in its canonical form.",
    );
  }
  const manifest = value as Manifest;
  const times = [manifest.createdAt, manifest.asOf, manifest.retainUntil];
  const impossible = times.find((time) => !isTime(time));
  if (impossible !== undefined) {
    throw inauthentic(
      "manifest-invalid",
      `The manifest is not valid: ${impossible} is no day of the calendar.`,
    );
  }
  return manifest;
}

/** False also for text that cannot be written as UTF-8. */
function isCanonical(value: unknown, octets: Buffer): boolean {
  try {
    return canonical(value) === octets.toString("utf8");
  } catch {
    return false;
  }
}

/** Whether a day, or a moment of it, is one of the calendar. */
function isTime(text: string): boolean {
  const time = Date.parse(text);
  return !Number.isNaN(time) && new Date(time).toISOString().startsWith(text.replace("Z", ""));
}

/** The same files with the same contents in the same order. */
function compareFiles(
  listed: readonly ListedFile[],
  found: readonly (Entry & Partial<Pick<ListedFile, "sha256">>)[],
): void {
  const contents = found.filter(({ path }) => !closingNames.includes(path));
  const expected = new Map(listed.map((file) => [file.path, file]));
  if (expected.size !== listed.length || listed.some(({ path }) => closingNames.includes(path))) {
    throw inauthentic("manifest-invalid", "The manifest lists a file twice, or itself.");
  }
  for (const { path, size, sha256 } of contents) {
    const file = expected.get(path);
    if (file === undefined) throw inauthentic("entry-unlisted", `${path} is not listed in the manifest.`);
    if (file.size !== size) throw inauthentic("size-differs", `${path} has another size than listed.`);
    if (sha256 !== undefined && file.sha256 !== sha256)
      throw inauthentic("digest-differs", `${path} is not what was signed.`);
  }
  const present = new Set(contents.map(({ path }) => path));
  const missing = listed.find(({ path }) => !present.has(path));
  if (missing !== undefined) throw inauthentic("entry-missing", `${missing.path} is missing.`);
  const closing = closingNames.filter(
    (name) => name !== tokenName || found.some(({ path }) => path === name),
  );
  const order = [...contents.map(({ path }) => path).sort(comparePaths), ...closing];
  const swapped = order.findIndex(
    (path, index) => found[index]?.path !== path || (listed[index]?.path ?? path) !== path,
  );
  if (swapped !== -1) throw inauthentic("order-differs", `${order[swapped]} does not stand in its place.`);
}

/** Inputs that are kept are the files that they name. */
function checkInputs(manifest: Manifest): void {
  const files = new Map(manifest.files.map((file) => [file.path, file]));
  for (const { path, member, size, sha256, redactions } of manifest.inputs) {
    if (member === null) continue;
    const file = files.get(member);
    const isSame = file?.size === size && file.sha256 === sha256;
    if (file === undefined || (redactions.length === 0 && !isSame)) {
      throw inauthentic("input-differs", `The input ${path} is not the file ${member} of the bundle.`);
    }
  }
}
