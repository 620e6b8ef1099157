import { builtinModules } from "node:module";
import type { Plugin } from "esbuild";

/**
 * Takes Node's own modules as they are. An `import` of one reads each of its exports, and with them loads streams, HTTP
 * and workers that a short run never touches.
 */
export const builtinsOnDemand: Plugin = {
  name: "builtins-on-demand",
  setup(build) {
    const names = builtinModules.map((name) => name.replace(/^node:/, "")).join("|");
    build.onResolve({ filter: new RegExp(`^(?:node:)?(?:${names})$`) }, ({ path }) => ({
      path: `node:${path.replace(/^node:/, "")}`,
      namespace: "builtin",
    }));
    build.onLoad({ filter: /./, namespace: "builtin" }, ({ path }) => ({
      contents: `module.exports = process.getBuiltinModule(${JSON.stringify(path)});`,
      loader: "js",
    }));
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
    build.onLoad({ filter: /./, namespace: "parts" }, ({ pluginData }) => ({
      contents: oclifParts,
      resolveDir: pluginData,
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
