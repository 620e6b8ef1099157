import { mkdirSync, writeFileSync } from "node:fs";
import { dirname } from "node:path";
import { fileURLToPath } from "node:url";
import { generatedFiles } from "./generated.ts";

/** Writes every generated file of the repository. */
const root = fileURLToPath(new URL("../../", import.meta.url));
for (const [path, content] of generatedFiles(root)) {
  mkdirSync(dirname(root + path), { recursive: true });
  writeFileSync(root + path, content);
}
