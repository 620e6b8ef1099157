import type { Diagnostic } from "#base/diagnostic.ts";
import { diskFiles, type FileSource, readRegular } from "#base/files.ts";
import type { Location } from "#base/location.ts";
import type { Value } from "#base/value.ts";
import { collectors } from "#collectors/manifest.ts";
import type { CollectOptions } from "#facts/collector.ts";
import type { Fact } from "#facts/fact.ts";
import type { CompiledAssertions } from "#policy/assertion.ts";
import type { Edition } from "#policy/edition.ts";
import type { PolicySet } from "#policy/load.ts";
import type { FindAuthors } from "./authorship.ts";
import { FactCache } from "./cache.ts";
import { collect } from "./collect.ts";
import type { Configuration } from "./configuration.ts";
import type { FactsContext } from "./configuration-files.ts";
import { confined } from "./confined.ts";
import type { DecisionComment } from "./decision-comments.ts";
import { applyDecisions } from "./decisions.ts";
import { type DiscoveredFile, type Discovery, discover, notLookedAt } from "./discover.ts";
import { evaluate } from "./evaluate.ts";
import { evidenceByControl } from "./evidence.ts";
import { FileStore, type InputFile } from "./host.ts";
import { isWithin, nameMatcher, nameOf } from "./paths.ts";
import type { NotLookedAt, Report, Result, Summary, Verdict } from "./result.ts";
import { RuleSettings } from "./settings.ts";

export interface GatherRequest {
  readonly workingFolder: string;
  /** Files and folders, each of which exists. */
  readonly paths: readonly string[];
  readonly options: CollectOptions;
  readonly configuration?: Configuration;
  /** Files from elsewhere, by the path under which they are judged as if they stood in the tree, in place of what stands there. */
  readonly placed?: ReadonlyMap<string, string>;
  /** What facts files do not say themselves. */
  readonly factsContext?: FactsContext;
  /** Where facts of earlier runs are kept, and which build of the collectors they must come from. Undefined for none. */
  readonly cache?: { readonly folder: string; readonly build: string };
  readonly version: string;
  /** Told often what is under way. */
  readonly onProgress?: (words: string) => void;
}

/** Facts of a tree, with what was not looked at. */
export interface Gathered {
  readonly facts: readonly Fact[];
  readonly diagnostics: readonly Diagnostic[];
  readonly notLookedAt: readonly NotLookedAt[];
  readonly discovery: Discovery;
  /** Comments that point to decisions. */
  readonly comments: readonly DecisionComment[];
  /** Every file that was read. */
  readonly inputs: readonly InputFile[];
}

/** A `hipaa-check.yaml` below the given paths cannot be used. */
export class ConfigurationError extends Error {
  readonly diagnostics: readonly Diagnostic[];
  constructor(diagnostics: readonly Diagnostic[]) {
    super(diagnostics[0]?.message ?? "wrong configuration");
    this.diagnostics = diagnostics;
  }
}

/**
 * Finds and reads everything that some collector understands.
 * @throws ConfigurationError
 */
export async function gather(request: GatherRequest): Promise<Gathered> {
  const matches = nameMatcher(collectors.flatMap((manifest) => manifest.activation));
  const discovery = discover(request.workingFolder, request.paths, matches, request.configuration);
  if (discovery.configurationProblems.length > 0) {
    throw new ConfigurationError(discovery.configurationProblems);
  }
  const { workingFolder, paths, options, placed = new Map(), factsContext = {} } = request;
  const key = JSON.stringify([request.cache?.build, workingFolder, paths, options]);
  const cache = request.cache === undefined ? undefined : new FactCache(request.cache.folder, key);
  const found = discovery.files.map((file) => file.path);
  const files = [...new Set([...found, ...[...placed.keys()].filter((path) => matches(nameOf(path)))])];
  const named = [...options.varFiles, ...options.envFiles];
  const reach = { workingFolder, paths, named, found };
  const store = new FileStore(withPlaced(confined(diskFiles(workingFolder), reach), placed));
  const { onProgress } = request;
  const collected = await collect({
    ...{ files, store, options, manifests: collectors, cache, factsContext, onProgress },
  });
  cache?.save();
  return {
    facts: [...collected.facts].sort(compareFacts),
    diagnostics: sortDiagnostics([...discovery.diagnostics, ...collected.diagnostics]),
    notLookedAt: notLookedAt(discovery, (path) => store.wasRead(path)),
    discovery,
    comments: store.comments,
    get inputs() {
      return store.inputs();
    },
  };
}

/** The tree, with files from elsewhere in it. */
function withPlaced(tree: FileSource, placed: ReadonlyMap<string, string>): FileSource {
  return {
    read: (path, largest) => {
      const absolute = placed.get(path);
      return absolute === undefined ? tree.read(path, largest) : readRegular(absolute, path, largest);
    },
    list: (folder) => tree.list(folder),
  };
}

export interface CheckRequest extends GatherRequest {
  readonly policies: PolicySet;
  readonly editions: readonly Edition[];
  readonly compiled?: CompiledAssertions;
  /** What was wrong with own policy files. */
  readonly policyDiagnostics?: readonly Diagnostic[];
  /** Tells who wrote a decision, where the policy forbids that its approver did. */
  readonly findAuthors?: FindAuthors;
}

/** A decision as it was read: where it stands and how long it lasts, whatever it lifts. */
export interface ReadDecision {
  readonly id: string;
  readonly kind: string;
  readonly file: string;
  /** Its last day, YYYY-MM-DD. */
  readonly until: string;
}

