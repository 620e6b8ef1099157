import { createHash } from "node:crypto";
import { existsSync, mkdirSync, readdirSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { fileURLToPath } from "node:url";
import { build } from "esbuild";
import { readCases } from "../../checks/engine/cases.ts";
import { readPolicyFolder } from "../../checks/policy/files.ts";
import { loadPolicies } from "../../checks/policy/load.ts";
import { readRequirements } from "../../checks/policy/requirements.ts";
import { compileAssertions } from "./assertions.ts";
import { builtinsOnDemand, withoutUnused, yamlOnDemand } from "./startup.ts";

/** Builds `dist/`: the command line as one bundle, and the shipped policies as data it can read fast. */
const root = fileURLToPath(new URL("../../", import.meta.url));
const target = `${root}dist`;

const policyFiles = readPolicyFolder(`${root}policies`, "policies");
const policies = loadPolicies(policyFiles);
for (const { location, message } of policies.diagnostics) {
  process.stderr.write(`${location?.file}:${location?.line}: ${message}\n`);
}
if (policies.diagnostics.length > 0) process.exit(1);

const cases = Object.fromEntries(
  [...policies.ruleFiles].map(([id, file]) => {
    const path = file.replace(/rule\.yaml$/, "cases.yaml");
    const text = existsSync(root + path) ? readFileSync(root + path, "utf8") : "cases: []";
    return [id, readCases({ path, text }).cases];
  }),
);
const requirementsPath = "policies/values/requirements.yaml";
const requirements = readRequirements({
  path: requirementsPath,
  text: readFileSync(root + requirementsPath, "utf8"),
});

mkdirSync(target, { recursive: true });
for (const name of builtFiles()) rmSync(`${target}/${name}`, { recursive: true });
const { rules, editions } = policies;
writeFileSync(`${target}/policies.json`, JSON.stringify({ rules, editions }));
writeFileSync(`${target}/dependencies.json`, JSON.stringify(dependencyVersions()));
writeFileSync(`${target}/reference.json`, JSON.stringify({ requirements, cases }));
await build({
  stdin: { contents: compileAssertions({ rules, editions }), resolveDir: root, loader: "js" },
  outfile: `${target}/assertions.cjs`,
  bundle: true,
  platform: "node",
  format: "cjs",
  minify: true,
  logLevel: "error",
});
await build({
  entryPoints: {
    main: `${root}cli/main.ts`,
    commands: `${root}cli/commands/all.ts`,
    sandbox: `${root}sandbox/index.ts`,
    "sandbox-child": `${root}sandbox/child.ts`,
  },
  outdir: target,
  bundle: true,
  splitting: true,
  platform: "node",
  target: "node24",
  format: "esm",
  // testcontainers: parts of what it needs are native and optional.
  external: ["ts-morph", "ajv", "testcontainers"],
  // Imported lazily: its CommonJS form would keep its names behind `default`.
  alias: { "@peculiar/x509": "@peculiar/x509/build/x509.es.js" },
  plugins: [builtinsOnDemand, yamlOnDemand, withoutUnused],
  minifySyntax: true,
  minifyWhitespace: true,
  chunkNames: "chunk-[hash]",
  banner: {
    js: 'const require = process.getBuiltinModule("node:module").createRequire(import.meta.url), __filename = import.meta.filename, __dirname = import.meta.dirname;',
  },
  logLevel: "error",
});

// Names what was built, so that facts kept by another build are not used.
const digest = createHash("sha256");
for (const name of builtFiles()) digest.update(readFileSync(`${target}/${name}`));
writeFileSync(`${target}/build-id`, digest.digest("base64url"));

/** Everything in `dist/` but the types, which `types.ts` writes. */
function builtFiles(): string[] {
  return readdirSync(target)
    .filter((name) => name !== "types")
    .sort();
}

/** Installed versions of what the package depends on, by name. */
function dependencyVersions(): Record<string, string> {
  const read = (path: string) => JSON.parse(readFileSync(path, "utf8")) as Record<string, unknown>;
  const { dependencies = {}, devDependencies = {} } = read(`${root}package.json`) as Record<
    string,
    Record<string, string>
  >;
  const names = Object.keys({ ...dependencies, ...devDependencies }).sort();
  return Object.fromEntries(
    names.map((name) => [name, String(read(`${root}node_modules/${name}/package.json`).version)]),
  );
}
