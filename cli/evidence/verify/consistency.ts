import { createHash } from "node:crypto";
import { readFileSync } from "node:fs";
import { join } from "node:path";
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
import { retainUntil } from "../build/times.ts";
import type { Manifest } from "../bundle/manifest.ts";
import { canonical } from "../bundle/manifest.ts";
import { inauthentic } from "../error.ts";
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
 * Holds the parts of a bundle against each other: the manifest speaks of the editions, results and inputs that are there, and every
 * report says what the results say.
 * @returns the parts, and notes on what could not be compared
 * @throws EvidenceError
 */
export async function checkConsistency(
  manifest: Manifest,
  contents: Contents,
): Promise<{ readonly parts: BundleParts; readonly notes: readonly string[] }> {
  const report = readPart<Report>(contents, bundledReports.json);
  const context = readPart<BundleContext>(contents, contextName);
  const rules = readPart<readonly Rule[]>(contents, rulesName);
  const editions = manifest.editions.map(({ id, sha256 }) => {
    const path = editionName(id);
    const listed = manifest.files.find((file) => file.path === path);
    if (listed?.sha256 !== sha256)
      throw inauthentic(
        "edition-differs",
        `The edition ${id} in the bundle is not the one that the manifest names.`,
      );
    return readPart<Edition>(contents, path);
  });
  if (canonical({ ...report.summary }) !== canonical(manifest.summary)) {
    throw inauthentic("summary-differs", "The manifest counts other results than the report holds.");
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
  const notes: string[] = [];
  if (report.tool.version !== version) {
    notes.push(
      `Reports were written by hipaa-check ${report.tool.version}; this is ${version}, so they were not written again for comparison.`,
    );
  } else
    await compareReports(
      report,
      { ...manifest, editions, rules, read: readerOf(contents) },
      manifest.files,
      contents,
    );
  return { parts: { report, editions, rules, context }, notes };
}

function readerOf({ inputs }: Contents): ReportSource["read"] {
  return (path) => {
    if (inputs === undefined) return undefined;
    try {
      return decodeText(readFileSync(join(inputs, path)));
    } catch {
      return undefined;
    }
  };
}

async function compareReports(
  report: Report,
  source: ReportSource,
  files: Manifest["files"],
  contents: Contents,
): Promise<void> {
  // A page shows lines of the inputs: it can be written again only where these were unpacked.
  const comparable = (await renderReports(report, source)).filter(
    ({ path }) => contents.inputs !== undefined || path !== bundledReports.html,
  );
  const listed = new Map(files.map(({ path, sha256 }) => [path, sha256]));
  for (const member of comparable) {
    const sha256 = listed.get(member.path);
    if (sha256 === undefined) throw inauthentic("part-missing", `The bundle lacks ${member.path}.`);
    if (sha256 !== createHash("sha256").update(member.content).digest("hex")) {
      throw inauthentic("report-differs", `${member.path} says something else than the results.`);
    }
  }
}
