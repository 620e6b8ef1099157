import { readdirSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { describe, expect, test } from "vitest";
import { diskFiles } from "#base/files.ts";
import { known } from "#base/value.ts";
import type { CollectOptions, Collector, CollectorManifest } from "#facts/collector.ts";
import type { Fact } from "#facts/fact.ts";
import { FactCache } from "./cache.ts";
import { type CollectRequest, collect } from "./collect.ts";
import { FileStore } from "./host.ts";
import { folderOf } from "./paths.ts";
import { type TemporaryFolder, temporaryFolder } from "./testing.ts";

const options: CollectOptions = { varFiles: [], envFiles: [], terraformVariables: {}, machineName: "test" };

/** One fact for each folder: what its `*.list` files and the file `extra.txt` beside them say. */
class FolderCollector implements Collector {
  runs = 0;

  group(files: readonly string[]) {
    return [...Map.groupBy(files, folderOf)].map(([id, members]) => ({ id, files: members }));
  }

  collect(
    { id, files }: { id: string; files: readonly string[] },
    host: Parameters<Collector["collect"]>[1],
  ) {
    this.runs++;
    if (host.read(files[0] ?? "") === "broken\n") throw new RangeError("Maximum call stack size exceeded");
    const said = [...files.map((file) => host.read(file)), host.read(`${id}/extra.txt`) ?? "no extra"];
    const value = known([...said, ...host.list(id)].map(String));
    const location = { file: files[0] ?? "", line: 1, column: 1, endLine: 1, endColumn: 1 };
    const fact: Fact = { kind: "test.folder", id, location, attributes: { said: value } };
    return { facts: [fact], diagnostics: [] };
  }
}

function manifestOf(collector: Collector, change: Partial<CollectorManifest> = {}): CollectorManifest {
  return {
    id: "folders",
    title: "Folders",
    activation: ["*.list"],
    produces: ["test.folder"],
    version: 1,
    load: async () => ({ collector }),
    ...change,
  };
}

const files = ["a/1.list", "a/2.list", "b/1.list"];

function tree(): TemporaryFolder {
  return temporaryFolder({ "a/1.list": "one\n", "a/2.list": "two\n", "b/1.list": "three\n" });
}

/** A run as the engine does it: every file is read anew. */
async function run(folder: TemporaryFolder, collector: Collector, change: Partial<CollectRequest> = {}) {
  const cache = new FactCache(join(folder.path, "cache"), "key");
  const collected = await collect({
    files,
    store: new FileStore(diskFiles(folder.path)),
    options,
    manifests: [manifestOf(collector)],
    cache,
    ...change,
  });
  cache.save();
  return collected;
}

function cacheFile(folder: TemporaryFolder): string {
  const [name = "", ...others] = readdirSync(join(folder.path, "cache"));
  expect(others).toEqual([]);
  return join(folder.path, "cache", name);
}

describe("collecting", () => {
  test("loads a collector only where a file matches", async () => {
    using folder = tree();
    const load = (): never => {
      throw new Error("loaded");
    };
    const manifest = manifestOf(new FolderCollector(), { activation: ["*.other"], load });
    expect(await run(folder, new FolderCollector(), { manifests: [manifest] })).toEqual({
      facts: [],
      diagnostics: [],
    });
  });

  test("reports a collector that cannot be loaded, and goes on with the others", async () => {
    using folder = tree();
    const load = async (): Promise<never> => {
      throw new Error("no such module");
    };
    const manifests = [
      manifestOf(new FolderCollector(), { id: "gone", load }),
      manifestOf(new FolderCollector()),
    ];
    const { facts, diagnostics } = await run(folder, new FolderCollector(), { manifests });
    expect(facts).toHaveLength(2);
    expect(diagnostics).toMatchObject([
      { level: "error", code: "collector-broken", location: { file: "a/1.list" } },
    ]);
    expect(diagnostics[0]?.message).toContain("gone broke (no such module), so 3 files were not judged");
  });

  test("reports a unit on which a collector breaks, goes on with the others, and caches none of it", async () => {
    using folder = tree();
    folder.write({ "a/1.list": "broken\n" });
    for (const _ of ["first run", "second run"]) {
      const { facts, diagnostics } = await run(folder, new FolderCollector());
      expect(facts.map(({ id }) => id)).toEqual(["b"]);
      expect(diagnostics).toMatchObject([{ code: "collector-broken", location: { file: "a/1.list" } }]);
    }
  });

  test("says once, and in every run, what is wrong with a file", async () => {
    using folder = tree();
    folder.write({ "a/1.list": Uint8Array.from([0xff]), "b/1.list": " \n" });
    for (const _ of ["first run", "second run"]) {
      const { diagnostics } = await run(folder, new FolderCollector());
      expect(diagnostics.map(({ code, location }) => `${code} ${location?.file}`).sort()).toEqual([
        "file-empty b/1.list",
        "file-not-utf8 a/1.list",
      ]);
    }
  });
});

describe("the cache", () => {
  /** Runs once, changes something, runs again: how many units were collected anew, with the same result as without a cache. */
  async function afterChange(change: (folder: TemporaryFolder) => void): Promise<number> {
    using folder = tree();
    await run(folder, new FolderCollector());
    change(folder);
    const collector = new FolderCollector();
    const cached = await run(folder, collector);
    expect(cached).toEqual(await run(folder, new FolderCollector(), { cache: undefined }));
    return collector.runs;
  }

  test("is used while nothing changed", async () => {
    expect(await afterChange(() => {})).toBe(0);
  });

  test("is not used for a unit of which a file changed", async () => {
    expect(await afterChange((folder) => folder.write({ "a/2.list": "other\n" }))).toBe(1);
  });

  test("is not used where a file that was looked for in vain appears, or goes away again", async () => {
    expect(await afterChange((folder) => folder.write({ "a/extra.txt": "extra\n" }))).toBe(1);
    using folder = tree();
    folder.write({ "a/extra.txt": "extra\n" });
    await run(folder, new FolderCollector());
    rmSync(join(folder.path, "a/extra.txt"));
    const collector = new FolderCollector();
    expect((await run(folder, collector)).facts[0]?.attributes.said).toMatchObject({
      value: expect.arrayContaining(["no extra"]),
    });
    expect(collector.runs).toBe(1);
  });

  test("is not used where a folder that was listed has another file", async () => {
    expect(await afterChange((folder) => folder.write({ "b/notes.txt": "" }))).toBe(1);
  });

  test("is not used by another version of the collector", async () => {
    using folder = tree();
    await run(folder, new FolderCollector());
    const collector = new FolderCollector();
    await run(folder, collector, { manifests: [manifestOf(collector, { version: 2 })] });
    expect(collector.runs).toBe(2);
  });

  test("is not used under another key: version, working folder, paths, options", async () => {
    using folder = tree();
    await run(folder, new FolderCollector());
    const collector = new FolderCollector();
    await run(folder, collector, { cache: new FactCache(join(folder.path, "cache"), "another key") });
    expect(collector.runs).toBe(2);
  });

  test("forgets units that are gone", async () => {
    using folder = tree();
    await run(folder, new FolderCollector());
    const whole = readFileSync(cacheFile(folder), "utf8").length;
    await run(folder, new FolderCollector(), { files: files.slice(0, 2) });
    expect(readFileSync(cacheFile(folder), "utf8").length).toBeLessThan(whole);
  });

  test("is ignored where one byte of it is another, wherever that is", async () => {
    using folder = tree();
    const expected = await run(folder, new FolderCollector());
    const sound = readFileSync(cacheFile(folder));
    for (let at = 0; at < sound.length; at += 37) {
      const damaged = Buffer.from(sound);
      damaged[at] = (damaged[at] ?? 0) ^ 1;
      writeFileSync(cacheFile(folder), damaged);
      const collector = new FolderCollector();
      expect(await run(folder, collector)).toEqual(expected);
      expect(collector.runs).toBe(2);
    }
  });

  test.each(["", "\n", "{}", "x\n{}", "47DEQpj8HBSa-_TImW-5JCeuQeRkm5NMpJWZG3hSuFU\n"])(
    "is ignored where it is something else: %j",
    async (content) => {
      using folder = tree();
      await run(folder, new FolderCollector());
      writeFileSync(cacheFile(folder), content);
      const collector = new FolderCollector();
      expect((await run(folder, collector)).facts).toHaveLength(2);
      expect(collector.runs).toBe(2);
    },
  );

  test("that cannot be written costs only time, and leaves nothing behind", async () => {
    using folder = tree();
    folder.write({ cache: "a file stands where the folder is due\n" });
    expect((await run(folder, new FolderCollector())).facts).toHaveLength(2);
    expect(readdirSync(folder.path).sort()).toEqual(["a", "b", "cache"]);
  });
});
