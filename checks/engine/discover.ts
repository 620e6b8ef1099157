import { type Dirent, lstatSync, readdirSync, realpathSync, statSync } from "node:fs";
import { resolve, sep } from "node:path";
import ignore, { type Ignore } from "ignore";
import type { Diagnostic } from "#base/diagnostic.ts";
import { readText } from "#base/files.ts";
import { startOfFile } from "#base/location.ts";
import { type Configuration, configurationName, readConfiguration } from "./configuration.ts";
import { folderOf, isWithin, joinShown, nameOf, shownPath } from "./paths.ts";
import type { NotLookedAt } from "./result.ts";

/** Folders that a walk never enters: repository data, and code that somebody else made and that is not deployed from here. */
const closedFolders = new Set([".git", "node_modules"]);

export const reasons = {
  noCollector: "no collector reads this kind of file",
  ignored: "ignored by .gitignore",
  excluded: "excluded by hipaa-check.yaml",
  closed: "folder that is never entered (.git, node_modules, .terraform/providers)",
  link: "symbolic link to a place outside the given paths, or to one that is looked at anyway",
} as const;

/** One file to look at. */
export interface DiscoveredFile {
  readonly path: string;
  /** The given path that led to it: fingerprints are relative to it. */
  readonly root: string;
}

export interface Discovery {
  readonly files: readonly DiscoveredFile[];
  /** Configurations met on the way, by the folder they govern. */
  readonly configurations: ReadonlyMap<string, Configuration>;
  /** Paths that were met and not taken, by reason. */
  readonly skipped: ReadonlyMap<string, readonly string[]>;
  readonly diagnostics: readonly Diagnostic[];
  /** A `hipaa-check.yaml` that cannot be used: the run is wrongly configured. */
  readonly configurationProblems: readonly Diagnostic[];
}

interface Filter {
  readonly folder: string;
  readonly patterns: Ignore;
  readonly reason: string;
}

const examplesShown = 5;

/** What was not looked at in the end: a file that a collector read beside its own was. */
export function notLookedAt({ skipped }: Discovery, wasRead: (path: string) => boolean): NotLookedAt[] {
  return [...skipped]
    .map(([reason, paths]) => ({ reason, paths: paths.filter((path) => !wasRead(path)).sort() }))
    .filter(({ paths }) => paths.length > 0)
    .map(({ reason, paths }) => ({ reason, count: paths.length, examples: paths.slice(0, examplesShown) }))
    .sort((a, b) => (a.reason < b.reason ? -1 : 1));
}

/** Walks the given paths. `matches` says which file names some collector reads. */
export function discover(
  workingFolder: string,
  paths: readonly string[],
  matches: (name: string) => boolean,
  ownConfiguration: Configuration | undefined,
): Discovery {
  const walk = new Walk(workingFolder, matches, ownConfiguration);
  for (const path of paths) walk.start(shownPath(workingFolder, path));
  return walk.finish();
}

class Walk {
  private readonly workingFolder: string;
  private readonly matches: (name: string) => boolean;
  private readonly files = new Map<string, DiscoveredFile>();
  private readonly configurations = new Map<string, Configuration>();
  private readonly skipped = new Map<string, string[]>();
  private readonly diagnostics: Diagnostic[] = [];
  private readonly configurationProblems: Diagnostic[] = [];
  private root = ".";
  private realRoot = "";

  constructor(
    workingFolder: string,
    matches: (name: string) => boolean,
    ownConfiguration: Configuration | undefined,
  ) {
    this.workingFolder = workingFolder;
    this.matches = matches;
    if (ownConfiguration !== undefined) this.configurations.set(".", ownConfiguration);
  }

  start(path: string): void {
    this.root = path;
    const status = statSync(this.absolute(path));
    if (status.isDirectory()) {
      this.realRoot = realpathSync(this.absolute(path));
      this.folder(path, this.filtersAbove(path));
    } else if (this.matches(nameOf(path))) {
      this.root = folderOf(path);
      for (const folder of [...foldersAbove(this.root), this.root]) this.configure(folder);
      this.add(path);
    } else this.skip(reasons.noCollector, path);
  }

  finish(): Discovery {
    const files = [...this.files.values()].sort((a, b) => (a.path < b.path ? -1 : 1));
    const { configurations, skipped, diagnostics, configurationProblems } = this;
    return { files, configurations, skipped, diagnostics, configurationProblems };
  }

  private absolute(path: string): string {
    return resolve(this.workingFolder, path);
  }

  private add(path: string): void {
    if (!this.files.has(path)) this.files.set(path, { path, root: this.root });
  }

  private skip(reason: string, path: string): void {
    const list = this.skipped.get(reason);
    if (list === undefined) this.skipped.set(reason, [path]);
    else list.push(path);
  }

  /** The configurations of the working folder and of those between it and a given path reach into that path. */
  private filtersAbove(path: string): Filter[] {
    return foldersAbove(path).flatMap((folder) => {
      this.configure(folder);
      return this.exclusions(folder);
    });
  }

