import { readFileSync } from "node:fs";
import { fileURLToPath } from "node:url";
import { expect, test } from "vitest";
import { generatedFiles } from "./generated.ts";

const root = fileURLToPath(new URL("../../", import.meta.url));

test.each([...generatedFiles(root)])("%s is what npm run generate writes", (path, content) => {
  expect(readFileSync(root + path, "utf8")).toBe(content);
});
