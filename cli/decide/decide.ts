import { realpathSync, statSync, writeFileSync } from "node:fs";
import { basename, join, resolve } from "node:path";
import { decodeText, notUtf8, readRegular } from "#base/files.ts";
import { diagnosticLine, UsageError } from "#cli/errors.ts";
import { requireWritable, writeWhole } from "#cli/output.ts";
import { TemporaryFolder } from "#cli/temporary-folder.ts";
import { type Checked, type CheckRequest, check } from "#engine/check.ts";
import { folderOf, isWithin, joinShown, shownPath } from "#engine/paths.ts";
import type { Result } from "#engine/result.ts";
import { complianceName } from "#facts/compliance-file.ts";
import { chooseFindings, type FindingNames } from "./findings.ts";
import { insertDecision } from "./insert.ts";
import { type DecisionFlags, nextId, requireComplete, writtenDecision } from "./written.ts";

export interface DecideRequest extends FindingNames, DecisionFlags {
  readonly id?: string | undefined;
  readonly date?: string | undefined;
  /** The file to write into. */
  readonly into?: string | undefined;
}

/** What was written. */
export interface Decided {
  readonly id: string;
  readonly kind: string;
  /** Its last day, YYYY-MM-DD. */
  readonly until: string;
  readonly file: string;
  readonly rule: string;
  readonly findings: readonly Result[];
  /** What is to be known about it. */
  readonly warnings: readonly string[];
}

/**
 * Writes a decision about findings into a `compliance.yaml`. It is tried first: the same files are judged with it in place, and
 * only a decision that lifts every one of the findings is written.
 * @throws UsageError where it would not, with why; nothing is written then
 */
export async function decide(request: CheckRequest, decision: DecideRequest): Promise<Decided> {
  requireComplete(decision);
  const checked = await check(request);
  const { rule, findings } = chooseFindings(checked.report, decision, request.policies.rules);
  const { file, folder } = placeOf(request, checked, decision.into, findings);
  const id = decision.id ?? nextId(checked.decisions.map((each) => each.id));
  const files = [...new Set(findings.map(({ location }) => location.file))];
  const head = {
    id,
    rule,
    scope: {
      facts: [...new Set(findings.map(({ fact }) => fact.id))],
      files: files.map((path) => exactPattern(folder, path)),
    },
    date: decision.date ?? request.options.asOf ?? new Date().toISOString().slice(0, 10),
  };
  const absolute = resolve(request.workingFolder, file);
  requireWritable(file, "--into");
  const text = insertDecision(currentText(absolute, file), writtenDecision(head, decision));
  if (text === undefined)
    throw new UsageError(
      `${file} cannot be extended: it is no plain map with a list of decisions. Add it by hand.`,
    );
  const warnings = await tried(request, checked, { id, file, text, findings });
  writeWhole(isThere(absolute) ? realpathSync(absolute) : absolute, text, "--into");
  const until = decision.expires ?? decision.review ?? "";
  return { id, kind: decision.kind, until, file, rule, findings, warnings };
}