function readDecision({ id, location, attributes }: Fact): ReadDecision {
  const text = (name: string): string => {
    const value = attributes[name];
    return value?.state === "known" ? String(value.value) : "";
  };
  return { id, kind: text("kind"), file: location.file, until: text("until") };
}

/** A report, and what a reporter must know beside it. */
export interface Checked {
  readonly report: Report;
  /** Decisions that were read, in force or not. */
  readonly decisions: readonly ReadDecision[];
  /** Where literal secrets stand in the files: whoever shows source text leaves these spans out. */
  readonly secrets: readonly Location[];
  /** Every file that was read. */
  readonly inputs: Gathered["inputs"];
}

export const disclaimer =
  "hipaa-check reports what configurations show against published rule texts. It gives no legal advice.";

/**
 * Collects, evaluates and reports: the one way for the command line, an editor and tests.
 * @throws ConfigurationError
 */
export async function check(request: CheckRequest): Promise<Checked> {
  const gathered = await gather(request);
  const { discovery } = gathered;
  const settings = new RuleSettings(discovery.configurations, request.policies.rules);
  const roots = new Roots(discovery.files);
  const judged = evaluate({
    facts: gathered.facts,
    rules: request.policies.rules,
    editions: request.editions,
    ...(request.compiled === undefined ? {} : { compiled: request.compiled }),
    settings,
    positionFree: (file) => relativeTo(roots.of(file), file),
  });
  const { results, diagnostics: ofDecisions } = applyDecisions({
    results: judged,
    facts: gathered.facts,
    comments: gathered.comments,
    rules: request.policies.rules,
    editions: request.editions,
    asOf: request.options.asOf ?? new Date().toISOString().slice(0, 10),
    findAuthors: request.findAuthors,
  });
  const diagnostics = sortDiagnostics([
    ...(request.policyDiagnostics ?? []),
    ...ofDecisions,
    ...settings.diagnostics,
    ...gathered.diagnostics,
  ]);
  const report: Report = {
    schemaVersion: "1",
    tool: { name: "hipaa-check", version: request.version },
    editions: request.editions.map(({ id, title, status, statusAsOf }) => ({
      id,
      title,
      status,
      statusAsOf,
    })),
    disclaimer,
    summary: summarize(results, discovery.files.length, gathered.facts.length, diagnostics),
    notLookedAt: gathered.notLookedAt,
    results,
    evidence: evidenceByControl(results),
    diagnostics,
  };
  return {
    report,
    decisions: gathered.facts.filter(({ kind }) => kind === "decision").map(readDecision),
    secrets: gathered.facts.flatMap(secretPlaces),
    get inputs() {
      return gathered.inputs;
    },
  };
}

function secretPlaces({ kind, attributes }: Fact): Location[] {
  const { source } = attributes;
  return kind !== "secret" || source === undefined ? [] : literalPlaces(source);
}

function literalPlaces(source: Value): Location[] {
  if (source.state === "unknown") return (source.alternatives ?? []).flatMap(literalPlaces);
  return source.state === "known" && source.value === "literal" && source.location !== undefined
    ? [source.location]
    : [];
}

/** Counts verdicts, and diagnostics that kept input from being judged. */
export function summarize(
  results: readonly Result[],
  files: number,
  facts: number,
  diagnostics: readonly Diagnostic[],
): Summary {
  const count = (verdict: Verdict): number => results.filter((result) => result.verdict === verdict).length;
  return {
    files,
    facts,
    pass: count("pass"),
    fail: count("fail"),
    unknown: count("unknown"),
    notApplicable: count("not-applicable"),
    excepted: count("excepted"),
    errors: diagnostics.filter((diagnostic) => diagnostic.level === "error").length,
  };
}

/** The given path that each file was found under, also of a file that a collector read beside its own. */
class Roots {
  private readonly byFile: ReadonlyMap<string, string>;
  private readonly deepestFirst: readonly string[];

  constructor(files: readonly DiscoveredFile[]) {
    this.byFile = new Map(files.map(({ path, root }) => [path, root]));
    this.deepestFirst = [...new Set(this.byFile.values())].sort((a, b) => b.length - a.length);
  }

  of(file: string): string {
    return this.byFile.get(file) ?? this.deepestFirst.find((root) => isWithin(root, file)) ?? ".";
  }
}

function relativeTo(root: string, file: string): string {
  return root === "." ? file : file.slice(root.length + 1);
}

function compareFacts(a: Fact, b: Fact): number {
  const left = [a.location.file, a.kind, a.id];
  const right = [b.location.file, b.kind, b.id];
  const at = left.findIndex((part, index) => part !== right[index]);
  return at === -1 ? 0 : (left[at] ?? "") < (right[at] ?? "") ? -1 : 1;
}

/** By file and line; the same message twice is said once. */
function sortDiagnostics(diagnostics: readonly Diagnostic[]): Diagnostic[] {
  const key = ({ location, code, message }: Diagnostic): string =>
    [
      location?.file ?? "",
      String(location?.line ?? 0).padStart(9),
      String(location?.column ?? 0).padStart(9),
      code,
      message,
    ].join("\n");
  const unique = new Map(diagnostics.map((diagnostic) => [key(diagnostic), diagnostic]));
  return [...unique].sort(([a], [b]) => (a < b ? -1 : 1)).map(([, diagnostic]) => diagnostic);
}
