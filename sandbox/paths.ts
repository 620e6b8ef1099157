import { existsSync } from "node:fs";
import { fileURLToPath } from "node:url";

/** True where this runs from its sources, and not from the bundle in `dist/`. */
const fromSources = import.meta.url.endsWith(".ts");

/**
 * The program that background processes and module senders run (`sandbox/child.ts`). The bundle holds it as an
 * entry of its own, `sandbox-child.js`, beside the chunk that this file ends up in.
 */
export function childProgram(): string {
  return fileURLToPath(new URL(fromSources ? "./child.ts" : "./sandbox-child.js", import.meta.url));
}

/** The folder of the shipped postures: `sandbox/postures` of the package. */
export function postureFolder(): string {
  const candidates = fromSources ? ["./postures/"] : ["../sandbox/postures/", "./postures/"];
  const paths = candidates.map((candidate) => fileURLToPath(new URL(candidate, import.meta.url)));
  return paths.find((path) => existsSync(path)) ?? paths[0] ?? "";
}
