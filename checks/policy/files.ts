import { readdirSync } from "node:fs";
import { readText } from "#base/files.ts";
import type { PolicyFile } from "./validate.ts";

const names = new Set(["rule.yaml", "edition.yaml", "controls.yaml", "mapping.yaml"]);

/**
 * The policy files below a folder, in a stable order. A file that cannot be read is among them, with the reason.
 * @param shown the folder as messages show it
 * @throws the error of the file system where a folder cannot be read
 */
export function readPolicyFolder(folder: string, shown: string): PolicyFile[] {
  const files: PolicyFile[] = [];
  const walk = (relative: string): void => {
    const entries = readdirSync(`${folder}${relative}`, { withFileTypes: true });
    for (const entry of entries.sort((a, b) => (a.name < b.name ? -1 : 1))) {
      const path = `${relative}/${entry.name}`;
      if (entry.isDirectory()) walk(path);
      else if (names.has(entry.name)) files.push(readPolicyFile(`${folder}${path}`, `${shown}${path}`));
    }
  };
  walk("");
  return files;
}

function readPolicyFile(absolute: string, path: string): PolicyFile {
  const found = readText(absolute, path);
  if (found === undefined) throw new Error(`${path} went away while it was read`);
  return "text" in found ? { path, text: found.text } : { path, text: "", problem: found.problem };
}
