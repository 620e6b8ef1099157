import { rename, writeFile } from "node:fs/promises";
import type { Json, Value } from "#base/value.ts";
import type { Fact } from "#facts/fact.ts";
import { SandboxError } from "../error.ts";

/** One attribute in a facts file: what it is, or why it is not known. `because`: the steps that led to it. */
export type FileValue =
  | { readonly value: Json; readonly because?: readonly string[] }
  | { readonly unknown: string; readonly because?: readonly string[] };

/** A facts file (`*.facts.json`), version 1: how anything outside the engine hands facts to `check`. */
export interface FactsFile {
  readonly schemaVersion: "1";
  /** What wrote it: `hipaa-check sandbox probe`. */
  readonly producer: string;
  /** ISO 8601. */
  readonly recordedAt: string;
  readonly facts: readonly {
    readonly kind: string;
    readonly id: string;
    readonly attributes: Readonly<Record<string, FileValue>>;
  }[];
}

function toFile(value: Value): FileValue | undefined {
  if (value.state === "absent") return undefined;
  const because = value.chain.map(({ text }) => text);
  const steps = because.length === 0 ? {} : { because };
  return value.state === "known" ? { value: value.value, ...steps } : { unknown: value.reason, ...steps };
}

/** The text of a facts file: one fact a line, so that a line stands for a fact. */
export function formatFactsFile(facts: readonly Fact[], producer: string, recordedAt = new Date()): string {
  const lines = facts.map(({ kind, id, attributes }) => {
    const entries = Object.entries(attributes).map(([name, value]) => [name, toFile(value)] as const);
    return JSON.stringify({
      kind,
      id,
      attributes: Object.fromEntries(entries.filter(([, value]) => value !== undefined)),
    });
  });
  const head = `{\n"schemaVersion": "1",\n"producer": ${JSON.stringify(producer)},\n"recordedAt": ${JSON.stringify(recordedAt.toISOString())},\n`;
  return `${head}"facts": [\n${lines.join(",\n")}\n]\n}\n`;
}

/** The line of the file on which the first fact stands. */
export const firstFactLine = 6;

/** Writes a facts file, whole or not at all. @throws SandboxError when it cannot be written */
export async function writeFactsFile(path: string, facts: readonly Fact[], producer: string): Promise<void> {
  const partial = `${path}.partial`;
  try {
    await writeFile(partial, formatFactsFile(facts, producer));
    await rename(partial, path);
  } catch (error) {
    const code = (error as NodeJS.ErrnoException).code ?? "unknown error";
    throw new SandboxError(
      "usage",
      "output-unwritable",
      `${path} cannot be written (${code}): name a file in a folder that exists`,
    );
  }
}
