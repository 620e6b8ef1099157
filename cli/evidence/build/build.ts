import { createHash } from "node:crypto";
import { readFileSync } from "node:fs";
import { decodeText } from "#base/files.ts";
import { GitAuthors } from "#cli/git/authors.ts";
import { wholeText } from "#cli/output.ts";
import type { Policies } from "#cli/policies.ts";
import { renderCatalog } from "#cli/reporters/oscal/catalog.ts";
import { catalogName, planName } from "#cli/reporters/oscal/plan.ts";
import { type Format, reporters } from "#cli/reporters/registry.ts";
import { pathReference, type ReportContext } from "#cli/reporters/reporter.ts";
import { bare } from "#cli/ui/style.ts";
import { version } from "#cli/version.ts";
import type { Authorship, FindAuthors } from "#engine/authorship.ts";
import { type Checked, check } from "#engine/check.ts";
import type { FactsConfigurations } from "#engine/configuration-files.ts";
import type { Report } from "#engine/result.ts";
import type { CollectOptions } from "#facts/collector.ts";
import type { Edition } from "#policy/edition.ts";
import type { Rule } from "#policy/rule.ts";
import { type BundleInput, canonical } from "../bundle/manifest.ts";
import type { ManifestHead, Member, WrittenMember } from "../bundle/seal.ts";
import { usage } from "../error.ts";
import { dossiers } from "./dossiers.ts";
import { bundleInputs, inputFolder } from "./inputs.ts";
import { readMe, readMeName } from "./read-me.ts";
import { factsConfigurations, placeFiles, type Subject } from "./subject.ts";
import { retainUntil, secondsText } from "./times.ts";

export interface BuildRequest {
  readonly subject: Subject;
  readonly workingFolder: string;
  readonly factsFiles: readonly string[];
  readonly varFiles: readonly string[];
  readonly envFiles: readonly string[];
  readonly terraformVariables: Readonly<Record<string, string>>;
  readonly policies: Policies;
  readonly editions: readonly Edition[];
  readonly digestsOnly: boolean;
  readonly createdAt: Date;
  /** The day that decisions and records are held against, YYYY-MM-DD. */
  readonly asOf: string;
  readonly onProgress?: (words: string) => void;
}

/** What has to be known to evaluate the inputs again: `context.json`. */
export interface BundleContext {
  readonly paths: readonly string[];
  readonly editions: readonly string[];
  readonly asOf: string;
  readonly varFiles: readonly string[];
  readonly envFiles: readonly string[];
  readonly factsFiles: readonly string[];
  /** What the facts files are about: see `FactsContext`. */
  readonly configurations: FactsConfigurations;
  /** Names of Terraform variables that the environment gave; their values are not kept. */
  readonly terraformVariables: readonly string[];
  /** The command that builds the same bundle, with the folder that was judged as its working folder. */
  readonly command: string;
  /** What the history of git said of who wrote each decision, by `authorshipKey`. */
  readonly authorship: Readonly<Record<string, Authorship>>;
  readonly tool: { readonly version: string; readonly dependencies: Readonly<Record<string, string>> };
}

/** The lines of a file whose authors were looked up: "compliance.yaml:3,4,5". */
export function authorshipKey(file: string, lines: readonly number[]): string {
  return `${file}:${lines.join(",")}`;
}

export const contextName = "context.json";
export const rulesName = "policies/rules.json";

export function editionName(id: string): string {
  return `policies/editions/${id}.json`;
}

/** Report formats that a bundle holds, and their files. */
export const bundledReports = {
  json: "results/report.json",
  sarif: "results/report.sarif",
  html: "results/report.html",
  oscal: "oscal/assessment-results.json",
  "oscal-plan": `oscal/${planName}`,
} as const satisfies Partial<Record<Format, string>>;

/** Everything of a bundle but its signatures. */
export interface Prepared {
  readonly head: ManifestHead;
  readonly members: readonly Member[];
  readonly checked: Checked;
}

/** What a judgement says where it does not depend on the machine. */
export function neutralOptions(
  options: Pick<CollectOptions, "varFiles" | "envFiles" | "terraformVariables"> & { readonly asOf: string },
): CollectOptions {
  return { ...options, machineName: "host.invalid" };
}

/**
 * Judges the inputs and gathers everything that goes into the bundle.
 * @throws EvidenceError, ConfigurationError
 */
