import { existsSync } from "node:fs";
import { fileURLToPath } from "node:url";

/** True where this runs from its sources, and not from the bundle in `dist/`. */
const fromSources = import.meta.url.endsWith(".ts");

function folderOf(name: string): string {
  const candidates = fromSources ? [`./${name}/`] : [`../loadtests/${name}/`];
  const paths = candidates.map((candidate) => fileURLToPath(new URL(candidate, import.meta.url)));
  return paths.find((path) => existsSync(path)) ?? paths[0] ?? "";
}

/** The shipped profiles: `loadtests/profiles` of the package. */
export function profileFolder(): string {
  return folderOf("profiles");
}

/** The scripts that k6 runs: `loadtests/scripts` of the package. */
export function scriptFolder(): string {
  return folderOf("scripts");
}

/** The sources of the k6 extension: `loadtests/extension` of the package. */
export function extensionFolder(): string {
  return folderOf("extension");
}
