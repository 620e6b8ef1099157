import { spawnSync } from "node:child_process";
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { cpus, tmpdir } from "node:os";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { writeTerraformTree, writeTypeScriptTree } from "./trees.ts";

/**
 * Measures the command as ratios to `node -e 0`, and prints a table. Both are run by turns, so that a busy machine slows
 * both, and medians are compared.
 */

interface Measured {
  readonly milliseconds: number;
  /** Against `node -e 0`, run in turn with it. */
  readonly ratio: number;
  readonly bare: number;
}

interface Row extends Measured {
  readonly name: string;
  readonly megabytes: number;
  readonly asked: string;
  readonly isMet: boolean;
}

const binary = fileURLToPath(new URL("../../cli/bin/run.js", import.meta.url));
const folder = mkdtempSync(join(tmpdir(), "hipaa-check-bench-"));
const cache = join(folder, "cache");
const report = join(folder, "report.json");

/** Says at the end of a run how much memory was resident at most (KiB), and whether the TypeScript parser was loaded. */
const hook = join(folder, "hook.cjs");
writeFileSync(
  hook,
  `process.on("exit", () => {
  const parser = Object.keys(require.cache).some((name) => name.includes("/ts-morph/"));
  process.stderr.write("\\npeak " + process.resourceUsage().maxRSS + " parser " + parser + "\\n");
});
`,
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

/** Peak of resident memory of one run in megabytes, and whether it loaded ts-morph. */
function look(words: readonly string[]): { readonly megabytes: number; readonly loadsParser: boolean } {
  const hooked = ["--require", hook, ...words];
  const { stderr } = spawnSync(process.execPath, hooked, { env: environment, encoding: "utf8" });
  const [, peak, parser] = /peak (\d+) parser (true|false)/.exec(stderr) ?? [];
  if (peak === undefined) throw new Error(`node ${hooked.join(" ")} did not end: ${stderr}`);
  return { megabytes: Number(peak) / 1024, loadsParser: parser === "true" };
}

function median(values: readonly number[]): number {
  return values.toSorted((a, b) => a - b)[Math.floor(values.length / 2)] ?? Number.NaN;
}

function measure(words: readonly string[], runs: number, before: () => void = () => undefined): Measured {
  const bares: number[] = [];
  const times: number[] = [];
  for (let run = 0; run < runs; run++) {
    before();
    bares.push(runNode(["-e", "0"]));
    times.push(runNode(words));
  }
  const [bare, milliseconds] = [median(bares), median(times)];
  return { milliseconds, bare, ratio: milliseconds / bare };
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
  const rows: Row[] = [];
  const add = (
    name: string,
    words: string[],
    runs: number,
    limit: number,
    extra: { readonly memory?: number; readonly withoutParser?: true; readonly before?: () => void } = {},
  ): Measured => {
    const measured = measure(words, runs, extra.before);
    extra.before?.();
    const { megabytes, loadsParser } = look(words);
    const asked = [`at most ${limit}×`];
    if (extra.memory !== undefined) asked.push(`under ${extra.memory} MB`);
    if (extra.withoutParser === true) asked.push("without ts-morph");
    const isMet =
      measured.ratio <= limit &&
      megabytes < (extra.memory ?? Number.POSITIVE_INFINITY) &&
      !(extra.withoutParser === true && loadsParser);
    rows.push({ ...measured, name, megabytes, asked: asked.join(", "), isMet });
    return measured;
  };
  add("--version", [binary, "--version"], 15, 1.5);
  add("check, one small Terraform file", checkWords(`${single}/module-0/unit-0.tf`, "--no-cache"), 15, 4);
  const first = add(
    `check, 1,500 Terraform files (${(terraformBytes / 1e6).toFixed(1)} MB), first run`,
    checkWords(terraform),
    5,
    20,
    { memory: 300, before: clearCache },
  );
  runNode(checkWords(terraform));
  const second = measure(checkWords(terraform), 5);
  const times = first.ratio / second.ratio;
  rows.push({
    ...second,
    name: "the same files, second run",
    megabytes: look(checkWords(terraform)).megabytes,
    asked: `at least 3 times as fast; ${times.toFixed(1)} times`,
    isMet: times >= 3,
  });
  add(
    `check, 1,000 TypeScript files (${(typescriptBytes / 1e6).toFixed(1)} MB), none sends mail`,
    checkWords(typescript, "--no-cache", "--allow-empty"),
    5,
    8,
    { withoutParser: true },
  );
  print(rows);
} finally {
  rmSync(folder, { recursive: true, force: true });
}

function print(rows: readonly Row[]): void {
  const lines = [
    ["measured", "ms", "node -e 0", "ratio", "peak MB", "asked", ""],
    ...rows.map(({ name, milliseconds, bare, ratio, megabytes, asked, isMet }) => [
      name,
      milliseconds.toFixed(0),
      bare.toFixed(0),
      `${ratio.toFixed(1)}×`,
      megabytes.toFixed(0),
      asked,
      isMet ? "met" : "NOT MET",
    ]),
  ];
  const [head = []] = lines;
  const widths = head.map((_, column) => Math.max(...lines.map((line) => (line[column] ?? "").length)));
  for (const line of lines) {
    const cells = line.map((cell, column) =>
      column === 0 ? cell.padEnd(widths[0] ?? 0) : cell.padStart(widths[column] ?? 0),
    );
    process.stdout.write(`${cells.join("  ").trimEnd()}\n`);
  }
  process.stdout.write(`${cpus().length} cores, node ${process.version}, medians\n`);
}
