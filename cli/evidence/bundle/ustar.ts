import { inauthentic, usage } from "../error.ts";

/** Size of a header and of the unit that contents are padded to. */
export const blockSize = 512;

/** An archive ends with two blocks of zeros and nothing behind them. */
export const archiveEnd = Buffer.alloc(2 * blockSize);

const nameLength = 100;
const prefixLength = 155;
/** Eleven octal digits. */
const largestSize = 8 ** 11 - 1;

export interface Entry {
  /** Relative, with forward slashes. */
  readonly path: string;
  /** Octets. */
  readonly size: number;
}

/** How many zero octets follow a content of this size. */
export function paddingOf(size: number): number {
  return (blockSize - (size % blockSize)) % blockSize;
}

/** True for a path that stays below the folder it is unpacked in, on every system, and that is written one way only. */
export function isSafePath(path: string): boolean {
  const parts = path.split("/");
  // biome-ignore lint/suspicious/noControlCharactersInRegex: they are what is looked for
  const isPlain = !/[\u0000-\u001f\u007f\\]/.test(path) && path === path.normalize("NFC");
  return (
    isPlain && !/^[a-zA-Z]:/.test(path) && parts.every((part) => part !== "" && part !== "." && part !== "..")
  );
}

/** True where a path has room in a USTAR header. */
export function fitsHeader(path: string): boolean {
  return splitPath(path) !== undefined;
}

/** The two fields that hold a path: the shortest prefix that leaves a name short enough. */
function splitPath(path: string): { readonly prefix: string; readonly name: string } | undefined {
  if (Buffer.byteLength(path) <= nameLength) return { prefix: "", name: path };
  for (let at = path.indexOf("/"); at !== -1; at = path.indexOf("/", at + 1)) {
    const [prefix, name] = [path.slice(0, at), path.slice(at + 1)];
    if (Buffer.byteLength(prefix) > prefixLength) return undefined;
    if (name !== "" && Buffer.byteLength(name) <= nameLength) return { prefix, name };
  }
  return undefined;
}

/**
 * The one header that a bundle may have for an entry: a regular file that everybody may read, of nobody, without a
 * time of its own.
 * @throws EvidenceError where the path or the size has no room
 */
export function encodeHeader({ path, size }: Entry): Buffer {
  const fields = isSafePath(path) ? splitPath(path) : undefined;
  if (fields === undefined) {
    throw usage(
      "path-unusable",
      `The path ${JSON.stringify(path)} cannot be kept in a bundle. Rename the file.`,
    );
  }
  if (size > largestSize) throw usage("file-too-large", `${path} has more than 8 GiB. Exclude it.`);
  const header = Buffer.alloc(blockSize);
  const octal = (value: number, at: number, digits: number): void => {
    header.write(`${value.toString(8).padStart(digits, "0")}\0`, at, "latin1");
  };
  header.write(fields.name, 0, "utf8");
  octal(0o644, 100, 7);
  octal(0, 108, 7);
  octal(0, 116, 7);
  octal(size, 124, 11);
  octal(0, 136, 11);
  header.write("        ", 148, "latin1");
  header.write("0", 156, "latin1");
  header.write("ustar\u000000", 257, "latin1");
  header.write(fields.prefix, 345, "utf8");
  const sum = header.reduce((total, octet) => total + octet, 0);
  header.write(`${sum.toString(8).padStart(6, "0")}\0 `, 148, "latin1");
  return header;
}

/**
 * Reads a header; undefined for a block of zeros. Only the very octets that `encodeHeader` writes are accepted, so
 * that links, devices, other owners, extensions and paths that lead out cannot occur.
 * @throws EvidenceError
 */
export function decodeHeader(header: Buffer): Entry | undefined {
  if (header.every((octet) => octet === 0)) return undefined;
  if (header.toString("latin1", 257, 262) !== "ustar") {
    throw inauthentic("archive-unknown", "This is no evidence bundle: something in it is no USTAR entry.");
  }
  const text = (at: number, length: number): string => {
    const field = header.subarray(at, at + length);
    const end = field.indexOf(0);
    return field.subarray(0, end === -1 ? length : end).toString("utf8");
  };
  const [name, prefix] = [text(0, nameLength), text(345, prefixLength)];
  const path = prefix === "" ? name : `${prefix}/${name}`;
  const size = Number.parseInt(text(124, 12), 8);
  const sound =
    isSafePath(path) && fitsHeader(path) && Number.isSafeInteger(size) && size >= 0 && size <= largestSize;
  if (!sound || !encodeHeader({ path, size }).equals(header)) {
    throw inauthentic(
      "header-not-plain",
      `The archive holds something other than a plain file at ${JSON.stringify(path)}: a link, a path that leads out, or a changed header.`,
    );
  }
  return { path, size };
}
