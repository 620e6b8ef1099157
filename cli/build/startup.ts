import { builtinModules, createRequire } from "node:module";
import type { Plugin } from "esbuild";

/** What only some runs use: loaded when the first of its exports is. */
const onDemand = new Set(
  ["child_process", "crypto", "dgram", "dns", "dns/promises", "fs/promises", "http", "http2", "https", "net"]
    .concat(["perf_hooks", "readline", "readline/promises", "tls", "vm", "worker_threads", "zlib"])
    .map((name) => `node:${name}`),
);

/** A module whose exports are those of another, which is loaded when the first of them is used. */
function loadedByUse(names: readonly string[], load: string): string {
  const exported = names.map(
    (name) => `get ${JSON.stringify(name)}() { return load()[${JSON.stringify(name)}]; }`,
  );
  return `let loaded; const load = () => (loaded ??= ${load}); module.exports = { ${exported.join(", ")} };`;
}

/**
 * Takes Node's own modules as they are, and some only when they are used. An `import` of one reads each of its exports,
 * and with them loads streams, HTTP and workers that a short run never touches.
 */
export const builtinsOnDemand: Plugin = {
  name: "builtins-on-demand",
  setup(build) {
    const names = builtinModules.map((name) => name.replace(/^node:/, "")).join("|");
    build.onResolve({ filter: new RegExp(`^(?:node:)?(?:${names})$`) }, ({ path }) => ({
      path: `node:${path.replace(/^node:/, "")}`,
      namespace: "builtin",
    }));
    build.onLoad({ filter: /./, namespace: "builtin" }, ({ path }) => {
      const load = `process.getBuiltinModule(${JSON.stringify(path)})`;
      const exported = Object.keys(process.getBuiltinModule(path) ?? {});
      return {
        contents: onDemand.has(path) ? loadedByUse(exported, load) : `module.exports = ${load};`,
        loader: "js",
      };
    });
  },
};

/** Loads the YAML library when there is YAML to read. */
export const yamlOnDemand: Plugin = {
  name: "yaml-on-demand",
  setup(build) {
    build.onResolve({ filter: /^yaml$/ }, ({ resolveDir, pluginData }) =>
      pluginData === "itself" ? undefined : { path: "yaml", namespace: "on-demand", pluginData: resolveDir },
    );
    build.onLoad({ filter: /^yaml$/, namespace: "on-demand" }, async ({ pluginData: resolveDir }) => {
      const found = await build.resolve("yaml", { resolveDir, kind: "require-call", pluginData: "itself" });
      const exported = Object.keys(createRequire(import.meta.url)("yaml") as object);
      return {
        contents: loadedByUse(exported, `require(${JSON.stringify(found.path)})`),
        resolveDir,
        loader: "js",
      };
    });
  },
};

/** What oclif loads at the start for things that this command line does not do. */
const unused: Readonly<Record<string, string>> = {
  // Finds commands in folders; here they are listed.
  tinyglobby: "exports.glob = async () => [];",
  // Tells Windows' Linux from others, for the name of the platform in version details.
  "wsl-utils": "exports.isWsl = false;",
};

/** The parts of oclif that commands are written with; its index also loads what checks Node and package files. */
const oclifParts = `
  export * as Args from "@oclif/core/args";
  export { Command } from "@oclif/core/command";
  export * as Flags from "@oclif/core/flags";
`;

export const withoutUnused: Plugin = {
  name: "without-unused",
  setup(build) {
    build.onResolve({ filter: /^@oclif\/core$/ }, ({ resolveDir }) => ({
      path: "oclif",
      namespace: "parts",
      pluginData: resolveDir,
    }));
    build.onLoad({ filter: /./, namespace: "parts" }, ({ pluginData: resolveDir }) => ({
      contents: oclifParts,
      resolveDir,
      loader: "js",
    }));
    build.onResolve({ filter: new RegExp(`^(?:${Object.keys(unused).join("|")})$`) }, ({ path }) => ({
      path,
      namespace: "unused",
    }));
    build.onLoad({ filter: /./, namespace: "unused" }, ({ path }) => ({
      contents: unused[path] ?? "",
      loader: "js",
    }));
  },
};
