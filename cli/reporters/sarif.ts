import type { Diagnostic } from "#base/diagnostic.ts";
import type { Location } from "#base/location.ts";
import type { Report, Result, ResultDecision } from "#engine/result.ts";
import { isProposed, isTold, pathReference, type ReportContext } from "./reporter.ts";

const schema = "https://docs.oasis-open.org/sarif/sarif/v2.1.0/errata01/os/schemas/sarif-schema-2.1.0.json";
const home = "https://hipaa-check.dev/";

const kinds: Readonly<Record<Result["verdict"], string>> = {
  pass: "pass",
  fail: "fail",
  unknown: "open",
  "not-applicable": "notApplicable",
  excepted: "fail",
};

const levels: Readonly<Record<Result["severity"], string>> = {
  critical: "error",
  high: "error",
  medium: "warning",
  low: "note",
};

/** Scores that code-scanning services sort by (0 to 10). */
const scores: Readonly<Record<Result["severity"], string>> = {
  critical: "9.5",
  high: "8.0",
  medium: "5.5",
  low: "3.0",
};

/**
 * SARIF 2.1.0: verdicts as result kinds, chains as code flows, paragraphs as taxa. Passes and what does not apply are in it only where
 * they were asked for: services that take SARIF, GitHub's code scanning among them, raise an alert for each result of whatever kind.
 */
export function renderSarif(whole: Report, { verbose }: Pick<ReportContext, "verbose">): string {
  const report = verbose ? whole : { ...whole, results: whole.results.filter(isTold) };
  const rules = uniqueBy(report.results, (result) => result.rule);
  const ruleIndex = new Map(rules.map((result, index) => [result.rule, index]));
  const taxonomies = report.editions.map((edition) => taxonomyOf(edition.id, edition.title, report));
  const run = {
    tool: {
      driver: {
        name: report.tool.name,
        version: report.tool.version,
        semanticVersion: report.tool.version,
        informationUri: home,
        supportedTaxonomies: taxonomies.map(({ name }, index) => ({ name, index })),
        rules: rules.map(descriptorOf),
      },
    },
    invocations: [
      {
        executionSuccessful: report.summary.errors === 0,
        toolExecutionNotifications: report.diagnostics.map(notificationOf),
      },
    ],
    taxonomies,
    columnKind: "utf16CodeUnits",
    results: report.results.map((result) => resultOf(result, ruleIndex.get(result.rule) ?? 0, report)),
    properties: { disclaimer: report.disclaimer, notLookedAt: report.notLookedAt },
  };
  return `${JSON.stringify({ $schema: schema, version: "2.1.0", runs: [run] }, undefined, 2)}\n`;
}

function uniqueBy<T>(items: readonly T[], key: (item: T) => string): T[] {
  return [...new Map(items.toReversed().map((item) => [key(item), item])).values()].sort((a, b) =>
    key(a) < key(b) ? -1 : 1,
  );
}

function taxonomyOf(edition: string, title: string, report: Report) {
  const controls = report.results.flatMap((result) => (result.edition === edition ? result.controls : []));
  return {
    name: edition,
    fullName: title,
    isComprehensive: false,
    taxa: uniqueBy(controls, (control) => control.citation).map((control) => ({
      id: control.citation,
      name: control.title,
      shortDescription: { text: `${control.citation} ${control.title}` },
      properties: { designation: control.designation, verified: control.verified },
    })),
  };
}

function descriptorOf(result: Result) {
  return {
    id: result.rule,
    shortDescription: { text: result.title },
    fullDescription: { text: result.why },
    help: { text: result.remedy },
    helpUri: `${home}${result.documentation}`,
    defaultConfiguration: { level: levels[result.severity] },
    properties: {
      requirements: result.requirements,
      references: result.references,
      "security-severity": scores[result.severity],
      tags: ["security", "hipaa", ...result.requirements],
    },
  };
}

function resultOf(result: Result, ruleIndex: number, report: Report) {
  const level = isProposed(report, result.edition) ? "note" : levels[result.severity];
  const flow = result.chain.map((step) => ({
    location: {
      physicalLocation: {
        artifactLocation: artifactOf(step.file),
        region: { startLine: step.line, startColumn: step.column },
      },
      message: { text: step.text },
    },
  }));
  return {
    ruleId: result.rule,
    ruleIndex,
    kind: kinds[result.verdict],
    level: kinds[result.verdict] === "fail" ? level : "none",
    message: { text: result.message },
    locations: [
      {
        physicalLocation: {
          artifactLocation: artifactOf(result.location.file),
          region: regionOf(result.location),
        },
        logicalLocations: [
          { name: result.fact.id, fullyQualifiedName: `${result.fact.kind}:${result.fact.id}` },
        ],
      },
    ],
    ...(result.known === true ? { baselineState: "unchanged" } : {}),
    partialFingerprints: { "hipaaCheck/v1": result.fingerprint },
    ...(result.decision === undefined ? {} : { suppressions: [suppressionOf(result.decision)] }),
    ...(flow.length === 0 ? {} : { codeFlows: [{ threadFlows: [{ locations: flow }] }] }),
    taxa: result.controls.map((control) => ({
      id: control.citation,
      toolComponent: { name: result.edition },
    })),
    properties: {
      edition: result.edition,
      verdict: result.verdict,
      expected: result.expected,
      actual: result.actual,
    },
  };
}

/** SARIF has a reason and no more; who decided and until when stand beside it. */
function suppressionOf(decision: ResultDecision) {
  const { reason, file, line, ...rest } = decision;
  return {
    kind: "external",
    status: "accepted",
    justification: reason,
    location: { physicalLocation: { artifactLocation: artifactOf(file), region: { startLine: line } } },
    properties: rest,
  };
}

function notificationOf({ level, code, message, location }: Diagnostic) {
  return {
    descriptor: { id: code },
    level,
    message: { text: message },
    ...(location === undefined
      ? {}
      : {
          locations: [
            {
              physicalLocation: { artifactLocation: artifactOf(location.file), region: regionOf(location) },
            },
          ],
        }),
  };
}

function artifactOf(file: string) {
  return { uri: pathReference(file) };
}

function regionOf(location: Location) {
  return {
    startLine: location.line,
    startColumn: location.column,
    endLine: location.endLine,
    endColumn: location.endColumn,
  };
}
