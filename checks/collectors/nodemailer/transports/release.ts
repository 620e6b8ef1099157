import { posix } from "node:path";
import intersects from "semver/ranges/intersects.js";
import subset from "semver/ranges/subset.js";
import validRange from "semver/ranges/valid.js";
import { LineIndex, type Location } from "#base/location.ts";
import type { CollectHost } from "#facts/collector.ts";
import { parseJson } from "#syntax/json/parser.ts";
import type { JsonNode } from "#syntax/json/tree.ts";

/** Which releases of a package a project admits. */
export interface Release {
  /** The range as npm reads it; undefined where no `package.json` tells. */
  readonly range: string | undefined;
  /** Where the range is written. */
  readonly location?: Location;
}

const groups = ["dependencies", "devDependencies", "peerDependencies", "optionalDependencies"];

/** The range of a package in the nearest `package.json` that names it, from a folder up. */
export function findRelease(host: CollectHost, folder: string, name: string): Release {
  for (let at = folder; ; at = posix.dirname(at)) {
    const path = posix.join(at, "package.json");
    const text = host.list(at).includes("package.json") ? host.read(path) : undefined;
    const found = text === undefined ? undefined : rangeIn(path, text, name);
    if (found !== undefined) return found;
    if (at === "." || at === "/" || posix.basename(at) === "..") return { range: undefined };
  }
}

function rangeIn(path: string, text: string, name: string): Release | undefined {
  const parsed = parseJson(text);
  if ("problem" in parsed) return undefined;
  for (const group of groups) {
    const node = propertyOf(propertyOf(parsed.value, group), name);
    if (node?.kind !== "string") continue;
    const range = node.value.replace(/^(?:npm:[^@]+@|workspace:)/, "");
    const location = new LineIndex(path, text).location(node);
    return { range: validRange(range) === null ? undefined : range, location };
  }
  return undefined;
}

function propertyOf(node: JsonNode | undefined, name: string): JsonNode | undefined {
  return node?.kind === "object"
    ? node.properties.findLast((one) => one.name.value === name)?.value
    : undefined;
}

/** Whether the releases in use are older than a version: `undefined` where some may be and some not. */
export function isBefore({ range }: Release, version: string): boolean | undefined {
  if (range === undefined) return undefined;
  if (subset(range, `<${version}-0`)) return true;
  return intersects(range, `<${version}-0`) ? undefined : false;
}