/** The file that the decision goes into, and the folder of the `compliance.yaml` that reads it. */
function placeOf(
  { workingFolder, paths }: CheckRequest,
  { inputs }: Checked,
  named: string | undefined,
  findings: readonly Result[],
): { readonly file: string; readonly folder: string } {
  const folders = paths
    .filter((path) => statSync(resolve(workingFolder, path)).isDirectory())
    .map((path) => shownPath(workingFolder, path));
  const read = new Set(inputs.map(({ path }) => path));
  const isGoverned = (folder: string): boolean => folders.some((given) => isWithin(given, folder));
  const nearest = (file: string): string | undefined => {
    for (let folder = folderOf(file); isGoverned(folder); folder = folderOf(folder)) {
      if (read.has(joinShown(folder, complianceName))) return folder;
      if (folder === "." || folder === "/" || folder.endsWith("..")) break;
    }
    return undefined;
  };
  if (named === undefined) {
    const places = new Set(
      findings.map(
        ({ location: { file } }) => nearest(file) ?? folders.find((given) => isWithin(given, file)),
      ),
    );
    const [folder] = places;
    if (folder === undefined)
      throw new UsageError(
        `A decision stands in a ${complianceName} in a folder that is checked. Give the folder as PATH.`,
      );
    if (places.size > 1)
      throw new UsageError(
        `The findings belong to ${[...places].map((place) => joinShown(String(place), complianceName)).join(" and ")}. Name one with --into.`,
      );
    return { file: joinShown(folder, complianceName), folder };
  }
  const file = shownPath(workingFolder, named);
  if (!folders.some((given) => isWithin(given, file)))
    throw new UsageError(`--into ${named} is outside the paths that are checked, so nothing would read it.`);
  if (isThere(resolve(workingFolder, file)) && !read.has(file))
    throw new UsageError(
      `--into ${named} is not read by this run. Decisions stand in ${complianceName}, or in a file that one includes.`,
    );
  const folder = basename(file) === complianceName ? folderOf(file) : nearest(file);
  if (folder === undefined)
    throw new UsageError(`--into ${named}: there is no ${complianceName} above it that could include it.`);
  const outside = findings.find(({ location }) => !isWithin(folder, location.file));
  if (outside !== undefined)
    throw new UsageError(
      `--into ${named}: ${outside.location.file} lies outside ${folder}, and a decision covers nothing outside the folder of its ${complianceName}.`,
    );
  return { file, folder };
}

function isThere(absolute: string): boolean {
  return statSync(absolute, { throwIfNoEntry: false }) !== undefined;
}

/** The characters of a file as they are: with its byte-order mark, and with the line ends that it has. */
export function currentText(absolute: string, file: string): string | undefined {
  const found = readRegular(absolute, file);
  if (found === undefined) return undefined;
  if ("problem" in found) throw new UsageError(diagnosticLine(found.problem));
  if (decodeText(found.bytes) === undefined) throw new UsageError(`${file}: ${notUtf8}`);
  return Buffer.from(found.bytes).toString("utf8");
}

/** A path as a pattern in the syntax of .gitignore that matches nothing else. */
function exactPattern(folder: string, path: string): string {
  const relative = folder === "." ? path : path.slice(folder.length + 1);
  return `/${relative.replace(/[\\*?[\]]/g, "\\$&").replace(/ (?= *$)/g, "\\ ")}`;
}

interface Trial {
  readonly id: string;
  readonly file: string;
  readonly text: string;
  readonly findings: readonly Result[];
}

/**
 * Judges again with the decision in place.
 * @returns what is to be known about a decision that lifts all that it should
 * @throws UsageError where it does not
 */
export async function tried(
  request: CheckRequest,
  before: Checked,
  trial: Trial,
): Promise<readonly string[]> {
  using folder = new TemporaryFolder("decide");
  const copy = join(folder.path, complianceName);
  writeFileSync(copy, trial.text, { mode: 0o600 });
  const { report } = await check({ ...request, placed: new Map([[trial.file, copy]]) });
  const known = new Set(before.report.diagnostics.map(({ code, message }) => `${code}\n${message}`));
  const news = report.diagnostics.filter(({ code, message }) => !known.has(`${code}\n${message}`));
  const after = new Map(report.results.map((result) => [result.fingerprint, result]));
  const left = trial.findings.find(({ fingerprint }) => {
    const { verdict, decision } = after.get(fingerprint) ?? {};
    return verdict !== "excepted" || decision?.id !== trial.id;
  });
  if (left === undefined) return news.map(diagnosticLine);
  const said = after.get(left.fingerprint)?.message.split(" Decision ").at(-1) ?? "";
  const broken = report.diagnostics.find(
    ({ level, location }) => level === "error" && location?.file === trial.file,
  );
  const why =
    news[0]?.message ??
    (said.startsWith(trial.id) ? `Decision ${said}` : undefined) ??
    (broken === undefined ? undefined : diagnosticLine(broken)) ??
    `no ${complianceName} includes ${trial.file}. Add it to include: there.`;
  throw new UsageError(
    `Not written, since it would not lift ${left.rule} of ${left.fact.id} (${left.location.file}:${left.location.line}, ${left.edition}): ${why}`,
  );
}
