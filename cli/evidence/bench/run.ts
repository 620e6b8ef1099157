import { spawnSync } from "node:child_process";
import { mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { cpus, tmpdir } from "node:os";
import { join } from "node:path";
import { fileURLToPath } from "node:url";

/**
 * Measures `evidence build` and `evidence verify` of many inputs against `tar` and `sha256sum` of the same files, by
 * turns, so that a busy machine slows both, and compares medians.
 */

const fileCount = 10_000;
const fileBytes = 20_000;
const runs = 5;
const largestRatio = 3;
const largestMegabytes = 400;

const binary = fileURLToPath(new URL("../../bin/run.js", import.meta.url));
const folder = mkdtempSync(join(tmpdir(), "hipaa-check-bench-evidence-"));
const tree = join(folder, "tree");

/** Sources that send no mail, so that it is the bundle that is measured and not the judging. */
function writeTree(): number {
  mkdirSync(tree);
  writeFileSync(join(tree, "package.json"), '{ "name": "quiet", "private": true }\n');
  let bytes = 0;
  for (let number = 0; number < fileCount; number++) {
    const part = join(tree, "src", `part-${number % 100}`);
    mkdirSync(part, { recursive: true });
    const lines = [`export function sum${number}(values: number[]): number {`, "  let total = 0;"];
    for (let length = 0, line = 0; length < fileBytes; line++) {
      const text = `  total += values[${line}] ?? ${line * number};`;
      lines.push(text);
      length += text.length + 1;
    }
    const content = `${lines.join("\n")}\n  return total;\n}\n`;
    bytes += content.length;
    writeFileSync(join(part, `sum-${number}.ts`), content);
  }
  return bytes;
}

interface Run {
  readonly milliseconds: number;
  readonly megabytes: number;
}

function timed(command: string, words: readonly string[]): number {
  const started = performance.now();
  const { status, stderr } = spawnSync(command, words, { cwd: folder, encoding: "utf8" });
  if (status !== 0) throw new Error(`${command} ${words.join(" ")} ended with ${status}: ${stderr}`);
  return performance.now() - started;
}

const peakFile = join(folder, "peak");
const hook = join(folder, "hook.cjs");
writeFileSync(
  hook,
  `process.on("exit", () => require("node:fs").writeFileSync(${JSON.stringify(peakFile)}, String(process.resourceUsage().maxRSS)));\n`,
);

function hipaaCheck(...words: string[]): Run {
  const milliseconds = timed(process.execPath, ["--require", hook, binary, "evidence", ...words]);
  const peak = readFileSync(peakFile, "utf8");
  return { milliseconds, megabytes: Number(peak) / 1024 };
}

function median(values: readonly number[]): number {
  return values.toSorted((a, b) => a - b)[Math.floor(values.length / 2)] ?? Number.NaN;
}

try {
  const bytes = writeTree();
  hipaaCheck("keys", "new", "--out", "keys");
  const yardstick: number[] = [];
  const measured: Record<"build" | "verify", Run[]> = { build: [], verify: [] };
  for (let run = 0; run < runs; run++) {
    const tar = timed("tar", ["-cf", "tree.tar", "tree"]);
    yardstick.push(tar + timed("sh", ["-c", "find tree -type f -print0 | xargs -0 sha256sum > sums"]));
    measured.build.push(hipaaCheck("build", "tree", "--key", "keys/key.pem", "-o", "bundle.tar"));
    measured.verify.push(hipaaCheck("verify", "bundle.tar", "--trust", "keys/key.pub"));
  }
  const asked = median(yardstick);
  const lines = [`tar and sha256sum: ${asked.toFixed(0)} ms`];
  for (const [name, list] of Object.entries(measured)) {
    const milliseconds = median(list.map((run) => run.milliseconds));
    const megabytes = Math.max(...list.map((run) => run.megabytes));
    const isMet = milliseconds <= largestRatio * asked && megabytes < largestMegabytes;
    const ratio = (milliseconds / asked).toFixed(1);
    lines.push(
      `evidence ${name}: ${milliseconds.toFixed(0)} ms, ${ratio}×, ${megabytes.toFixed(0)} MB (at most ${largestRatio}×, under ${largestMegabytes} MB): ${isMet ? "met" : "NOT MET"}`,
    );
  }
  process.stdout.write(
    `${fileCount} inputs, ${(bytes / 1e6).toFixed(0)} MB\n${lines.join("\n")}\n${cpus().length} cores, node ${process.version}, medians of ${runs}\n`,
  );
} finally {
  rmSync(folder, { recursive: true, force: true });
}
