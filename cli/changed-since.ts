import { existsSync, mkdirSync, realpathSync } from "node:fs";
import { join, relative, resolve } from "node:path";
import { keyOf } from "#cli/baseline.ts";
import { UsageError } from "#cli/errors.ts";
import { withResults } from "#cli/filters.ts";
import { authorsAt } from "#cli/git/authors.ts";
import { writeTree } from "#cli/git/earlier-tree.ts";
import { GitRepository } from "#cli/git/repository.ts";
import { type CollectFlags, checkRequest } from "#cli/input.ts";
import { chooseEditions, readPolicies } from "#cli/policies.ts";
import { TemporaryFolder } from "#cli/temporary-folder.ts";
import { ConfigurationError, check } from "#engine/check.ts";
import { shownPath } from "#engine/paths.ts";
import type { Report, Result } from "#engine/result.ts";

/** What a run of `check` was asked, as far as an earlier state of the tree is asked the same. */
export interface Question {
  readonly workingFolder: string;
  readonly paths: readonly string[];
  readonly edition?: readonly string[] | undefined;
  readonly config?: string | undefined;
  readonly flags: CollectFlags;
}

/** The results of an earlier state, to hold those of today against. */
export interface Earlier {
  /** Results by what they are about and how they were judged. */
  readonly counts: ReadonlyMap<string, number>;
  /** Why nothing could be judged there, so that everything counts as new. */
  readonly unusable?: string;
}

/**
 * Judges the files of the commit at which the work tree parted from another one, with the configuration that they had then.
 * @param ref a name that git knows: a branch, a tag, a commit
 * @throws UsageError where there is no repository, no such commit, or nothing in common with it
 */
export async function judgeEarlier(ref: string, question: Question): Promise<Earlier> {
  const said = `--changed-since ${ref}`;
  const repository = GitRepository.open(question.workingFolder);
  if (typeof repository === "string") throw new UsageError(`${said}: ${repository}.`);
  using _ = repository;
  const commit = partingFrom(repository, ref, said);
  using folder = new TemporaryFolder("earlier");
  try {
    writeTree(repository, commit, folder.path);
  } catch (error) {
    throw new UsageError(`${said}: ${(error as Error).message}${deepen(repository)}.`);
  }
  return await judge(question, { repository, commit, folder: realpathSync(folder.path) });
}

/** The last commit that HEAD and the named one have in common. */
function partingFrom(repository: GitRepository, ref: string, said: string): string {
  const named = repository.commit(ref);
  if (named === undefined)
    throw new UsageError(`${said}: git knows no such commit here${deepen(repository)}.`);
  const common = repository.ask(["merge-base", "HEAD", named])?.toString("ascii").trim();
  if (common === undefined || common === "")
    throw new UsageError(`${said}: it has no commit in common with HEAD${deepen(repository)}.`);
  return common;
}

function deepen({ shallow }: GitRepository): string {
  return shallow.size === 0 ? "" : ". The clone is shallow; git fetch --unshallow brings the rest";
}

interface Place {
  readonly repository: GitRepository;
  /** The commit that the earlier files are of. */
  readonly commit: string;
  /** The earlier files. */
  readonly folder: string;
}

async function judge(question: Question, place: Place): Promise<Earlier> {
  const { repository, commit, folder } = place;
  const inside = repository.pathOf(realpathSync(question.workingFolder)) ?? "";
  const workingFolder = join(folder, inside);
  mkdirSync(workingFolder, { recursive: true });
  const then = (path: string): string[] => earlierPath(question.workingFolder, path, workingFolder, place);
  const paths = question.paths.flatMap(then);
  if (paths.length === 0) return { counts: new Map() };
  // A statement from outside the repository has no history: it is taken as it is now.
  const stated = (file: string): string[] =>
    locate(question.workingFolder, file, repository) === undefined
      ? [resolve(question.workingFolder, file)]
      : then(file);
  const flags = {
    ...question.flags,
    "var-file": (question.flags["var-file"] ?? []).flatMap(stated),
    "env-file": (question.flags["env-file"] ?? []).flatMap(stated),
    "no-cache": true,
  };
  try {
    const policies = readPolicies(workingFolder, question.config && stated(question.config)[0]);
    const { report } = await check({
      ...checkRequest(
        workingFolder,
        paths,
        flags,
        policies,
        chooseEditions(policies, question.edition ?? []),
      ),
      findAuthors: authorsAt(repository, commit, (file) => shownPath(folder, resolve(workingFolder, file))),
    });
    return { counts: countsOf(report.results) };
  } catch (error) {
    if (!(error instanceof UsageError || error instanceof ConfigurationError)) throw error;
    return { counts: new Map(), unusable: error.message };
  }
}

/** A path as git writes it; undefined for one outside the repository. */
function locate(today: string, path: string, repository: GitRepository): string | undefined {
  return repository.pathOf(join(realpathSync(today), relative(today, resolve(today, path))));
}

/** Where a path stands in the earlier files, from their working folder; none where it was not there. */
function earlierPath(today: string, path: string, workingFolder: string, place: Place): string[] {
  const known = locate(today, path, place.repository);
  if (known === undefined) return [];
  const target = join(place.folder, known);
  return existsSync(target) ? [relative(workingFolder, target) || "."] : [];
}

/** The same thing, judged in the same way. */
function outcomeOf({ edition, rule, location, fact, verdict }: Result): string {
  return `${keyOf({ edition, rule, file: location.file }, fact.id)}\n${verdict}`;
}

function countsOf(results: readonly Result[]): Map<string, number> {
  const counts = new Map<string, number>();
  for (const outcome of results.map(outcomeOf)) counts.set(outcome, (counts.get(outcome) ?? 0) + 1);
  return counts;
}

/** The report without what was judged in the same way before. Errors stay: what could not be read may hide anything. */
export function keepChanged(report: Report, { counts }: Earlier): Report {
  const open = new Map(counts);
  const results = report.results.filter((result) => {
    const outcome = outcomeOf(result);
    const left = open.get(outcome) ?? 0;
    open.set(outcome, left - 1);
    return left <= 0;
  });
  return withResults(report, results);
}
