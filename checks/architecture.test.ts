import { existsSync, readdirSync, readFileSync } from "node:fs";
import { dirname, join, posix } from "node:path";
import { fileURLToPath } from "node:url";
import { describe, expect, test } from "vitest";
import { collectors } from "#collectors/manifest.ts";
import { findFactKind } from "#facts/registry.ts";
import { type Layer, layerOf, layers, violations } from "./layers.ts";

const root = fileURLToPath(new URL("..", import.meta.url));

/** The top level is fixed; a new folder there is a decision, not an accident. */
const topLevel = ["checks", "cli", "docs", "loadtests", "policies", "sandbox"];
const generated = ["dist", "node_modules"];

function sourceFiles(folder: string): string[] {
  return readdirSync(join(root, folder), { withFileTypes: true }).flatMap((entry) => {
    const path = posix.join(folder, entry.name);
    if (entry.isDirectory()) {
      const closed = ["fixtures", "node_modules", "examples", "extension"].includes(entry.name);
      return closed ? [] : sourceFiles(path);
    }
    return /\.(ts|mts|js|mjs|cjs)$/.test(entry.name) ? [path] : [];
  });
}

const files = topLevel.flatMap(sourceFiles);
const importPattern =
  /(?:^|\n)\s*(?:import|export)\s[^"';]*?from\s+"([^"]+)"|import\(\s*"([^"]+)"\s*\)|(?:^|\n)\s*import\s+"([^"]+)"/g;

function importsOf(file: string): string[] {
  const text = readFileSync(join(root, file), "utf8");
  return [...text.matchAll(importPattern)].map((match) => match[1] ?? match[2] ?? match[3] ?? "");
}

const aliases = JSON.parse(readFileSync(join(root, "package.json"), "utf8")).imports as Record<
  string,
  string
>;

/** The file that an import leads to; undefined for packages. */
function resolveImport(file: string, specifier: string): string | undefined {
  if (specifier.startsWith(".")) return posix.join(dirname(file), specifier);
  const alias = Object.keys(aliases).find((key) => specifier.startsWith(key.slice(0, -1)));
  if (alias === undefined) return undefined;
  return posix.join((aliases[alias] ?? "").slice(0, -1), specifier.slice(alias.length - 1));
}

describe("layers", () => {
  test("every source file lies in a layer", () => {
    expect(files.filter((file) => layerOf(file) === undefined)).toEqual([]);
    expect(files.length).toBeGreaterThan(50);
  });

  test("imports go down the list only", () => {
    const found = files.flatMap((file) => {
      const targets = importsOf(file).map((specifier) => resolveImport(file, specifier));
      return violations(
        file,
        targets.filter((target) => target !== undefined),
      );
    });
    expect(found).toEqual([]);
  });

  test("an upward import is found", () => {
    expect(violations("checks/base/value.ts", ["checks/engine/check.ts"])).toEqual([
      "checks/base/value.ts imports checks/engine/check.ts: base may import nothing",
    ]);
    expect(
      violations("checks/collectors/postfix/collector.ts", ["checks/collectors/terraform/module.ts"]),
    ).toHaveLength(1);
    expect(violations("sandbox/index.ts", ["cli/main.ts"])).toHaveLength(1);
    expect(violations("checks/engine/check.ts", ["checks/collectors/terraform/collector.ts"])).toHaveLength(
      1,
    );
    expect(
      violations("checks/engine/check.ts", ["checks/collectors/manifest.ts", "checks/base/value.ts"]),
    ).toEqual([]);
  });

  test("a file that no layer covers is found", () => {
    expect(layerOf("checks/helpers/misc.ts")).toBeUndefined();
    expect(layerOf("scripts/run.ts")).toBeUndefined();
    expect(layerOf("checks/syntax/hcl/parser.ts")).toBe("syntax");
  });

  test("each layer's rule names layers that exist", () => {
    const known = new Set<Layer>(layers.map(({ layer }) => layer));
    expect(layers.flatMap(({ may }) => may.filter((name) => !known.has(name)))).toEqual([]);
  });
});

test("the top level holds the known folders and nothing else", () => {
  const folders = readdirSync(root, { withFileTypes: true })
    .filter((entry) => entry.isDirectory() && !entry.name.startsWith("."))
    .map((entry) => entry.name);
  expect(folders.filter((name) => !generated.includes(name)).sort()).toEqual(topLevel);
});

describe("manifest", () => {
  test("every collector folder is listed, and every entry has its folder", () => {
    const folders = readdirSync(join(root, "checks/collectors"), { withFileTypes: true })
      .filter((entry) => entry.isDirectory())
      .map((entry) => entry.name);
    expect(collectors.map(({ id }) => id)).toEqual(folders.sort());
    for (const { id } of collectors) {
      expect(existsSync(join(root, `checks/collectors/${id}/collector.ts`)), id).toBe(true);
    }
  });

  test("every entry loads the collector of its own folder", () => {
    const text = readFileSync(join(root, "checks/collectors/manifest.ts"), "utf8");
    const loaded = [...text.matchAll(/import\("\.\/([\w-]+)\/collector\.ts"\)/g)].map((match) => match[1]);
    expect(loaded).toEqual(collectors.map(({ id }) => id));
  });

  test("every kind that a collector produces exists", () => {
    const kinds = collectors.flatMap(({ produces }) => produces);
    expect(kinds.filter((kind) => findFactKind(kind) === undefined)).toEqual([]);
  });
});
