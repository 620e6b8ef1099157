import { execFileSync } from "node:child_process";
import { symlinkSync } from "node:fs";
import { join } from "node:path";
import { describe, expect, test } from "vitest";
import { type Configuration, readConfiguration } from "./configuration.ts";
import { type Discovery, discover, notLookedAt, reasons } from "./discover.ts";
import { type TemporaryFolder, temporaryFolder } from "./testing.ts";

const isTerraform = (name: string): boolean => name.endsWith(".tf");

function configuration(text: string): Configuration {
  const { configuration: read, diagnostics } = readConfiguration("hipaa-check.yaml", text);
  if (read === undefined) throw new Error(diagnostics[0]?.message);
  return read;
}

function walk(folder: TemporaryFolder, paths: readonly string[] = ["."], own?: Configuration): Discovery {
  return discover(folder.path, paths, isTerraform, own);
}

function pathsOf({ files }: Discovery): string[] {
  return files.map(({ path }) => path);
}

/** What was skipped, as `reason: paths`. */
function skipped(discovery: Discovery): Record<string, readonly string[]> {
  return Object.fromEntries([...discovery.skipped].map(([reason, paths]) => [reason, paths.toSorted()]));
}

function told({ diagnostics }: Discovery): string[] {
  return diagnostics.map(({ level, code, location }) => `${level} ${code} ${location?.file}`);
}

describe("a walk", () => {
  test("finds what some collector reads, in a stable order, and says what none does", () => {
    using folder = temporaryFolder({ "b.tf": "", "a/c.tf": "", "a.tf": "", "B.tf": "", "notes.txt": "" });
    const discovery = walk(folder);
    expect(pathsOf(discovery)).toEqual(["B.tf", "a.tf", "a/c.tf", "b.tf"]);
    expect(skipped(discovery)).toEqual({ [reasons.noCollector]: ["notes.txt"] });
  });

  test("skips nothing by the name of a folder but repository data, dependencies and Terraform's providers", () => {
    using folder = temporaryFolder({
      ".git/a.tf": "",
      "x/node_modules/y/a.tf": "",
      ".terraform/providers/a.tf": "",
      ".terraform/modules/mail/a.tf": "",
      "vendor/a.tf": "",
      "test/fixtures/a.tf": "",
      ".hidden/a.tf": "",
    });
    const discovery = walk(folder);
    expect(pathsOf(discovery)).toEqual([
      ".hidden/a.tf",
      ".terraform/modules/mail/a.tf",
      "test/fixtures/a.tf",
      "vendor/a.tf",
    ]);
    expect(skipped(discovery)).toEqual({
      [reasons.closed]: [".git/", ".terraform/providers/", "x/node_modules/"],
    });
    expect(pathsOf(walk(folder, ["x/node_modules/y"]))).toEqual(["x/node_modules/y/a.tf"]);
  });

  test("takes a file once, under the path that led to it first", () => {
    using folder = temporaryFolder({ "a/b.tf": "", "a/c/d.tf": "" });
    expect(walk(folder, ["a/c", "a", "a/b.tf"]).files).toEqual([
      { path: "a/b.tf", root: "a" },
      { path: "a/c/d.tf", root: "a/c" },
    ]);
  });

  test("takes a given file also where a walk would not", () => {
    using folder = temporaryFolder({ ".gitignore": "*.tf\n", "a.tf": "", "b.txt": "" });
    expect(pathsOf(walk(folder))).toEqual([]);
    expect(walk(folder, ["a.tf"]).files).toEqual([{ path: "a.tf", root: "." }]);
    expect(skipped(walk(folder, ["b.txt"]))).toEqual({ [reasons.noCollector]: ["b.txt"] });
  });

  test("goes outside the working folder where it is told to", () => {
    using folder = temporaryFolder({ "work/a.tf": "", "other/b.tf": "", "other/c/d.tf": "" });
    const discovery = discover(join(folder.path, "work"), ["../other"], isTerraform, undefined);
    expect(discovery.files).toEqual([
      { path: "../other/b.tf", root: "../other" },
      { path: "../other/c/d.tf", root: "../other" },
    ]);
  });
});

describe("ignore files", () => {
  test("apply below their folder, the nearer one deciding", () => {
    using folder = temporaryFolder({
      ".gitignore": "\ufeff*.gen.tf\r\n/only-here.tf\nbuild/\n",
      "a.gen.tf": "",
      "only-here.tf": "",
      "build/a.tf": "",
      "x/only-here.tf": "",
      "x/.gitignore": "!kept.gen.tf\n",
      "x/kept.gen.tf": "",
      "x/lost.gen.tf": "",
    });
    const discovery = walk(folder);
    expect(pathsOf(discovery)).toEqual(["x/kept.gen.tf", "x/only-here.tf"]);
    expect(skipped(discovery)[reasons.ignored]).toEqual([
      "a.gen.tf",
      "build/",
      "only-here.tf",
      "x/lost.gen.tf",
    ]);
  });

  test("that cannot be read are said, and everything is looked at", () => {
    using folder = temporaryFolder({ ".gitignore": Uint8Array.from([0xff, 0xfe, 0x2a]), "a.tf": "" });
    const discovery = walk(folder);
    expect(pathsOf(discovery)).toEqual(["a.tf"]);
    expect(told(discovery)).toEqual(["warning file-not-utf8 .gitignore"]);
  });
});

