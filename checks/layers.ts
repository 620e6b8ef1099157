/** The layers of the source tree, and what each may import beside itself. `docs/architecture.md` says why. */
export const layers = [
  { layer: "base", folder: "checks/base/", may: [] },
  { layer: "syntax", folder: "checks/syntax/", may: ["base"] },
  { layer: "facts", folder: "checks/facts/", may: ["base"] },
  { layer: "policy", folder: "checks/policy/", may: ["base", "syntax", "facts"] },
  { layer: "collectors", folder: "checks/collectors/", may: ["base", "syntax", "facts"] },
  { layer: "engine", folder: "checks/engine/", may: ["base", "syntax", "facts", "policy", "collectors"] },
  { layer: "sandbox", folder: "sandbox/", may: ["base", "facts"] },
  { layer: "loadtests", folder: "loadtests/", may: ["base", "facts"] },
  {
    layer: "cli",
    folder: "cli/",
    may: ["base", "syntax", "facts", "policy", "collectors", "engine", "sandbox", "loadtests"],
  },
  // Tests and measurements of the whole stand above everything.
  { layer: "whole", folder: "policies/", may: ["base", "facts", "policy", "engine"] },
  { layer: "whole", folder: "docs/", may: ["base", "facts", "policy", "engine", "cli"] },
  { layer: "whole", folder: "checks/bench/", may: ["base"] },
  { layer: "whole", folder: "checks/architecture.test.ts", may: ["facts", "collectors"] },
  { layer: "whole", folder: "checks/layers.ts", may: [] },
] as const satisfies readonly { layer: string; folder: string; may: readonly string[] }[];

export type Layer = (typeof layers)[number]["layer"];

const collectorsFolder = "checks/collectors/";
const manifest = "checks/collectors/manifest.ts";

function entryOf(file: string): (typeof layers)[number] | undefined {
  return layers.find(({ folder }) => file.startsWith(folder));
}

/** The layer of a source file; undefined where none covers it. */
export function layerOf(file: string): Layer | undefined {
  return entryOf(file)?.layer;
}

/**
 * What is wrong with the imports of a file.
 * @param targets the files of this tree that it imports
 */
export function violations(file: string, targets: readonly string[]): string[] {
  const own = entryOf(file);
  if (own === undefined) return [`${file}: no layer covers this file`];
  return targets.flatMap((target) => {
    const other = layerOf(target);
    const may: readonly string[] = own.may;
    const complain = (why: string): string[] => [`${file} imports ${target}: ${why}`];
    if (other === undefined) return target.endsWith("package.json") ? [] : complain("no layer covers it");
    if (own.layer === "collectors" && other === "collectors" && file !== manifest) {
      return sameCollector(file, target) ? [] : complain("a collector may not import a sibling");
    }
    if (other === own.layer) return [];
    if (!may.includes(other)) return complain(`${own.layer} may import ${may.join(", ") || "nothing"}`);
    if (other === "collectors" && target !== manifest)
      return complain("collectors are reached through their manifest");
    return [];
  });
}

function sameCollector(file: string, target: string): boolean {
  const folder = (path: string): string => path.slice(collectorsFolder.length).split("/")[0] ?? "";
  return folder(file) === folder(target);
}
