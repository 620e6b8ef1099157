import { spawn, spawnSync } from "node:child_process";
import { expect, test } from "vitest";
import { extensionFolder } from "../paths.ts";

// Compiling k6 with the race detector takes minutes where nothing is cached.
const timeoutMs = 25 * 60_000;

// From 1.21 on, Go fetches by itself the release that go.mod asks for.
const usable = /go1\.(2[1-9]|[3-9][0-9])/;
const go = ["go", "/usr/local/go/bin/go"].find((program) =>
  usable.test(spawnSync(program, ["version"], { encoding: "utf8" }).stdout ?? ""),
);
// The race detector needs cgo.
const hasCompiler = ["cc", "gcc", "clang"].some((program) => spawnSync(program, ["--version"]).status === 0);

/** What a command in the extension's folder says; it must end well. */
async function run(program: string, words: readonly string[]): Promise<string> {
  const child = spawn(program, words, { cwd: extensionFolder(), stdio: ["ignore", "pipe", "pipe"] });
  let output = "";
  for (const stream of [child.stdout, child.stderr]) {
    stream.setEncoding("utf8").on("data", (text: string) => {
      output += text;
    });
  }
  const status = await new Promise((resolve, reject) => child.on("error", reject).on("close", resolve));
  expect(status, output.slice(-20_000)).toBe(0);
  return output;
}

test.skipIf(go === undefined)(
  `the k6 extension passes its own tests${go === undefined ? " (Go 1.21 or newer is not installed)" : ""}${hasCompiler ? "" : " (without the race detector: there is no C compiler)"}`,
  { timeout: timeoutMs },
  async () => {
    const output = await run(go ?? "go", [
      "test",
      ...(hasCompiler ? ["-race"] : []),
      "-timeout",
      "20m",
      "./...",
    ]);
    expect(output).not.toContain("no tests to run");
  },
);

test.skipIf(go === undefined)(
  `the parser of replies stands up to ten seconds of made-up ones${go === undefined ? " (Go 1.21 or newer is not installed)" : ""}`,
  { timeout: timeoutMs },
  async () => {
    const words = [
      "-run",
      "^$",
      "-fuzz",
      "^FuzzReplies$",
      "-fuzztime",
      "10s",
      "-parallel",
      "2",
      "./smtpclient",
    ];
    expect(await run(go ?? "go", ["test", ...words])).toContain("PASS");
  },
);

test.skipIf(go === undefined)(
  `the k6 extension is vetted and formatted${go === undefined ? " (Go 1.21 or newer is not installed)" : ""}`,
  { timeout: timeoutMs },
  async () => {
    await run(go ?? "go", ["vet", "./..."]);
    expect(await run((go ?? "go").replace(/go$/, "gofmt"), ["-l", "."])).toBe("");
  },
);