describe("hipaa-check.yaml", () => {
  const exclude = configuration("exclude: [old/, '*.gen.tf']\n");

  test("excludes files below its folder, also from a given path", () => {
    using folder = temporaryFolder({
      "a.tf": "",
      "old/b.tf": "",
      "x/c.gen.tf": "",
      "x/d.tf": "",
      "x/old/e.tf": "",
    });
    expect(pathsOf(walk(folder, ["."], exclude))).toEqual(["a.tf", "x/d.tf"]);
    expect(skipped(walk(folder, ["."], exclude))[reasons.excluded]).toEqual(["old/", "x/c.gen.tf", "x/old/"]);
    expect(pathsOf(walk(folder, ["x"], exclude))).toEqual(["x/d.tf"]);
  });

  test("between the working folder and a given path reaches into that path", () => {
    using folder = temporaryFolder({
      "infra/hipaa-check.yaml": "exclude: [prod/generated/]\nrules:\n  mail/outbound-tls: off\n",
      "infra/prod/a.tf": "",
      "infra/prod/generated/b.tf": "",
    });
    const discovery = walk(folder, ["infra/prod"]);
    expect(pathsOf(discovery)).toEqual(["infra/prod/a.tf"]);
    expect([...discovery.configurations.keys()]).toEqual(["infra"]);
    expect([...walk(folder, ["infra/prod/a.tf"]).configurations.keys()]).toEqual(["infra"]);
  });

  test("that cannot be used is a problem of the run's configuration", () => {
    using folder = temporaryFolder({ "x/hipaa-check.yaml": "excludes: []\n", "x/a.tf": "" });
    expect(walk(folder).configurationProblems).toMatchObject([
      { code: "configuration-invalid", location: { file: "x/hipaa-check.yaml", line: 1 } },
    ]);
  });

  test("below the working folder chooses no policies", () => {
    using folder = temporaryFolder({ "x/hipaa-check.yaml": "policies: [rules]\n", "x/a.tf": "" });
    expect(told(walk(folder))).toEqual(["warning configuration-not-own x/hipaa-check.yaml"]);
  });
});

describe.skipIf(process.platform === "win32")("symbolic links and special files (not on Windows)", () => {
  test("a link to a file inside is read under its own name", () => {
    using folder = temporaryFolder({ "real/main.tf": "" });
    symlinkSync("real/main.tf", join(folder.path, "link.tf"));
    symlinkSync("real/main.tf", join(folder.path, "link.txt"));
    expect(pathsOf(walk(folder))).toEqual(["link.tf", "real/main.tf"]);
  });

  test("a link to a folder inside is not followed, so that nothing is judged twice and no circle is walked", () => {
    using folder = temporaryFolder({ "real/main.tf": "" });
    symlinkSync(".", join(folder.path, "circle"));
    symlinkSync("real", join(folder.path, "again"));
    const discovery = walk(folder);
    expect(pathsOf(discovery)).toEqual(["real/main.tf"]);
    expect(skipped(discovery)[reasons.link]).toEqual(["again", "circle"]);
    expect(told(discovery)).toEqual([]);
  });

  test("a link that leads outside is not followed, and said", () => {
    using folder = temporaryFolder({ "outside/a.tf": "", "inside/b.tf": "" });
    symlinkSync("../outside", join(folder.path, "inside/folder"));
    symlinkSync("../outside/a.tf", join(folder.path, "inside/a.tf"));
    const discovery = walk(folder, ["inside"]);
    expect(pathsOf(discovery)).toEqual(["inside/b.tf"]);
    expect(told(discovery).sort()).toEqual([
      "warning link-outside inside/a.tf",
      "warning link-outside inside/folder",
    ]);
  });

  test("a link that leads nowhere or to itself is an error where a file was due", () => {
    using folder = temporaryFolder({ "a.tf": "" });
    symlinkSync("loop.tf", join(folder.path, "loop.tf"));
    symlinkSync("missing", join(folder.path, "broken.tf"));
    symlinkSync("missing", join(folder.path, "broken"));
    expect(told(walk(folder)).sort()).toEqual([
      "error file-symlink-broken broken.tf",
      "error file-symlink-loop loop.tf",
      "warning file-symlink-broken broken",
    ]);
  });

  test("a pipe is found as a file, for reading to refuse it", () => {
    using folder = temporaryFolder();
    execFileSync("mkfifo", [join(folder.path, "pipe.tf")]);
    expect(pathsOf(walk(folder))).toEqual(["pipe.tf"]);
  });

  test("a link that is given as a path is walked", () => {
    using folder = temporaryFolder({ "x/a.tf": "", "x/b/c.tf": "" });
    symlinkSync("x", join(folder.path, "given"));
    expect(pathsOf(walk(folder, ["given"]))).toEqual(["given/a.tf", "given/b/c.tf"]);
  });
});

test("what a collector read beside its own files is no longer among what was not looked at", () => {
  using folder = temporaryFolder({ "main.tf": "", "terraform.tfvars": "", "a.txt": "", "b.txt": "" });
  const discovery = walk(folder);
  expect(notLookedAt(discovery, (path) => path === "terraform.tfvars")).toEqual([
    { reason: reasons.noCollector, count: 2, examples: ["a.txt", "b.txt"] },
  ]);
});
