import { createHash } from "node:crypto";
import { decodeText } from "#base/files.ts";
import { version } from "#cli/version.ts";
import type { Report } from "#engine/result.ts";
import type { Edition } from "#policy/edition.ts";
import type { Rule } from "#policy/rule.ts";
import {
  type BundleContext,
  bundledReports,
  contextName,
  editionName,
  type ReportSource,
  renderReports,
  rulesName,
} from "../build/build.ts";
import { inputFolder } from "../build/inputs.ts";
import { readMe, readMeName } from "../build/read-me.ts";
import { retainUntil } from "../build/times.ts";
import type { BundleReader } from "../bundle/archive-reader.ts";
import type { Manifest } from "../bundle/manifest.ts";
import { canonical } from "../bundle/manifest.ts";
import type { WrittenMember } from "../bundle/seal.ts";
import { EvidenceError, inauthentic } from "../error.ts";
import type { Contents } from "./contents.ts";

/** What a bundle that is whole says inside. */
export interface BundleParts {
  readonly report: Report;
  readonly editions: readonly Edition[];
  readonly rules: readonly Rule[];
  readonly context: BundleContext;
}

function readPart<T>(contents: Contents, path: string): T {
  const octets = contents.octets(path);
  if (octets === undefined) throw inauthentic("part-missing", `The bundle lacks ${path}.`);
  try {
    return JSON.parse(octets.toString("utf8")) as T;
  } catch {
    throw inauthentic("part-unreadable", `${path} is not JSON.`);
  }
}

/**
 * Holds the parts of a bundle against each other: the manifest speaks of the editions, results and inputs that are there, every
 * report says what the results say, and there is nothing beside them.
 * @param reader of the bundle, which is whole
 * @returns the parts, and notes on what could not be compared
 * @throws EvidenceError
 */
export async function checkConsistency(
  manifest: Manifest,
  contents: Contents,
  reader: BundleReader,
): Promise<{ readonly parts: BundleParts; readonly notes: readonly string[] }> {
  const report = readPart<Report>(contents, bundledReports.json);
  const context = readPart<BundleContext>(contents, contextName);
  const rules = readPart<readonly Rule[]>(contents, rulesName);
  const editions = manifest.editions.map((entry) => readEdition(entry, manifest, contents));
  checkHead(manifest, { report, context, editions, rules });
  const notes: string[] = [];
  if (report.tool.version !== version) {
    notes.push(
      `Reports were written by hipaa-check ${report.tool.version}; this is ${version}, so they were not written again for comparison.`,
    );
  } else {
    const read = readerOf(manifest, reader);
    compareReports(manifest, await writtenAgain(manifest, { report, context, editions, rules }, read));
  }
  return { parts: { report, editions, rules, context }, notes };
}

function readEdition(
  { id, sha256, status }: Manifest["editions"][number],
  manifest: Manifest,
  contents: Contents,
): Edition {
  const path = editionName(id);
  const listed = manifest.files.find((file) => file.path === path);
  const edition = listed?.sha256 === sha256 ? readPart<Edition>(contents, path) : undefined;
  if (edition === undefined || edition.id !== id || edition.status !== status) {
    throw inauthentic(
      "edition-differs",
      `The edition ${id} in the bundle is not the one that the manifest names.`,
    );
  }
  return edition;
}

/** What the manifest says of the results, the editions and the judgement is what the bundle holds. */
function checkHead(manifest: Manifest, { report, context, editions }: BundleParts): void {
  if (!isReport(report)) {
    throw inauthentic("part-unreadable", `${bundledReports.json} does not hold the results of a check.`);
  }
  if (canonical({ ...report.summary }) !== canonical(manifest.summary)) {
    throw inauthentic("summary-differs", "The manifest counts other results than the report holds.");
  }
  const said = [manifest.tool.version, manifest.asOf, manifest.editions.map(({ id }) => id)];
  const judged = [context?.tool?.version, context?.asOf, context?.editions];
  const reported = [report.tool.version, manifest.asOf, report.editions.map(({ id }) => id)];
  if (canonical(said) !== canonical(judged) || canonical(said) !== canonical(reported)) {
    throw inauthentic(
      "context-differs",
      "The manifest names another version, day or editions than the judgement was made with.",
    );
  }
  const due = retainUntil(new Date(manifest.createdAt), report.results);
  if (manifest.retainUntil < due) {
    throw inauthentic(
      "retention-short",
      `The bundle says that it has to be kept until ${manifest.retainUntil}, and six years end on ${due}.`,
    );
  }
  for (const { id, status, dates } of editions) {
    const effective = (dates.effective as { date?: string } | undefined)?.date;
    if (status === "in-force" && effective !== undefined && manifest.asOf < effective) {
      throw inauthentic(
        "edition-not-in-force",
        `The edition ${id} came into force on ${effective}, after ${manifest.asOf}.`,
      );
    }
  }
}

function isReport(value: Report): boolean {
  const { tool, editions, results, summary } = (value ?? {}) as Partial<Report>;
  return (
    typeof tool?.version === "string" &&
    typeof summary === "object" &&
    Array.isArray(editions) &&
    Array.isArray(results)
  );
}

/** The text of an input as the bundle holds it. */
function readerOf({ files }: Manifest, reader: BundleReader): ReportSource["read"] {
  const digests = new Map(files.map(({ path, sha256 }) => [path, sha256]));
  let last: { readonly path: string; readonly text: string | undefined } | undefined;
  return (path) => {
    const member = `${inputFolder}/${path}`;
    const sha256 = digests.get(member);
    if (sha256 === undefined) return undefined;
    if (last?.path !== path) {
      const octets = reader.content(member);
      if (digestOf(octets) !== sha256)
        throw inauthentic("digest-differs", `${member} changed while it was read.`);
      last = { path, text: decodeText(octets) };
    }
    return last.text;
  };
}

/** Reports that were written from the results of a bundle, once more. @throws EvidenceError where these are no results */
async function writtenAgain(
  manifest: Manifest,
  { report, editions, rules }: BundleParts,
  read: ReportSource["read"],
): Promise<readonly WrittenMember[]> {
  try {
    const first = { path: readMeName, content: Buffer.from(readMe(manifest)) };
    return [first, ...(await renderReports(report, { ...manifest, editions, rules, read }))];
  } catch (error) {
    if (error instanceof EvidenceError) throw error;
    throw inauthentic("part-unreadable", `${bundledReports.json} does not hold the results of a check.`);
  }
}

/** Reports are as they were written from the results, and there is no file that nobody knows. */
function compareReports(manifest: Manifest, written: readonly WrittenMember[]): void {
  const listed = new Map(manifest.files.map(({ path, sha256 }) => [path, sha256]));
  for (const { path, content } of written) {
    const sha256 = listed.get(path);
    if (sha256 === undefined) throw inauthentic("part-missing", `The bundle lacks ${path}.`);
    if (sha256 !== digestOf(content))
      throw inauthentic("report-differs", `${path} says something else than the results.`);
  }
  const known = new Set<string | null>([
    contextName,
    rulesName,
    ...manifest.editions.map(({ id }) => editionName(id)),
    ...manifest.inputs.map(({ member }) => member),
    ...written.map(({ path }) => path),
  ]);
  const unknown = manifest.files.find(({ path }) => !known.has(path));
  if (unknown !== undefined)
    throw inauthentic("entry-unknown", `${unknown.path} is neither an input nor a part of a bundle.`);
}

function digestOf(content: Uint8Array): string {
  return createHash("sha256").update(content).digest("hex");
}
