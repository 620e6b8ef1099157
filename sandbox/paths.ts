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

function packageFolder(name: string): string {
  const candidates = fromSources ? [`./${name}/`] : [`../sandbox/${name}/`, `./${name}/`];
  const paths = candidates.map((candidate) => fileURLToPath(new URL(candidate, import.meta.url)));
  return paths.find((path) => existsSync(path)) ?? paths[0] ?? "";
}

/** The folder of the shipped postures: `sandbox/postures` of the package. */
export function postureFolder(): string {
  return packageFolder("postures");
}

/** The folder that an image of the containers driver is built from. */
export function imageFolder(name: string): string {
  return packageFolder(`images/${name}`);
}
