import { envelopeName, manifestName } from "../bundle/manifest.ts";
import { archiveEnd, blockSize } from "../bundle/ustar.ts";
import { type Change, edit, editText, header, headerOf, octets, type Part, parts } from "./change.ts";
import { longPath } from "./sound-bundle.ts";

/** Changes of the archive and of the files in it. */
export const archiveChanges: Readonly<Record<string, Change>> = {
  "one octet of an input": {
    make: edit("inputs/relay/main.cf", (c) => Buffer.from(c.toString().replace("encrypt", "enCrypt"))),
    code: "digest-differs",
  },
  "one octet of a result": {
    make: edit("results/report.json", (c) => Buffer.from(c.toString().replace("[]", "{}"))),
    code: "digest-differs",
  },
  "a line end behind a result": {
    make: editText("results/report.json", (text) => `${text}\n`),
    code: "size-differs",
  },
  "a file made empty": { make: edit(longPath, () => Buffer.alloc(0)), code: "size-differs" },
  "a file removed": {
    make: parts((list) => list.filter(({ path }) => path !== "results/empty.txt")),
    code: "entry-missing",
  },
  "a file added": {
    make: parts((list) => [{ path: "aaa.txt", content: Buffer.from("x") }, ...list]),
    code: "entry-unlisted",
  },
  "an empty file added": {
    make: parts((list) => [
      ...list.slice(0, 1),
      { path: "inputs/x", content: Buffer.alloc(0) },
      ...list.slice(1),
    ]),
    code: "entry-unlisted",
  },
  "a file twice": { make: parts((list) => [list[0] as Part, ...list]), code: "entry-twice" },
  "a second manifest": { make: parts((list) => [...list, list.at(-2) as Part]), code: "entry-twice" },
  "a file renamed": {
    make: parts((list) =>
      list.map((part) => (part.path === "results/empty.txt" ? { ...part, path: "results/empty.tyt" } : part)),
    ),
    code: "entry-unlisted",
  },
  "two contents swapped": {
    make: parts((list) => {
      const [a, b] = [list[2] as Part, list[3] as Part];
      [a.content, b.content] = [b.content, a.content];
      return list;
    }),
    code: "size-differs",
  },
  "two files in another order": {
    make: parts((list) => [list[1] as Part, list[0] as Part, ...list.slice(2)]),
    code: "order-differs",
  },
  "the manifest first": {
    make: parts((list) => [list.at(-2) as Part, ...list.slice(0, -2), list.at(-1) as Part]),
    code: "order-differs",
  },
  "the signature before the manifest": {
    make: parts((list) => [...list.slice(0, -2), list.at(-1) as Part, list.at(-2) as Part]),
    code: "order-differs",
  },
  "the manifest removed": {
    make: parts((list) => list.filter(({ path }) => path !== manifestName)),
    code: "entry-missing",
  },
  "the signature removed": {
    make: parts((list) => list.filter(({ path }) => path !== envelopeName)),
    code: "entry-missing",
  },
  "an archive of nothing": { make: () => archiveEnd, code: "entry-missing" },
  "an empty file in place of the archive": { make: () => Buffer.alloc(0), code: "archive-truncated" },
  "the end cut off": {
    make: octets((archive) => archive.subarray(0, -archiveEnd.length)),
    code: "archive-truncated",
  },
  "cut in a content": {
    make: octets((archive) => archive.subarray(0, blockSize + 5)),
    code: "archive-truncated",
  },
  "cut in a header": { make: octets((archive) => archive.subarray(0, 100)), code: "archive-truncated" },
  "one octet behind the end": {
    make: octets((archive) => Buffer.concat([archive, Buffer.from("x")])),
    code: "archive-extended",
  },
  "zeros behind the end": {
    make: octets((archive) => Buffer.concat([archive, Buffer.alloc(blockSize)])),
    code: "archive-extended",
  },
  "another archive behind the end": {
    make: octets((archive) => Buffer.concat([archive, archive])),
    code: "archive-extended",
  },
  "something in the last block": {
    make: octets((archive) => {
      archive[archive.length - 1] = 1;
    }),
    code: "archive-extended",
  },
  "something in the padding": {
    make: octets((archive) => {
      archive.write("hidden", headerOf("results/report.json") + blockSize + 60);
    }),
    code: "archive-padding",
  },
  "a time in a header": { make: header(0, 136, "15061503300"), code: "header-not-plain" },
  "an owner in a header": { make: header(0, 108, "0001750"), code: "header-not-plain" },
  "a name of an owner": { make: header(0, 265, "root"), code: "header-not-plain" },
  "another mode": { make: header(0, 100, "0000755"), code: "header-not-plain" },
  "a symbolic link": { make: header(0, 156, "2"), code: "header-not-plain" },
  "a hard link": { make: header(0, 156, "1"), code: "header-not-plain" },
  "a folder entry": { make: header(0, 156, "5"), code: "header-not-plain" },
  "an extended header": { make: header(0, 156, "x"), code: "header-not-plain" },
  "a path that leads out": {
    make: header(headerOf("results/report.json"), 0, "../../../report.jso"),
    code: "header-not-plain",
  },
  "an absolute path": { make: header(headerOf("results/report.json"), 0, "/"), code: "header-not-plain" },
  "a wrong checksum": {
    make: octets((archive) => {
      archive.write("000000", 148, "latin1");
    }),
    code: "header-not-plain",
  },
  "a size that is no number": { make: header(0, 124, "0000000003z"), code: "header-not-plain" },
  "a path in decomposed letters": {
    make: header(headerOf("results/report.json"), 0, "results/e\u0301.json\0\0".normalize("NFD")),
    code: "header-not-plain",
  },
};
