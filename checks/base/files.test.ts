import { execFileSync } from "node:child_process";
import { mkdirSync, mkdtempSync, rmSync, symlinkSync, truncateSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { decodeText, diskFiles, maximumFileBytes, memoryFiles, readText } from "./files.ts";

let folder: string;

beforeAll(() => {
  folder = mkdtempSync(join(tmpdir(), "hipaa-check-files-"));
});

afterAll(() => {
  rmSync(folder, { recursive: true, force: true });
});

function write(name: string, content: string | Uint8Array): string {
  writeFileSync(join(folder, name), content);
  return name;
}

function codeOf(name: string): string | undefined {
  const found = diskFiles(folder).read(name);
  return found !== undefined && "problem" in found ? found.problem.code : undefined;
}

describe("diskFiles", () => {
  test("reads a file as bytes", () => {
    write("a.tf", "é");
    const found = diskFiles(folder).read("a.tf");
    expect(found !== undefined && "bytes" in found && [...found.bytes]).toEqual([0xc3, 0xa9]);
  });

  test("says nothing of a file that is not there, and of a folder", () => {
    mkdirSync(join(folder, "folder.tf"));
    expect(diskFiles(folder).read("missing.tf")).toBeUndefined();
    expect(diskFiles(folder).read("folder.tf")).toBeUndefined();
    expect(diskFiles(folder).read("a.tf/missing.tf")).toBeUndefined();
  });

  test("says that a file is too large without reading it", () => {
    truncateSync(join(folder, write("large.tf", "")), maximumFileBytes + 1);
    expect(codeOf("large.tf")).toBe("file-too-large");
    truncateSync(join(folder, "large.tf"), maximumFileBytes);
    expect(codeOf("large.tf")).toBeUndefined();
  });

  test.skipIf(process.platform === "win32")(
    "says what a link that leads to itself, a pipe and a device are",
    () => {
      symlinkSync("loop.tf", join(folder, "loop.tf"));
      execFileSync("mkfifo", [join(folder, "pipe.tf")]);
      symlinkSync("/dev/zero", join(folder, "zero.tf"));
      expect(codeOf("loop.tf")).toBe("file-symlink-loop");
      expect(codeOf("pipe.tf")).toBe("file-not-regular");
      expect(codeOf("zero.tf")).toBe("file-not-regular");
    },
  );

  test("lists the files of a folder, links among them, sorted", () => {
    mkdirSync(join(folder, "listed", "inner"), { recursive: true });
    for (const name of ["b", "a", "B"]) write(join("listed", name), "");
    symlinkSync("a", join(folder, "listed", "c"));
    expect(diskFiles(folder).list("listed")).toEqual(["B", "a", "b", "c"]);
    expect(diskFiles(folder).list("missing")).toEqual([]);
    expect(diskFiles(folder).list("listed/a")).toEqual([]);
  });
});

describe("memoryFiles", () => {
  const files = memoryFiles({ "a.tf": "1", "x/b.tf": "2", "x/y/c.tf": "3" });

  test("reads and lists as the file system does", () => {
    expect(files.list(".")).toEqual(["a.tf"]);
    expect(files.list("x")).toEqual(["b.tf"]);
    expect(files.list("z")).toEqual([]);
    expect(files.read("x")).toBeUndefined();
    const found = files.read("x/y/c.tf");
    expect(found !== undefined && "bytes" in found && decodeText(found.bytes)).toBe("3");
  });
});

describe("text", () => {
  test("has no byte-order mark and no carriage returns at line ends", () => {
    expect(decodeText(Buffer.from("\ufeffa\r\nb\rc\n"))).toBe("a\nb\rc\n");
    expect(decodeText(Buffer.from(""))).toBe("");
  });

  test.each([
    ["Latin-1", [0x61, 0xe9, 0x62]],
    ["UTF-16", [0xff, 0xfe, 0x61, 0x00]],
    ["a surrogate", [0xed, 0xa0, 0x80]],
    ["a cut off character", [0xe2, 0x82]],
  ])("is not %s", (_, bytes) => {
    expect(decodeText(Uint8Array.from(bytes))).toBeUndefined();
    const name = write("latin.yaml", Uint8Array.from(bytes));
    expect(readText(join(folder, name), name)).toMatchObject({
      problem: { code: "file-not-utf8", location: { file: name, line: 1 } },
    });
  });
});
