import { spawnSync } from "node:child_process";
import { mkdirSync, readFileSync, realpathSync, writeFileSync } from "node:fs";
import { devNull } from "node:os";
import { join, relative, sep } from "node:path";
import { TemporaryFolder } from "#cli/temporary-folder.ts";

/** Longest time that one question to git may take, in milliseconds. */
const longestMilliseconds = 60_000;
const largestAnswer = 256 * 1024 * 1024;

/** What git is run with: nothing of the user's or the machine's configuration, no network, no questions. */
export function gitEnvironment(own: Readonly<Record<string, string>> = {}): NodeJS.ProcessEnv {
  const { PATH, SystemRoot, TMPDIR } = process.env;
  return {
    ...{ PATH, SystemRoot, TMPDIR },
    LC_ALL: "C",
    GIT_CONFIG_NOSYSTEM: "1",
    GIT_CONFIG_GLOBAL: devNull,
    GIT_ALLOW_PROTOCOL: "none",
    GIT_NO_LAZY_FETCH: "1",
    GIT_NO_REPLACE_OBJECTS: "1",
    GIT_OPTIONAL_LOCKS: "0",
    GIT_TERMINAL_PROMPT: "0",
    ...own,
  };
}

/** Overrides of what a repository's own configuration could have git run while names are looked up in it. */
const guards = ["safe.directory=*", "core.fsmonitor=", `core.hooksPath=${devNull}`, "core.pager=cat"].flatMap(
  (setting) => ["-c", setting],
);

interface Answer {
  readonly exitCode: number | null;
  readonly stdout: Buffer;
  /** The program is not there. */
  readonly isMissing: boolean;
}

function ask(
  words: readonly string[],
  options: { cwd?: string; env?: NodeJS.ProcessEnv; input?: Uint8Array },
): Answer {
  const { status, stdout, error } = spawnSync("git", [...guards, ...words], {
    env: gitEnvironment(),
    stdio: ["pipe", "pipe", "ignore"],
    timeout: longestMilliseconds,
    maxBuffer: largestAnswer,
    ...options,
  });
  const isMissing = (error as NodeJS.ErrnoException | undefined)?.code === "ENOENT";
  return { exitCode: status, stdout: stdout ?? Buffer.alloc(0), isMissing };
}

/**
 * A git repository that may be anybody's. Names are looked up in it; everything else is asked of an empty repository beside it that
 * has the same objects and none of its configuration, so that no hook, filter, helper or program that it names is ever run.
 */
export class GitRepository implements Disposable {
  /** The folder of the work tree, links followed. */
  readonly root: string;
  /** Commits whose parents are not here: the clone is shallow. */
  readonly shallow: ReadonlySet<string>;
  private readonly folder: TemporaryFolder;
  private readonly environment: Readonly<Record<string, string>>;

  /** @returns in words, why there is none, where a folder is in no repository or git cannot be asked */
  static open(folder: string): GitRepository | string {
    const { exitCode, stdout, isMissing } = ask(
      [
        ...["rev-parse", "--path-format=absolute", "--show-toplevel", "--git-path", "objects"],
        ...["--git-path", "shallow", "--show-object-format"],
      ],
      { cwd: folder },
    );
    if (isMissing) return "git is not installed";
    const [root, objects, shallow, format, ...rest] = stdout.toString("utf8").trimEnd().split("\n");
    if (exitCode !== 0) return "this is no git repository that has a work tree";
    if (format === undefined || rest.length > 0) return "git does not say where the repository is";
    return new GitRepository(root ?? "", objects ?? "", shallow ?? "", format);
  }

  private constructor(root: string, objects: string, shallow: string, format: string) {
    this.root = realpathSync(root);
    this.folder = new TemporaryFolder("git");
    const { path } = this.folder;
    for (const name of ["objects", "refs", "work"]) mkdirSync(join(path, name));
    const extension = format === "sha1" ? "" : `[extensions]\n\tobjectFormat = ${format}\n`;
    writeFileSync(
      join(path, "config"),
      `[core]\n\trepositoryFormatVersion = ${format === "sha1" ? 0 : 1}\n\tbare = false\n${extension}`,
    );
    const cut = readIfThere(shallow);
    if (cut !== "") writeFileSync(join(path, "shallow"), cut);
    this.shallow = new Set(cut.split("\n").filter((line) => line !== ""));
    writeFileSync(join(path, "HEAD"), "ref: refs/heads/none\n");
    this.environment = { GIT_DIR: path, GIT_WORK_TREE: this.work, GIT_OBJECT_DIRECTORY: objects };
    const head = this.commit("HEAD");
    if (head !== undefined) writeFileSync(join(path, "HEAD"), `${head}\n`);
  }

  /** The id of the commit that a name means here; undefined where it means none. */
  commit(name: string): string | undefined {
    const words = ["rev-parse", "--verify", "--quiet", "--end-of-options", name];
    const found = ask(words, { cwd: this.root });
    if (found.exitCode !== 0) return undefined;
    const id = found.stdout.toString("ascii").trim();
    if (!/^[0-9a-f]{40,64}$/.test(id)) return undefined;
    const peeled = this.ask(["rev-parse", "--verify", "--quiet", `${id}^{commit}`]);
    return peeled?.toString("ascii").trim();
  }

  /** What git prints; undefined where it fails. Runs beside the repository, not in it. */
  ask(words: readonly string[], input: Uint8Array = Buffer.alloc(0)): Buffer | undefined {
    const { exitCode, stdout } = ask(words, { cwd: this.work, env: this.isolated, input });
    return exitCode === 0 ? stdout : undefined;
  }

  /** An empty folder that git takes for the work tree. */
  get work(): string {
    return join(this.folder.path, "work");
  }

  /** The environment in which git sees the objects of the repository and nothing else of it. */
  get isolated(): NodeJS.ProcessEnv {
    return gitEnvironment(this.environment);
  }

  /** A path inside the work tree as git writes it; undefined for one outside. */
  pathOf(absolute: string): string | undefined {
    const path = relative(this.root, absolute).split(sep).join("/");
    return path === ".." || path.startsWith("../") ? undefined : path;
  }

  [Symbol.dispose](): void {
    this.folder[Symbol.dispose]();
  }
}

function readIfThere(path: string): string {
  try {
    return readFileSync(path, "utf8");
  } catch {
    return "";
  }
}
