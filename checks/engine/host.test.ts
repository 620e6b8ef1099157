import { describe, expect, test } from "vitest";
import { memoryFiles } from "#base/files.ts";
import { FileStore } from "./host.ts";

const large = (letter: string): string => letter.repeat(9 * 1024 * 1024);

describe("a store of files", () => {
  test("reads what it no longer keeps at hand again", () => {
    const store = new FileStore(memoryFiles({ a: large("a"), b: large("b") }));
    for (const name of ["a", "b", "a", "b"]) expect(store.read(name).text === large(name)).toBe(true);
    expect(store.diagnostics).toEqual([]);
    expect(store.inputs().map(({ path, size }) => [path, size])).toEqual([
      ["a", large("a").length],
      ["b", large("b").length],
    ]);
  });

  test("never gives two states of one file: one that changed meanwhile has an error and no text", () => {
    const files = { a: large("a"), b: large("b") };
    const store = new FileStore(memoryFiles(files));
    store.read("a");
    store.read("b");
    files.a = large("x");
    expect(store.read("a").text).toBeUndefined();
    expect(store.read("a").text).toBeUndefined();
    expect(store.diagnostics.map(({ code, location }) => [code, location?.file])).toEqual([
      ["file-changed", "a"],
    ]);
    expect(store.inputs().map(({ path }) => path)).toEqual(["b"]);
  });
});
