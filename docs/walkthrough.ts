import { spawnSync } from "node:child_process";
import { mkdirSync, symlinkSync } from "node:fs";
import { dirname, join } from "node:path";
import { fileURLToPath } from "node:url";
import { binary, TemporaryFolder } from "#cli/testing.ts";

const root = fileURLToPath(new URL("..", import.meta.url));

/** One fenced block of a page that does something. */
export type Step =
  /** ```` ```js file=send.mjs ````: the reader writes this file. */
  | { readonly kind: "file"; readonly path: string; readonly content: string }
  /** ```` ```sh ````: the reader runs this; `exit=1` where that is how it ends, `needs="…"` where not everybody can. */
  | {
      readonly kind: "commands";
      readonly commands: string;
      readonly exitCode: number;
      readonly needs: string | undefined;
      /** ```` ```text ```` behind it: lines of what is printed, in their order; `…` stands for anything. */
      readonly shown: readonly string[];
    };

const block = /^```(\w+)([^\n]*)\n([\s\S]*?)^```$/gm;

function attribute(words: string, name: string): string | undefined {
  const match = new RegExp(`\\b${name}=(?:"([^"]*)"|(\\S+))`).exec(words);
  return match?.[1] ?? match?.[2];
}

/** The steps of a page in their order. Blocks that neither name a file nor are commands are only read. */
export function readSteps(page: string): Step[] {
  const steps: Step[] = [];
  for (const [, language = "", words = "", content = ""] of page.matchAll(block)) {
    const path = attribute(words, "file");
    const last = steps.at(-1);
    if (path !== undefined) steps.push({ kind: "file", path, content });
    else if (language === "sh") {
      const exitCode = Number(attribute(words, "exit") ?? 0);
      steps.push({
        kind: "commands",
        commands: content,
        exitCode,
        needs: attribute(words, "needs"),
        shown: [],
      });
    } else if (language === "text" && last?.kind === "commands") {
      steps[steps.length - 1] = { ...last, shown: content.trimEnd().split("\n") };
    }
  }
  return steps;
}

/** The folder of a reader who follows a page, with the packages that the page has installed. */
export class Reader extends TemporaryFolder {
  constructor(packages: readonly string[]) {
    super({ "package.json": '{ "type": "module" }\n' });
    mkdirSync(join(this.path, "node_modules/.bin"), { recursive: true });
    mkdirSync(join(this.path, "runtime"), { mode: 0o700 });
    symlinkSync(binary, join(this.path, "node_modules/.bin/hipaa-check"));
    this.link("hipaa-check", root);
    for (const name of packages) this.link(name, join(root, "node_modules", name));
  }

  /** Runs commands as a shell does that stops at the first failure. */
  run(commands: string): { readonly exitCode: number | null; readonly output: string } {
    const { status, stdout, stderr } = spawnSync("sh", ["-e", "-c", commands], {
      cwd: this.path,
      encoding: "utf8",
      env: {
        ...process.env,
        // The Node that runs the tests, whatever else the machine has.
        PATH: `${dirname(process.execPath)}:${process.env.PATH}`,
        XDG_RUNTIME_DIR: join(this.path, "runtime"),
        NO_COLOR: "1",
      },
    });
    return { exitCode: status, output: `${stdout}${stderr}` };
  }

  private link(name: string, target: string): void {
    const path = join(this.path, "node_modules", name);
    mkdirSync(dirname(path), { recursive: true });
    symlinkSync(target, path);
  }
}

/** The first shown line that the output does not have behind the ones before it; undefined where it has all. */
export function missingLine(output: string, shown: readonly string[]): string | undefined {
  let rest = output;
  for (const line of shown) {
    const parts = line.split("…").map((part) => part.trim());
    for (const part of parts.filter((words) => words !== "")) {
      const at = rest.indexOf(part);
      if (at === -1) return line;
      rest = rest.slice(at + part.length);
    }
  }
  return undefined;
}
