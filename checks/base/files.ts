import { isUtf8 } from "node:buffer";
import { closeSync, openSync, readdirSync, readFileSync, readSync, statSync } from "node:fs";
import { resolve } from "node:path";
import type { Diagnostic } from "./diagnostic.ts";
import { startOfFile } from "./location.ts";

/** Files beyond this size are not read: no configuration is that large. */
export const maximumFileBytes = 16 * 1024 * 1024;

/** Documents beyond this size are not read: scans of contracts and reports of tests are large, but not that large. */
export const maximumDocumentBytes = 256 * 1024 * 1024;

/** Where files are read: the file system, or files in memory for the cases of a rule. */
export interface FileSource {
  /**
   * Undefined where there is no such file. The bytes are valid until the next file is read.
   * @param largest octets beyond which it is not read; default: `maximumFileBytes`
   */
  read(
    path: string,
    largest?: number,
  ): { readonly bytes: Uint8Array } | { readonly problem: Diagnostic } | undefined;
  /** Names of the files of a folder, sorted. */
  list(folder: string): readonly string[];
}

function problem(path: string, code: string, message: string): { readonly problem: Diagnostic } {
  return { problem: { level: "error", code, message, location: startOfFile(path) } };
}

/**
 * The bytes of a regular file within the size limit.
 * @param path the file as messages show it
 */
export function readRegular(
  absolute: string,
  path: string,
  largest = maximumFileBytes,
): ReturnType<FileSource["read"]> {
  try {
    const status = statSync(absolute, { throwIfNoEntry: false });
    if (status === undefined) return undefined;
    if (!status.isFile()) {
      if (status.isDirectory()) return undefined;
      return problem(
        path,
        "file-not-regular",
        "This is a pipe, socket or device, not a file. Name a regular file.",
      );
    }
    if (status.size > largest) {
      const size = Math.round(status.size / 1024 / 1024);
      return problem(
        path,
        "file-too-large",
        `The file has ${size} MiB; more than ${largest / 1024 / 1024} MiB is not read. Exclude it or split it.`,
      );
    }
    return { bytes: readBytes(absolute, status.size) };
  } catch (error) {
    const code = (error as NodeJS.ErrnoException).code;
    if (code === "ELOOP") {
      return problem(path, "file-symlink-loop", "The symbolic link leads to itself. Remove it.");
    }
    const why = code === "EACCES" || code === "EPERM" ? "this user may not read it" : String(code);
    return problem(
      path,
      "file-unreadable",
      `The file could not be read: ${why}. Grant read access or exclude it.`,
    );
  }
}

/** Where small files are read one after the other: most are, and a buffer for each costs more than the reading. */
const shared = Buffer.allocUnsafeSlow(64 * 1024);

/** The bytes of a file that has this size, or had it when it was last looked at. */
function readBytes(absolute: string, size: number): Uint8Array {
  if (size >= shared.length) return readFileSync(absolute);
  const file = openSync(absolute, "r");
  try {
    let length = 0;
    let read: number;
    do {
      read = readSync(file, shared, length, shared.length - length, null);
      length += read;
    } while (read > 0 && length < size);
    return length < shared.length ? shared.subarray(0, length) : readFileSync(absolute);
  } finally {
    closeSync(file);
  }
}

/** Reads below a working folder. Only regular files within the size limit. */
export function diskFiles(workingFolder: string): FileSource {
  return {
    read: (path, largest) => readRegular(resolve(workingFolder, path), path, largest),
    list: (folder) => {
      try {
        return readdirSync(resolve(workingFolder, folder), { withFileTypes: true })
          .filter((entry) => !entry.isDirectory())
          .map((entry) => entry.name)
          .sort();
      } catch {
        return [];
      }
    },
  };
}

/**
 * The text of a file that is read outside a collector: a configuration, an ignore file, a policy file. Undefined where
 * there is no such file.
 * @param path the file as messages show it
 */
export function readText(
  absolute: string,
  path: string,
): { readonly text: string } | { readonly problem: Diagnostic } | undefined {
  const found = readRegular(absolute, path);
  if (found === undefined || "problem" in found) return found;
  const text = decodeText(found.bytes);
  return text === undefined ? problem(path, "file-not-utf8", notUtf8) : { text };
}

export const notUtf8 = "The file is not UTF-8 text. Convert it (for example with iconv) or exclude it.";

/** Files held in memory, by path. */
export function memoryFiles(files: Readonly<Record<string, string>>): FileSource {
  return {
    read: (path) => {
      const text = files[path];
      return text === undefined ? undefined : { bytes: Buffer.from(text, "utf8") };
    },
    list: (folder) => {
      const prefix = folder === "." ? "" : `${folder}/`;
      return Object.keys(files)
        .filter((path) => path.startsWith(prefix) && !path.slice(prefix.length).includes("/"))
        .map((path) => path.slice(prefix.length))
        .sort();
    },
  };
}

/** Bytes as text: byte-order mark dropped, CRLF as LF. Undefined where they are not UTF-8. */
export function decodeText(bytes: Uint8Array): string | undefined {
  if (!isUtf8(bytes)) return undefined;
  const text = Buffer.from(bytes.buffer, bytes.byteOffset, bytes.byteLength).toString("utf8");
  const body = text.charCodeAt(0) === 0xfeff ? text.slice(1) : text;
  return body.includes("\r") ? body.replaceAll("\r\n", "\n") : body;
}
