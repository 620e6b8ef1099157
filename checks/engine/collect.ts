import type { Diagnostic } from "#base/diagnostic.ts";
import { startOfFile } from "#base/location.ts";
import type {
  Collected,
  CollectOptions,
  Collector,
  CollectorManifest,
  CollectUnit,
} from "#facts/collector.ts";
import type { Fact } from "#facts/fact.ts";
import { compareEvidence } from "./agreement.ts";
import { type CacheEntry, digestOf, type FactCache } from "./cache.ts";
import { dropOutdated, type FactsContext, pointFacts } from "./configuration-files.ts";
import { type FileStore, RecordingHost } from "./host.ts";
import { nameMatcher, nameOf } from "./paths.ts";
import { holdServiceLevels } from "./service-levels.ts";

export interface CollectRequest {
  readonly files: readonly string[];
  readonly store: FileStore;
  readonly options: CollectOptions;
  readonly manifests: readonly CollectorManifest[];
  readonly cache: FactCache | undefined;
  readonly factsContext?: FactsContext;
  readonly onProgress?: ((words: string) => void) | undefined;
}

/** Runs each collector on the files it reads. A collector that breaks is reported and does not end the run. */
export async function collect(request: CollectRequest): Promise<Collected> {
  const facts: Fact[] = [];
  const diagnostics: Diagnostic[] = [];
  for (const manifest of request.manifests) {
    const matches = nameMatcher(manifest.activation);
    const files = request.files.filter((file) => matches(nameOf(file)));
    if (files.length === 0) continue;
    const collected = await runCollector(manifest, files, request);
    facts.push(...collected.facts);
    diagnostics.push(...collected.diagnostics);
  }
  diagnostics.push(...goneFiles(request), ...emptyFiles(request));
  const { configurations = {}, originals = {} } = request.factsContext ?? {};
  const pointed = pointFacts(facts, configurations);
  const current = dropOutdated(pointed, request.files, request.store, originals);
  diagnostics.push(...current.diagnostics, ...request.store.diagnostics);
  const derived = [...compareEvidence(current.facts), ...holdServiceLevels(current.facts)];
  return { facts: [...current.facts, ...derived], diagnostics };
}

/** Files that were found and cannot be opened by the name that was found: nothing of them was judged. */
function goneFiles({ files, store }: CollectRequest): Diagnostic[] {
  return files
    .filter((file) => store.digest(file) === null)
    .map((file) => ({
      level: "error",
      code: "file-gone",
      message:
        "The file was there and could not be opened: it went away, or its name is not UTF-8. Run again, or rename it.",
      location: startOfFile(file),
    }));
}

function emptyFiles({ files, store }: CollectRequest): Diagnostic[] {
  return files
    .filter((file) => store.isBlank(file))
    .map((file) => ({
      level: "warning",
      code: "file-empty",
      message:
        "The file is empty, so nothing was judged in it. Remove it, or check that it was written whole.",
      location: startOfFile(file),
    }));
}

async function runCollector(
  manifest: CollectorManifest,
  files: readonly string[],
  request: CollectRequest,
): Promise<Collected> {
  const { store, options } = request;
  let collector: Collector;
  let units: readonly CollectUnit[];
  try {
    ({ collector } = await manifest.load());
    units = collector.group(files, new RecordingHost(store, options));
  } catch (error) {
    return { facts: [], diagnostics: [broken(manifest, error, files)] };
  }
  const facts: Fact[] = [];
  const diagnostics: Diagnostic[] = [];
  for (const [index, unit] of units.entries()) {
    request.onProgress?.(`${manifest.title}: ${index + 1} of ${units.length}`);
    try {
      const collected = await collectUnit(manifest, collector, unit, request);
      facts.push(...collected.facts);
      diagnostics.push(...collected.diagnostics);
    } catch (error) {
      diagnostics.push(broken(manifest, error, unit.files));
    }
  }
  return { facts, diagnostics };
}

/** The facts of one unit: those of an earlier run while everything they came from is as it was. */
async function collectUnit(
  manifest: CollectorManifest,
  collector: Collector,
  unit: CollectUnit,
  { store, options, cache }: CollectRequest,
): Promise<Collected> {
  const members = [...unit.files, "", ...(unit.context ?? [])].join("\n");
  const key = `${manifest.id}@${manifest.version}:${unit.id}:${digestOf(members)}`;
  const earlier = cache?.find(key, (candidate) => isCurrent(candidate, store));
  if (earlier !== undefined) return earlier.collected;
  const host = new RecordingHost(store, options);
  const collected = await collector.collect(unit, host);
  const { dependencies, documents, folders } = host;
  cache?.keep(key, { dependencies, documents, folders, collected });
  return collected;
}

function broken({ id }: CollectorManifest, error: unknown, files: readonly string[]): Diagnostic {
  const why = error instanceof Error ? error.message : String(error);
  const what = files.length === 1 ? "this file was" : `${files.length} files were`;
  return {
    level: "error",
    code: "collector-broken",
    message: `The collector ${id} broke (${why}), so ${what} not judged. This is a defect of hipaa-check: please report it.`,
    location: startOfFile(files[0] ?? "."),
  };
}

function isCurrent(entry: CacheEntry, store: FileStore): boolean {
  return (
    entry.dependencies.every(([path, digest]) => store.digest(path) === digest) &&
    entry.documents.every(([path, digest]) => store.document(path).digest === digest) &&
    entry.folders.every(([folder, digest]) => digestOf(store.list(folder).join("\n")) === digest)
  );
}
