// What can be done to a bundle that is sound: to its files, to its octets, and with the keys of its signers.

import { canonical, envelopeName, type Manifest, manifestName } from "../bundle/manifest.ts";
import { archiveEnd, blockSize, encodeHeader, paddingOf } from "../bundle/ustar.ts";
import { sealEnvelope } from "../signing/envelope.ts";
import type { SigningKey } from "../signing/keys.ts";
import { statementOf } from "../signing/statement.ts";
import { approver, assessor, sound } from "./sound-bundle.ts";

/**
 * One kind of change, with the code of the reason for which it has to be rejected; `python` where that verifier ends otherwise
 * than with 1: it looks at a time stamp when it is told whom to believe.
 */
export interface Change {
  readonly make: () => Buffer;
  readonly code: string;
  readonly python?: number;
}

/** The files of an archive that is sound. */
export interface Part {
  path: string;
  content: Buffer;
}

export function unpack(archive: Buffer): Part[] {
  const parts: Part[] = [];
  for (let at = 0; archive[at] !== 0; ) {
    const text = (from: number, length: number): string =>
      archive
        .subarray(at + from, at + from + length)
        .toString("utf8")
        .replace(/\0.*$/s, "");
    const size = Number.parseInt(text(124, 12), 8);
    const prefix = text(345, 155);
    const content = Buffer.from(archive.subarray(at + blockSize, at + blockSize + size));
    parts.push({ path: (prefix === "" ? "" : `${prefix}/`) + text(0, 100), content });
    at += blockSize + size + paddingOf(size);
  }
  return parts;
}

export function pack(parts: readonly Part[]): Buffer {
  return Buffer.concat([
    ...parts.flatMap(({ path, content }) => [
      encodeHeader({ path, size: content.length }),
      content,
      Buffer.alloc(paddingOf(content.length)),
    ]),
    archiveEnd,
  ]);
}

/** A change of the files of the bundle. */
export function parts(change: (parts: Part[]) => Part[] | undefined): () => Buffer {
  return () => {
    const list = unpack(sound);
    return pack(change(list) ?? list);
  };
}

export function edit(path: string, change: (content: Buffer) => Buffer): () => Buffer {
  return parts((list) =>
    list.map((part) => (part.path === path ? { path, content: change(part.content) } : part)),
  );
}

/** A change of octets of the archive. */
export function octets(change: (archive: Buffer) => Buffer | undefined): () => Buffer {
  return () => {
    const archive = Buffer.from(sound);
    return change(archive) ?? archive;
  };
}

export function editText(path: string, change: (text: string) => string): () => Buffer {
  return edit(path, (content) => Buffer.from(change(content.toString("utf8"))));
}

interface Envelope {
  payload: string;
  payloadType: string;
  signatures: { keyid: string; sig: string }[];
}

export function editEnvelope(change: (envelope: Envelope) => unknown): () => Buffer {
  return editText(envelopeName, (text) => canonical(change(JSON.parse(text) as Envelope)));
}

type Loose = { -readonly [K in keyof Manifest]: Manifest[K] };

/** A manifest that was changed, and signed again by the given keys. */
export function resign(
  change: (manifest: Loose) => void,
  by: readonly SigningKey[],
  rest: (list: Part[]) => Part[] = (list) => list,
): () => Buffer {
  return parts((list) => {
    const manifest = JSON.parse(
      list.find(({ path }) => path === manifestName)?.content.toString() ?? "",
    ) as Loose;
    change(manifest);
    const written = Buffer.from(canonical(manifest));
    const content = sealEnvelope(statementOf(manifest, written), by);
    return rest(list).map((part) => {
      if (part.path === manifestName) return { path: manifestName, content: written };
      return part.path === envelopeName ? { path: envelopeName, content } : part;
    });
  });
}

export function header(at: number, field: number, value: string): () => Buffer {
  return octets((archive) => {
    archive.write(value, at + field, "latin1");
    archive.write("        ", at + 148, "latin1");
    const sum = archive.subarray(at, at + blockSize).reduce((total, octet) => total + octet, 0);
    archive.write(`${sum.toString(8).padStart(6, "0")}\0 `, at + 148, "latin1");
  });
}

/** A manifest whose text was changed, whatever that makes of it, and signed again by its signers. */
export function rewrite(change: (text: string) => string): () => Buffer {
  return parts((list) => {
    const text = list.find(({ path }) => path === manifestName)?.content.toString() ?? "";
    const written = Buffer.from(change(text));
    const content = sealEnvelope(statementOf(JSON.parse(text) as Manifest, written), [assessor, approver]);
    return list.map((part) => {
      if (part.path === manifestName) return { path: manifestName, content: written };
      return part.path === envelopeName ? { path: envelopeName, content } : part;
    });
  });
}

export function headerOf(path: string): number {
  let at = 0;
  for (const part of unpack(sound)) {
    if (part.path === path) return at;
    at += blockSize + part.content.length + paddingOf(part.content.length);
  }
  throw new Error(path);
}