export async function prepareBundle(request: BuildRequest): Promise<Prepared> {
  const { subject, workingFolder, editions, policies, asOf } = request;
  const facts = placeFiles(workingFolder, "facts", request.factsFiles);
  const variables = placeFiles(workingFolder, "context", request.varFiles);
  const environments = placeFiles(workingFolder, "context", request.envFiles);
  const placed = new Map([...facts, ...variables, ...environments]);
  if (placed.size !== facts.size + variables.size + environments.size) {
    throw usage("name-twice", "A --var-file and an --env-file have one name. Rename one.");
  }
  const configurations = factsConfigurations(facts, subject.root);
  using authors = new GitAuthors(subject.root);
  const authorship: Record<string, Authorship> = {};
  const findAuthors: FindAuthors = (file, lines) => {
    const found = authors.find(file, lines);
    authorship[authorshipKey(file, lines)] = found;
    return found;
  };
  const checked = await check({
    findAuthors,
    workingFolder: subject.root,
    paths: subject.paths,
    placed,
    factsContext: { configurations },
    options: neutralOptions({
      varFiles: [...variables.keys()],
      envFiles: [...environments.keys()],
      terraformVariables: request.terraformVariables,
      asOf,
    }),
    ...(policies.configuration === undefined ? {} : { configuration: policies.configuration }),
    version,
    policies,
    editions,
    compiled: policies.compiled,
    policyDiagnostics: policies.diagnostics,
    ...(request.onProgress === undefined ? {} : { onProgress: request.onProgress }),
  });
  const { inputs, members } = bundleInputs(checked, {
    workingFolder: subject.root,
    placed,
    digestsOnly: request.digestsOnly,
    private: new Set(environments.keys()),
  });
  const context: BundleContext = {
    paths: subject.paths,
    editions: editions.map(({ id }) => id),
    asOf,
    varFiles: [...variables.keys()],
    envFiles: [...environments.keys()],
    factsFiles: [...facts.keys()],
    configurations,
    terraformVariables: Object.keys(request.terraformVariables).sort(),
    command: commandOf(request),
    authorship,
    tool: { version, dependencies: bundledDependencies() },
  };
  const text = (path: string, content: string): Member => ({ path, content: Buffer.from(content) });
  const editionFiles = editions.map((edition) => text(editionName(edition.id), canonical(edition)));
  const { summary } = checked.report;
  const head: ManifestHead = {
    schemaVersion: "1",
    tool: { name: "hipaa-check", version },
    createdAt: secondsText(request.createdAt),
    asOf,
    retainUntil: retainUntil(request.createdAt, checked.report.results),
    editions: editions.map(({ id, status }, index) => ({
      id,
      status,
      sha256: digestOf(editionFiles[index]),
    })),
    summary: { ...summary },
    inputs,
  };
  return {
    head,
    checked,
    members: [
      ...members,
      ...editionFiles,
      text(rulesName, canonical(policies.rules)),
      ...(await renderReports(checked.report, {
        editions,
        rules: policies.rules,
        inputs,
        createdAt: head.createdAt,
        read: memberTexts(members),
      })),
      text(contextName, canonical(context)),
      text(readMeName, readMe(head)),
    ],
  };
}

function digestOf(member: Member | undefined): string {
  const content = member !== undefined && "content" in member ? member.content : Buffer.alloc(0);
  return createHash("sha256").update(content).digest("hex");
}

/** The text of an input as the bundle holds it, for code frames. */
function memberTexts(members: readonly Member[]): (path: string) => string | undefined {
  const byPath = new Map(members.map((member) => [member.path, member]));
  return (path) => {
    const member = byPath.get(`${inputFolder}/${path}`);
    if (member === undefined) return undefined;
    return decodeText("content" in member ? member.content : readFileSync(member.source));
  };
}

/** What the reports of a bundle are made of, beside the results. */
export interface ReportSource {
  readonly editions: readonly Edition[];
  readonly rules: readonly Rule[];
  readonly inputs: readonly BundleInput[];
  readonly createdAt: string;
  /** The text of an input as the bundle holds it. */
  readonly read: ReportContext["read"];
}

/**
 * The reports of a bundle: a function of the results and of the inputs as the bundle holds them, so that they can be held against
 * them again.
 */
export async function renderReports(report: Report, source: ReportSource): Promise<WrittenMember[]> {
  const { editions, rules } = source;
  const context: ReportContext = {
    style: bare,
    columns: 100,
    verbose: true,
    read: source.read,
    secrets: [],
    outcome: { exitCode: 0, words: "written into a bundle" },
    isCounted: () => false,
    editions,
    rules,
    time: source.createdAt,
    input: inputReferences(source.inputs),
    filters: [],
  };
  const members = Object.entries(bundledReports).map(async ([format, path]) => {
    const render = await reporters[format as keyof typeof bundledReports]();
    return { path, content: Buffer.from(wholeText(render(report, context))) };
  });
  const catalogs = editions.map((edition) => ({
    path: `oscal/${catalogName(edition.id)}`,
    content: Buffer.from(wholeText(renderCatalog(edition, rules))),
  }));
  return [...(await Promise.all(members)), ...catalogs, ...dossiers(report, editions)];
}

/** Judged files as a report in a folder of the bundle refers to them. */
function inputReferences(inputs: readonly BundleInput[]): ReportContext["input"] {
  const byPath = new Map(inputs.map((input) => [input.path, input]));
  return (path) => {
    const input = byPath.get(path);
    if (input === undefined) return { href: pathReference(path) };
    const { member, redactions, sha256 } = input;
    const href = pathReference(member === null ? path : `../${member}`);
    return { href, judgedSha256: sha256, ...(redactions.length === 0 ? { sha256 } : {}) };
  };
}

function commandOf({ subject, editions, digestsOnly, asOf, factsFiles }: BuildRequest): string {
  const words = [
    "hipaa-check evidence build",
    ...subject.paths,
    ...editions.map(({ id }) => `--edition ${id}`),
    ...factsFiles.map(() => "--facts FILE"),
    ...(digestsOnly ? ["--digests-only"] : []),
    `--as-of ${asOf}`,
  ];
  return words.join(" ");
}

/** What is built into the command line, written down when it was built. */
function bundledDependencies(): Record<string, string> {
  return JSON.parse(readFileSync(new URL("./dependencies.json", import.meta.url), "utf8")) as Record<
    string,
    string
  >;
}
