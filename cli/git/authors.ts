import { readFileSync, realpathSync } from "node:fs";
import { dirname, resolve } from "node:path";
import type { Authorship, FindAuthors } from "#engine/authorship.ts";
import { GitRepository } from "./repository.ts";

/** Tells who wrote lines of files by the history of the repositories that they lie in. */
export class GitAuthors implements Disposable {
  private readonly workingFolder: string;
  private readonly repositories = new Map<string, GitRepository | string>();
  private readonly histories = new Map<string, History>();

  constructor(workingFolder: string) {
    this.workingFolder = workingFolder;
  }

  readonly find: FindAuthors = (file, lines) => {
    let absolute: string;
    try {
      absolute = realpathSync(resolve(this.workingFolder, file));
    } catch {
      return { authors: [], notKnown: "the file is not there any more" };
    }
    const repository = this.repositoryOf(dirname(absolute));
    if (typeof repository === "string") return { authors: [], notKnown: repository };
    const path = repository.pathOf(absolute);
    if (path === undefined) return { authors: [], notKnown: "the file lies outside the repository" };
    let history = this.histories.get(absolute);
    if (history === undefined) {
      history = historyOf(repository, ["--contents", "-", "--", path], readFileSync(absolute));
      this.histories.set(absolute, history);
    }
    return joined(lines.map((line) => history.get(line) ?? { gap: "the file is not committed" }));
  };

  private repositoryOf(folder: string): GitRepository | string {
    let repository = this.repositories.get(folder);
    if (repository === undefined) {
      repository = GitRepository.open(folder);
      this.repositories.set(folder, repository);
    }
    return repository;
  }

  [Symbol.dispose](): void {
    for (const repository of this.repositories.values())
      if (typeof repository !== "string") repository[Symbol.dispose]();
  }
}

/**
 * Tells who had written lines of files by the time of a commit.
 * @param pathOf a file as git writes it, from its path as reports show it
 */
export function authorsAt(
  repository: GitRepository,
  commit: string,
  pathOf: (file: string) => string,
): FindAuthors {
  const histories = new Map<string, History>();
  return (file, lines) => {
    let history = histories.get(file);
    if (history === undefined) {
      history = historyOf(repository, [commit, "--", pathOf(file)]);
      histories.set(file, history);
    }
    return joined(lines.map((line) => history.get(line) ?? { gap: "the file is not committed" }));
  };
}

/** Who wrote a line, or why that is not known. */
type LineHistory = { readonly author: string } | { readonly gap: string };
type History = ReadonlyMap<number, LineHistory>;

/**
 * Who wrote each line of a file; empty where it is not in the history at all. Changes of spaces and line ends alone do not count, and
 * the `.mailmap` of the repository has no say.
 * @param state which file, and in which state: words for git blame
 */
function historyOf(repository: GitRepository, state: readonly string[], content?: Uint8Array): History {
  const words = ["-c", "mailmap.blob=", "blame", "-w", "--porcelain", ...state];
  const text = repository.ask(words, content)?.toString("utf8") ?? "";
  const commits = new Map<string, LineHistory>();
  const lines = new Map<number, string>();
  let commit = "";
  let name = "";
  for (const line of text.split("\n")) {
    const head = /^([0-9a-f]{40,64}) \d+ (\d+)/.exec(line);
    if (head !== null) {
      commit = head[1] ?? "";
      lines.set(Number(head[2]), commit);
    } else if (line.startsWith("author ")) name = line.slice("author ".length);
    else if (line.startsWith("author-mail ")) {
      const author = `${name} ${line.slice("author-mail ".length)}`;
      if (/^0+$/.test(commit)) commits.set(commit, { gap: "some of it is not committed" });
      else if (repository.shallow.has(commit)) commits.set(commit, { gap: "the clone is shallow" });
      else commits.set(commit, { author });
    }
  }
  return new Map(
    [...lines].flatMap(([line, id]) => {
      const known = commits.get(id);
      return known === undefined ? [] : [[line, known] as const];
    }),
  );
}

function joined(lines: readonly LineHistory[]): Authorship {
  const authors = lines.flatMap((line) => ("author" in line ? [line.author] : []));
  const [notKnown] = lines.flatMap((line) => ("gap" in line ? [line.gap] : []));
  return {
    authors: [...new Set(authors)].sort(),
    ...(notKnown === undefined ? {} : { notKnown }),
  };
}
