import { spawnSync } from "node:child_process";
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { dirname, join } from "node:path";
import { memoryFiles } from "#base/files.ts";
import type { Collected, CollectHost } from "#facts/collector.ts";
import { collector } from "./collector.ts";
import { ParsedFiles } from "./files/parsed-files.ts";
import { type Place, SourceFile } from "./files/source-file.ts";
import { loadModule } from "./module/load-module.ts";

export interface Outside {
  readonly varFiles?: readonly string[];
  /** `TF_VAR_*` by the name of the variable. */
  readonly environment?: Readonly<Record<string, string>>;
}

export type Files = Readonly<Record<string, string>>;

/** A host for files in memory, for tests. */
export function memoryHost(files: Files, outside: Outside = {}): CollectHost {
  return {
    options: {
      varFiles: outside.varFiles ?? [],
      envFiles: [],
      terraformVariables: outside.environment ?? {},
    },
    read: (path) => files[path],
    holds: (path) => (files[path] ?? "") !== "",
    list: memoryFiles(files).list,
  };
}

/** The module in the root of a tree of files in memory, for tests. */
export function moduleOf(files: Files, outside: Outside = {}) {
  const { module, diagnostics } = loadModule(".", [], memoryHost(files, outside), new ParsedFiles());
  return { module, diagnostics: () => [...diagnostics, ...module.diagnostics] };
}

/** A place for what no file asks. */
export const nowhere: Place = { source: new SourceFile("main.tf", ""), span: { start: 0, end: 0 } };

/** Collects every module of a tree of files in memory, for tests. */
export async function collectAll(files: Files, outside: Outside = {}): Promise<Collected> {
  const host = memoryHost(files, outside);
  const matched = Object.keys(files).filter((path) => /\.tf(?:\.json)?$/.test(path));
  const collected = await Promise.all(
    collector.group(matched.sort(), host).map((unit) => collector.collect(unit, host)),
  );
  return {
    facts: collected.flatMap((part) => part.facts),
    diagnostics: collected.flatMap((part) => part.diagnostics),
  };
}

/** Terraform without the settings of whoever runs the tests, and without asking the network for newer versions. */
function runTerraform(folder: string, words: readonly string[], input: string, environment: Files = {}) {
  return spawnSync("terraform", words, {
    cwd: folder,
    input,
    encoding: "utf8",
    env: { PATH: process.env.PATH, TF_CLI_CONFIG_FILE: "/dev/null", CHECKPOINT_DISABLE: "1", ...environment },
  });
}

export const isTerraformHere = runTerraform(tmpdir(), ["version"], "").status === 0;

/** The title of a test that compares with the real Terraform. */
export function againstTerraform(title: string): string {
  return isTerraformHere ? title : `${title} (left out: there is no terraform command on this machine)`;
}

/** Runs the real Terraform in a folder that holds the files. */
function inTerraform(
  files: Files,
  words: readonly string[],
  input: string,
  environment: Files = {},
): { readonly stdout: string; readonly stderr: string; readonly status: number | null } {
  const folder = mkdtempSync(join(tmpdir(), "hipaa-check-terraform-"));
  try {
    for (const [path, text] of Object.entries(files)) {
      mkdirSync(join(folder, dirname(path)), { recursive: true });
      writeFileSync(join(folder, path), text);
    }
    return runTerraform(folder, words, input, environment);
  } finally {
    rmSync(folder, { recursive: true });
  }
}

/** What the real Terraform makes of an expression that gives JSON text; what it says where it refuses. */
export function terraformJson(
  files: Files,
  expression: string,
  { varFiles = [], environment }: Outside = {},
): { readonly value: unknown } | { readonly refused: string } {
  const words = ["console", "-no-color", ...varFiles.map((path) => `-var-file=${path}`)];
  const variables = Object.entries(environment ?? {}).map(([name, value]) => [`TF_VAR_${name}`, value]);
  const asked = `base64encode(${expression})\n`;
  const { stdout, stderr } = inTerraform(files, words, asked, Object.fromEntries(variables));
  const encoded = /"([A-Za-z0-9+/=]+)"\s*$/.exec(stdout)?.[1];
  if (encoded === undefined) return { refused: stdout + stderr };
  return { value: JSON.parse(Buffer.from(encoded, "base64").toString("utf8")) };
}

/** Whether the real Terraform refuses to plan a configuration that needs no provider. */
export function isRefusedByTerraform(files: Files): boolean {
  return inTerraform(files, ["plan", "-input=false", "-no-color"], "").status !== 0;
}
