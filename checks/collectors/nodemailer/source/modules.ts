import { posix } from "node:path";
import { ts } from "ts-morph";
import type { CollectHost } from "#facts/collector.ts";

const extensions = [".ts", ".tsx", ".mts", ".cts", ".js", ".jsx", ".mjs", ".cjs", ".json"];

/** The source that stands for a built file: TypeScript lets `./x.js` name `./x.ts`. */
const sources: Readonly<Record<string, readonly string[]>> = {
  ".js": [".ts", ".tsx"],
  ".jsx": [".tsx"],
  ".mjs": [".mts"],
  ".cjs": [".cts"],
};

interface Alias {
  /** `@/*` */
  readonly pattern: string;
  /** Paths with the same `*`, relative to the folder the command ran in. */
  readonly targets: readonly string[];
}

/** Finds the files of a project that its imports name: relative ones, `paths` of a tsconfig, `imports` of a package. */
export class ModuleResolver {
  private readonly host: CollectHost;
  private readonly names = new Map<string, ReadonlySet<string>>();
  private readonly aliases = new Map<string, readonly Alias[]>();

  constructor(host: CollectHost) {
    this.host = host;
  }

  /** Undefined for a package, and for a file that is not there. */
  resolve(from: string, specifier: string): string | undefined {
    const folder = posix.dirname(from);
    if (/^\.\.?(?:\/|$)/.test(specifier)) return this.file(posix.join(folder, specifier));
    for (const { pattern, targets } of this.aliasesOf(folder)) {
      const middle = matchStar(pattern, specifier);
      if (middle === undefined) continue;
      for (const target of targets) {
        const found = this.file(target.replace("*", () => middle));
        if (found !== undefined) return found;
      }
    }
    return undefined;
  }

  private exists(path: string): boolean {
    const folder = posix.dirname(path);
    let names = this.names.get(folder);
    if (names === undefined) {
      names = new Set(this.host.list(folder));
      this.names.set(folder, names);
    }
    return names.has(posix.basename(path));
  }

  private file(path: string): string | undefined {
    const extension = posix.extname(path);
    const stem = path.slice(0, path.length - extension.length);
    const candidates = [
      ...(extensions.includes(extension) ? [path] : []),
      ...(sources[extension] ?? []).map((other) => stem + other),
      ...extensions.map((other) => path + other),
      ...extensions.map((other) => posix.join(path, `index${other}`)),
    ];
    return candidates.find((candidate) => this.exists(candidate));
  }

  private aliasesOf(folder: string): readonly Alias[] {
    const known = this.aliases.get(folder);
    if (known !== undefined) return known;
    const found = [...this.packageImports(folder), ...this.tsconfigPaths(folder)];
    this.aliases.set(folder, found);
    return found;
  }

  private packageImports(folder: string): Alias[] {
    const path = this.nearest(folder, ["package.json"]);
    const imports = path === undefined ? undefined : this.json(path)?.imports;
    if (path === undefined || typeof imports !== "object" || imports === null) return [];
    return Object.entries(imports).map(([pattern, target]) => ({
      pattern,
      targets: stringsIn(target).map((text) => posix.join(posix.dirname(path), text)),
    }));
  }

  private tsconfigPaths(folder: string): readonly Alias[] {
    const path = this.nearest(folder, ["tsconfig.json", "jsconfig.json"]);
    return path === undefined ? [] : this.pathsOf(path, new Set());
  }

  private pathsOf(path: string, seen: Set<string>): readonly Alias[] {
    if (seen.has(path)) return [];
    seen.add(path);
    const config = this.json(path);
    const options = config?.compilerOptions as
      | { baseUrl?: unknown; paths?: Record<string, unknown> }
      | undefined;
    const base = posix.dirname(path);
    const root = typeof options?.baseUrl === "string" ? posix.join(base, options.baseUrl) : base;
    const own = Object.entries(options?.paths ?? {}).map(([pattern, targets]) => ({
      pattern,
      targets: stringsIn(targets).map((target) => posix.join(root, target)),
    }));
    const bare =
      typeof options?.baseUrl === "string" ? [{ pattern: "*", targets: [posix.join(root, "*")] }] : [];
    if (own.length > 0) return [...own, ...bare];
    const inherited = stringsIn(config?.extends)
      .filter((name) => name.startsWith("."))
      .map((name) => posix.join(base, name.endsWith(".json") ? name : `${name}.json`))
      .filter((name) => this.exists(name))
      .flatMap((name) => this.pathsOf(name, seen));
    return [...bare, ...inherited];
  }

  private nearest(folder: string, wanted: readonly string[]): string | undefined {
    for (let at = folder; ; at = posix.dirname(at)) {
      const found = wanted.map((name) => posix.join(at, name)).find((path) => this.exists(path));
      if (found !== undefined) return found;
      if (at === "." || at === "/" || posix.basename(at) === "..") return undefined;
    }
  }

  private json(path: string): Record<string, unknown> | undefined {
    const text = this.host.read(path);
    if (text === undefined) return undefined;
    const config: unknown = ts.parseConfigFileTextToJson(path, text).config;
    return typeof config === "object" && config !== null ? (config as Record<string, unknown>) : undefined;
  }
}

function matchStar(pattern: string, text: string): string | undefined {
  const star = pattern.indexOf("*");
  if (star === -1) return pattern === text ? "" : undefined;
  const head = pattern.slice(0, star);
  const tail = pattern.slice(star + 1);
  const fits = text.startsWith(head) && text.endsWith(tail) && text.length >= head.length + tail.length;
  return fits ? text.slice(head.length, text.length - tail.length) : undefined;
}

/** The texts of a text, of a list, or of the conditions of a package's `imports`. */
function stringsIn(value: unknown): string[] {
  if (typeof value === "string") return [value];
  if (Array.isArray(value)) return value.flatMap(stringsIn);
  return typeof value === "object" && value !== null ? Object.values(value).flatMap(stringsIn) : [];
}
