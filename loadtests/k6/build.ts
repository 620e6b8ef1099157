import { spawn } from "node:child_process";
import { mkdir, rename, rm, writeFile } from "node:fs/promises";
import { dirname, join } from "node:path";
import { createInterface } from "node:readline";
import { environment } from "../error.ts";
import { extensionFolder } from "../paths.ts";
import { builtBinary, findK6, type K6 } from "./find.ts";

const goCandidates = ["go", "/usr/local/go/bin/go"];

function run(
  program: string,
  words: readonly string[],
  onLine: (line: string) => void,
  signal?: AbortSignal,
): Promise<number | null> {
  return new Promise((resolve, reject) => {
    const child = spawn(program, words, {
      cwd: extensionFolder(),
      env: { ...process.env, CGO_ENABLED: "0", GOFLAGS: "-mod=readonly" },
      stdio: ["ignore", "ignore", "pipe"],
      ...(signal === undefined ? {} : { signal }),
    });
    createInterface({ input: child.stderr }).on("line", onLine);
    child.on("error", reject);
    child.on("close", resolve);
  });
}

/**
 * Builds k6 with the SMTP extension from the sources of this package. Modules come from the Go module proxy once.
 * @param folder the project that it is built for
 * @param onProgress told what Go says
 * @throws LoadTestError where there is no Go, or it does not build
 */
export async function buildK6(
  folder: string,
  onProgress: (line: string) => void,
  signal?: AbortSignal,
): Promise<K6> {
  const target = builtBinary(folder);
  const partial = `${target}.${process.pid}.partial`;
  await mkdir(dirname(target), { recursive: true });
  await writeFile(join(dirname(target), ".gitignore"), "*\n");
  const lines: string[] = [];
  const words = ["build", "-trimpath", "-ldflags", "-s -w", "-o", partial, "."];
  try {
    const status = await withGo((go) =>
      run(
        go,
        words,
        (line) => {
          lines.push(line);
          onProgress(line);
        },
        signal,
      ),
    );
    if (status !== 0)
      throw environment("k6-build", `Go could not build k6: ${lines.at(-1) ?? "it gave no reason"}`);
    await rename(partial, target);
  } finally {
    await rm(partial, { force: true });
  }
  return await findK6([folder]);
}

/** Tries each place where Go is usually installed. */
async function withGo(use: (go: string) => Promise<number | null>): Promise<number | null> {
  for (const go of goCandidates) {
    try {
      return await use(go);
    } catch (error) {
      const code = (error as NodeJS.ErrnoException).code;
      if (code === "ABORT_ERR") throw environment("interrupted", "interrupted before k6 was built");
      if (code !== "ENOENT") throw environment("k6-build", `Go could not be started (${code})`);
    }
  }
  throw environment(
    "go-missing",
    "there is no Go: install Go 1.21 or newer (https://go.dev/dl), or set HIPAA_CHECK_K6 to a k6 that has k6/x/smtp",
  );
}
