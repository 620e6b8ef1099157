import { spawnSync } from "node:child_process";
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { cpus, tmpdir } from "node:os";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { writeTerraformTree, writeTypeScriptTree } from "./trees.ts";

/** Measures the command as ratios to `node -e 0` in the same run, and prints a table. */

interface Measurement {
  readonly name: string;
  readonly milliseconds: number;
  readonly megabytes: number;
  readonly limit: string;
  readonly isMet: (ratio: number, megabytes: number) => boolean;
}

const binary = fileURLToPath(new URL("../../cli/bin/run.js", import.meta.url));
const folder = mkdtempSync(join(tmpdir(), "hipaa-check-bench-"));
const cache = join(folder, "cache");
const report = join(folder, "report.json");

/** Prints the peak of resident memory (KiB) of a child on its own line when it ends. */
const peakHook = join(folder, "peak.mjs");
writeFileSync(
  peakHook,
  'process.on("exit", () => process.stderr.write("\\npeak " + process.resourceUsage().maxRSS + "\\n"));\n',
);

const environment = { ...process.env, HIPAA_CHECK_CACHE: cache, NO_COLOR: "1" };

/** Wall-clock milliseconds of one run of Node. */
function runNode(words: readonly string[]): number {
  const started = performance.now();
  const { status, stderr } = spawnSync(process.execPath, words, { env: environment, encoding: "utf8" });
  const milliseconds = performance.now() - started;
  if (status !== 0 && status !== 3)
    throw new Error(`node ${words.join(" ")} ended with ${status}: ${stderr}`);
  return milliseconds;
}

/** Peak of resident memory of one run, in megabytes. */
function peakOf(words: readonly string[]): number {
  const hooked = ["--import", peakHook, ...words];
  const { stderr } = spawnSync(process.execPath, hooked, { env: environment, encoding: "utf8" });
  return Number(/peak (\d+)/.exec(stderr)?.[1] ?? Number.NaN) / 1024;
}

/** The median of several runs, so that a busy machine does not decide. */
function measure(words: readonly string[], runs: number, before: () => void = () => undefined): number {
  const times = Array.from({ length: runs }, () => {
    before();
    return runNode(words);
  });
  return times.sort((a, b) => a - b)[Math.floor(runs / 2)] ?? Number.NaN;
}

function checkWords(path: string, ...more: string[]): string[] {
  return [binary, "check", path, "--format", "json", "--output", report, "--fail-on", "never", ...more];
}

function clearCache(): void {
  rmSync(cache, { recursive: true, force: true });
}

try {
  const single = join(folder, "single");
  const terraform = join(folder, "terraform");
  const typescript = join(folder, "typescript");
  for (const path of [single, terraform, typescript]) mkdirSync(path);
  writeTerraformTree(single, 1);
  const terraformBytes = writeTerraformTree(terraform, 1500);
  const typescriptBytes = writeTypeScriptTree(typescript, 1000);

  runNode([binary, "--version"]);
  runNode(checkWords(single));
  const bare = measure(["-e", "0"], 15);
  const rows: Measurement[] = [];
  const add = (
    name: string,
    words: string[],
    runs: number,
    limit: number,
    memory?: number,
    before?: () => void,
  ): number => {
    const milliseconds = measure(words, runs, before);
    before?.();
    const megabytes = peakOf(words);
    rows.push({
      name,
      milliseconds,
      megabytes,
      limit: `≤ ${limit}×${memory === undefined ? "" : `, < ${memory} MB`}`,
      isMet: (ratio, peak) => ratio <= limit && (memory === undefined || peak < memory),
    });
    return milliseconds;
  };
  add("--version", [binary, "--version"], 15, 1.5);
  add("check, one small Terraform file", checkWords(`${single}/module-0/unit-0.tf`, "--no-cache"), 11, 4);
  const first = add(
    `check, 1,500 Terraform files (${(terraformBytes / 1e6).toFixed(1)} MB), first run`,
    checkWords(terraform),
    5,
    20,
    300,
    clearCache,
  );
  runNode(checkWords(terraform));
  const second = measure(checkWords(terraform), 5);
  add(
    `check, 1,000 TypeScript files (${(typescriptBytes / 1e6).toFixed(1)} MB), none sends mail`,
    checkWords(typescript, "--no-cache", "--allow-empty"),
    5,
    8,
  );
  print(bare, rows, first, second);
} finally {
  rmSync(folder, { recursive: true, force: true });
}

function print(bare: number, rows: readonly Measurement[], first: number, second: number): void {
  const lines = [
    ["measured", "ms", "× node -e 0", "peak MB", "asked", ""],
    ["node -e 0", bare.toFixed(0), "1.0", "", "", ""],
    ...rows.map(({ name, milliseconds, megabytes, limit, isMet }) => {
      const ratio = milliseconds / bare;
      return [
        name,
        milliseconds.toFixed(0),
        ratio.toFixed(1),
        megabytes.toFixed(0),
        limit,
        isMet(ratio, megabytes) ? "met" : "NOT MET",
      ];
    }),
    [
      "the same 1,500 files, second run",
      second.toFixed(0),
      (second / bare).toFixed(1),
      "",
      `${(first / second).toFixed(1)} times as fast, ≥ 3`,
      first / second >= 3 ? "met" : "NOT MET",
    ],
  ];
  const widths =
    lines[0]?.map((_, column) => Math.max(...lines.map((line) => (line[column] ?? "").length))) ?? [];
  for (const line of lines) {
    const cells = line.map((cell, column) =>
      column === 0 ? cell.padEnd(widths[0] ?? 0) : cell.padStart(widths[column] ?? 0),
    );
    process.stdout.write(`${cells.join("  ").trimEnd()}\n`);
  }
  process.stdout.write(`${cpus().length} cores, node ${process.version}, medians\n`);
}