  private exclusions(folder: string): Filter[] {
    const exclude = this.configurations.get(folder)?.exclude ?? [];
    if (exclude.length === 0) return [];
    return [{ folder, patterns: ignore().add([...exclude]), reason: reasons.excluded }];
  }

  private folder(folder: string, filters: readonly Filter[]): void {
    let entries: Dirent[];
    try {
      entries = readdirSync(this.absolute(folder), { withFileTypes: true });
    } catch (error) {
      const why = (error as NodeJS.ErrnoException).code ?? "unknown error";
      const message =
        why === "ENOENT"
          ? "The folder was there and could not be opened: it went away, or its name is not UTF-8. Run again, or rename it."
          : `The folder could not be read (${why}). Grant read access or exclude it.`;
      this.diagnostics.push({
        level: "error",
        code: "folder-unreadable",
        message,
        location: startOfFile(folder),
      });
      return;
    }
    const names = new Set(entries.map((entry) => entry.name));
    const here = [...filters];
    if (names.has(".gitignore")) here.push(...this.ignoreFile(folder));
    if (names.has(configurationName)) this.configure(folder);
    here.push(...this.exclusions(folder));
    for (const entry of entries) this.entry(joinShown(folder, entry.name), entry, here);
  }

  private entry(path: string, entry: Dirent, filters: readonly Filter[]): void {
    const isFolder = entry.isDirectory();
    const shown = isFolder ? `${path}/` : path;
    const reason = filterReason(shown, filters);
    if (reason !== undefined) this.skip(reason, shown);
    else if (entry.isSymbolicLink()) this.link(path);
    else if (isFolder && (closedFolders.has(entry.name) || path.endsWith(".terraform/providers"))) {
      this.skip(reasons.closed, shown);
    } else if (isFolder) this.folder(path, filters);
    else if (this.matches(entry.name)) this.add(path);
    else this.skip(reasons.noCollector, path);
  }

  /** A link to a file inside the given path is read under its own name; all other links are left alone, and said. */
  private link(path: string): void {
    let target: string;
    try {
      target = realpathSync(this.absolute(path));
    } catch (error) {
      this.brokenLink(path, (error as NodeJS.ErrnoException).code === "ELOOP");
      return;
    }
    const isFile = lstatSync(target).isFile();
    const inside = target.startsWith(`${this.realRoot}${sep}`);
    if (isFile && !this.matches(nameOf(path))) this.skip(reasons.noCollector, path);
    else if (isFile && inside) this.add(path);
    else {
      this.skip(reasons.link, path);
      if (inside || target === this.realRoot) return;
      this.diagnostics.push({
        level: "warning",
        code: "link-outside",
        message:
          "The symbolic link leads out of the given paths and was not followed. Name its target as a path to have it judged.",
        location: startOfFile(path),
      });
    }
  }

  private brokenLink(path: string, isLoop: boolean): void {
    this.diagnostics.push({
      level: this.matches(nameOf(path)) ? "error" : "warning",
      code: isLoop ? "file-symlink-loop" : "file-symlink-broken",
      message: `The symbolic link leads ${isLoop ? "to itself" : "nowhere"}. Remove it.`,
      location: startOfFile(path),
    });
  }

  private ignoreFile(folder: string): Filter[] {
    const path = joinShown(folder, ".gitignore");
    const found = readText(this.absolute(path), path);
    if (found === undefined) return [];
    if ("text" in found) return [{ folder, patterns: ignore().add(found.text), reason: reasons.ignored }];
    this.diagnostics.push({ ...found.problem, level: "warning" });
    return [];
  }

  private configure(folder: string): void {
    // What governs the working folder was chosen by whoever called.
    if (folder === "." || this.configurations.has(folder)) return;
    const path = joinShown(folder, configurationName);
    const found = readText(this.absolute(path), path);
    if (found === undefined) return;
    if ("problem" in found) {
      this.configurationProblems.push(found.problem);
      return;
    }
    const { configuration, diagnostics } = readConfiguration(path, found.text);
    this.configurationProblems.push(...diagnostics);
    if (configuration === undefined) return;
    this.configurations.set(folder, configuration);
    if (configuration.policies.length + configuration.editions.length > 0) {
      this.diagnostics.push({
        level: "warning",
        code: "configuration-not-own",
        message: `"policies" and "editions" count only in the ${configurationName} of the folder the command runs in, or in the one given with --config.`,
        location: startOfFile(path),
      });
    }
  }
}

/** The folders above a path, down from the working folder; none for a path outside it. */
function foldersAbove(path: string): string[] {
  if (path === "." || !isWithin(".", path)) return [];
  const above = folderOf(path);
  return [...foldersAbove(above), above];
}

/** The innermost filter that speaks of a path decides. Folders end with a slash. */
function filterReason(path: string, filters: readonly Filter[]): string | undefined {
  for (const filter of filters.toReversed()) {
    const relative = filter.folder === "." ? path : path.slice(filter.folder.length + 1);
    const outcome = filter.patterns.test(relative);
    if (outcome.ignored) return filter.reason;
    if (outcome.unignored) return undefined;
  }
  return undefined;
}
