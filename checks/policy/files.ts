import { readdirSync, readFileSync } from "node:fs";
import type { PolicyFile } from "./validate.ts";

const names = new Set(["rule.yaml", "edition.yaml", "controls.yaml", "mapping.yaml"]);

/**
 * The policy files below a folder, in a stable order.
 * @param shown the folder as messages show it
 * @throws the error of the file system where the folder or a file cannot be read
 */
export function readPolicyFolder(folder: string, shown: string): PolicyFile[] {
  const files: PolicyFile[] = [];
  const walk = (relative: string): void => {
    const entries = readdirSync(`${folder}${relative}`, { withFileTypes: true });
    for (const entry of entries.sort((a, b) => (a.name < b.name ? -1 : 1))) {
      const path = `${relative}/${entry.name}`;
      if (entry.isDirectory() && entry.name !== "cases") walk(path);
      else if (entry.isFile() && names.has(entry.name)) {
        files.push({ path: `${shown}${path}`, text: readFileSync(`${folder}${path}`, "utf8") });
      }
    }
  };
  walk("");
  return files;
}
