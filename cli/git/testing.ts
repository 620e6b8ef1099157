import { execFileSync } from "node:child_process";
import { TemporaryFolder } from "#cli/testing.ts";

const settings = ["user.name=Test", "user.email=test@clinic.example", "protocol.file.allow=always"];

/** A folder that is a git repository, with nothing committed yet. */
export class RepositoryFolder extends TemporaryFolder {
  constructor(files: Readonly<Record<string, string>>) {
    super(files);
    this.git("init", "--quiet", "--initial-branch", "main");
  }

  /** What git prints. */
  git(...words: string[]): string {
    const own = settings.flatMap((setting) => ["-c", setting]);
    return execFileSync("git", [...own, ...words], { cwd: this.path, encoding: "utf8", stdio: "pipe" });
  }
}
