import { execFileSync } from "node:child_process";
import { readdirSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { dirname, join, relative } from "node:path";
import { fileURLToPath } from "node:url";

/** Writes the types of the package's library entry, `hipaa-check/sandbox`, to `dist/types`. */
const root = fileURLToPath(new URL("../../", import.meta.url));
const target = join(root, "dist/types");

rmSync(target, { recursive: true, force: true });
execFileSync(
  process.execPath,
  [
    join(root, "node_modules/typescript/bin/tsc"),
    ...["-p", join(root, "sandbox/tsconfig.types.json"), "--outDir", target],
  ],
  { stdio: ["ignore", "inherit", "inherit"] },
);

/** The folders that `imports` of package.json names; inside the package types find each other by relative paths. */
const folders = (
  JSON.parse(readFileSync(join(root, "package.json"), "utf8")) as {
    imports: Readonly<Record<string, string>>;
  }
).imports;

for (const name of readdirSync(target, { recursive: true, encoding: "utf8" })) {
  if (!name.endsWith(".d.ts")) continue;
  const path = join(target, name);
  const text = readFileSync(path, "utf8").replace(
    /(["'])(#\w+\/|\.{1,2}\/)([^"'\n]*)\.ts\1/g,
    (_, quote, start, rest) => {
      const folder = folders[`${start}*`]?.replace(/\*$/, "");
      const stem =
        folder === undefined ? `${start}${rest}` : relativeTo(dirname(path), join(target, folder, rest));
      return `${quote}${stem}.js${quote}`;
    },
  );
  writeFileSync(path, text);
}

function relativeTo(from: string, to: string): string {
  const path = relative(from, to);
  return path.startsWith(".") ? path : `./${path}`;
}
