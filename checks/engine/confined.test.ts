import { mkdirSync, mkdtempSync, rmSync, symlinkSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, beforeAll, expect, test } from "vitest";
import { diskFiles, type FileSource } from "#base/files.ts";
import { confined } from "./confined.ts";

let folder: string;

beforeAll(() => {
  folder = mkdtempSync(join(tmpdir(), "hipaa-check-confined-"));
  for (const path of ["inside/sub", "beside"]) mkdirSync(join(folder, path), { recursive: true });
  for (const path of ["inside/a.tf", "inside/sub/b.txt", "beside/c.txt", "d.tfvars"]) {
    writeFileSync(join(folder, path), path);
  }
  symlinkSync("../beside/c.txt", join(folder, "inside/out.txt"));
  symlinkSync("sub/b.txt", join(folder, "inside/in.txt"));
  symlinkSync("../beside", join(folder, "inside/folder"));
  symlinkSync("loop.txt", join(folder, "inside/loop.txt"));
});

afterAll(() => rmSync(folder, { recursive: true }));

function reach(...paths: string[]): FileSource {
  return confined(diskFiles(folder), { workingFolder: folder, paths, named: ["d.tfvars"], found: [] });
}

function isRead(source: FileSource, path: string): boolean {
  return source.read(path) !== undefined;
}

test.each([
  ["inside/a.tf", true],
  ["inside/sub/b.txt", true],
  ["inside/in.txt", true],
  ["inside/missing.txt", false],
  ["inside/out.txt", false],
  ["inside/folder/c.txt", false],
  ["inside/../beside/c.txt", false],
  ["beside/c.txt", false],
  ["/etc/hostname", false],
  ["d.tfvars", true],
])("below a given folder: %s is read: %s", (path, expected) => {
  expect(isRead(reach("inside"), path)).toBe(expected);
});

test("of a given file, its folder is open", () => {
  expect(isRead(reach("inside/a.tf"), "inside/sub/b.txt")).toBe(true);
  expect(isRead(reach("inside/sub/b.txt"), "inside/a.tf")).toBe(false);
});

test("folders outside are empty", () => {
  expect(reach("inside").list("inside/sub")).toEqual(["b.txt"]);
  expect(reach("inside").list("beside")).toEqual([]);
  expect(reach("inside").list("inside/folder")).toEqual([]);
});

test("a link that leads to itself is still said", () => {
  expect(reach("inside").read("inside/loop.txt")).toMatchObject({ problem: { code: "file-symlink-loop" } });
});
