import { readFileSync } from "node:fs";
import type { Case } from "#engine/cases.ts";
import type { Requirement } from "#policy/requirements.ts";

/** What `explain` shows beside rules and editions; built into the bundle. */
export interface Reference {
  readonly requirements: readonly Requirement[];
  /** The cases of shipped rules, by rule id. */
  readonly cases: Readonly<Record<string, readonly Case[]>>;
}

export function readReference(): Reference {
  return JSON.parse(readFileSync(new URL("./reference.json", import.meta.url), "utf8")) as Reference;
}
