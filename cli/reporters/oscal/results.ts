import { createHash } from "node:crypto";
import { wholeText } from "#cli/output.ts";
import type { ReportContext } from "#cli/reporters/reporter.ts";
import type { Report, Result } from "#engine/result.ts";
import type { Edition } from "#policy/edition.ts";
import { findingsOf, partyUuid, risksOf } from "./findings.ts";
import {
  diagnosticObservations,
  fileUuid,
  inventoryItems,
  observationOf,
  observedResults,
} from "./observations.ts";
import { catalogResource, planName, renderPlan } from "./plan.ts";
import {
  ControlIds,
  documentText,
  heading,
  listed,
  oneLine,
  oscalVersion,
  properties,
  prose,
  selection,
  uuidOf,
} from "./terms.ts";

/** OSCAL assessment results: one result for each edition, with the plan inside, so that the document is whole in itself. */
export function renderOscal(report: Report, context: ReportContext): Generator<string> {
  const { time, editions } = context;
  const files = filesOf(report);
  const plan = planResource(context);
  const judged = editions.filter(({ id }) => report.editions.some((edition) => edition.id === id));
  return documentText("assessment-results", {
    metadata: {
      title: heading(`Assessment results: ${judged.map(({ id }) => id).join(", ")}`),
      "last-modified": time,
      version: time,
      "oscal-version": oscalVersion,
      ...peopleOf(report),
      remarks: prose(report.disclaimer),
    },
    "import-ap": { href: `#${plan.uuid}` },
    results: judged.map((edition) => resultOf(edition, report, context)),
    "back-matter": {
      resources: [
        plan,
        ...judged.map((edition) => catalogResource(edition, context)),
        ...files.map((file) => fileResource(file, context)),
      ],
    },
  });
}

/** Sets one run apart from every other. */
function contentOf(time: string, report: Report): string {
  return createHash("sha256")
    .update(JSON.stringify([time, report]))
    .digest("hex");
}

function resultOf(edition: Edition, report: Report, { filters, time }: ReportContext) {
  const own = report.results.filter((result) => result.edition === edition.id);
  const observed = observedResults(own);
  const ids = new ControlIds(edition);
  const proposed = edition.status === "proposed";
  const { summary, notLookedAt } = report;
  const remarks = [
    ...(proposed
      ? ["This edition is only proposed: it binds nobody, so there are observations and no findings."]
      : []),
    ...notLookedAt.map(
      ({ reason, count, examples }) => `Not looked at: ${count}, ${reason} (${examples.join(", ")})`,
    ),
    ...filters.map((words) => `Narrowed: ${words}`),
  ];
  return {
    uuid: uuidOf("result", edition.id, contentOf(time, report)),
    title: heading(`${edition.id}: ${edition.title}`),
    description: prose(
      `${edition.status} as of ${edition.statusAsOf}. ${summary.files} files were looked at and gave ${summary.facts} facts; ${summary.errors} inputs could not be judged.`,
    ),
    start: time,
    end: time,
    props: properties({
      edition: edition.id,
      "edition-status": edition.status,
      "edition-status-as-of": edition.statusAsOf,
      "inputs-not-judged": String(summary.errors),
    }),
    ...localDefinitions(own),
    "reviewed-controls": reviewedControls(own, edition, ids),
    ...listed("observations", [
      ...observed.map((each) => observationOf(each, proposed, time)),
      ...diagnosticObservations(report, edition.id, time),
    ]),
    ...(proposed
      ? {}
      : {
          ...listed("risks", risksOf(observed)),
          ...listed("findings", findingsOf(observed, ids, summary.errors)),
        }),
    ...(remarks.length === 0 ? {} : { remarks: remarks.map(prose).join("\n\n") }),
  };
}

function localDefinitions(own: readonly Result[]) {
  const items = inventoryItems(own);
  return items.length === 0 ? {} : { "local-definitions": { "inventory-items": items } };
}

/** What was judged: lines that no result bears on were not reviewed. */
function reviewedControls(own: readonly Result[], edition: Edition, ids: ControlIds) {
  const judged = own.filter(({ verdict }) => verdict !== "not-applicable");
  const controls = new Set(
    judged.flatMap((each) => each.controls.map(({ citation }) => ids.control(citation))),
  );
  const objectives = new Set(
    judged.flatMap((each) => each.controls.map(({ citation }) => ids.objective(citation, each.rule))),
  );
  return {
    "control-selections": [
      {
        description: heading(
          controls.size === 0 ? "No line was reviewed." : "Lines that something judged bears on.",
        ),
        ...selection([...controls], edition, ids),
      },
    ],
    ...listed(
      "control-objective-selections",
      objectives.size === 0
        ? []
        : [{ "include-objectives": [...objectives].sort().map((id) => ({ "objective-id": id })) }],
    ),
  };
}

function filesOf({ results, diagnostics }: Report): string[] {
  const places = [
    ...results.flatMap(({ location, chain, decision }) => [
      location.file,
      ...chain.map(({ file }) => file),
      ...(decision === undefined ? [] : [decision.file]),
    ]),
    ...diagnostics.flatMap(({ location }) => (location === undefined ? [] : [location.file])),
  ];
  return [...new Set(places)].sort();
}

function fileResource(file: string, { input }: ReportContext) {
  const { href, sha256, judgedSha256 } = input(file);
  return {
    uuid: fileUuid(file),
    title: heading(file),
    props: [{ name: "type", value: "evidence" }, ...properties({ file, "judged-sha256": judgedSha256 })],
    rlinks: [
      { href, ...(sha256 === undefined ? {} : { hashes: [{ algorithm: "SHA-256", value: sha256 }] }) },
    ],
  };
}

/** The plan, octet for octet: a reader of this document alone has it, and in a bundle it stands beside. */
function planResource(context: ReportContext) {
  const text = wholeText(renderPlan(context));
  const digest = createHash("sha256").update(text).digest("hex");
  return {
    uuid: uuidOf("plan", digest),
    title: heading("Assessment plan"),
    props: [{ name: "type", value: "plan" }],
    rlinks: [
      {
        href: planName,
        "media-type": "application/oscal+json",
        hashes: [{ algorithm: "SHA-256", value: digest }],
      },
    ],
    base64: {
      filename: planName,
      "media-type": "application/oscal+json",
      value: Buffer.from(text).toString("base64"),
    },
  };
}

/** Those whom decisions name. */
function peopleOf({ results }: Report) {
  const decisions = results.flatMap(({ decision }) => decision ?? []);
  const names = [...new Set(decisions.flatMap(({ owner, approver }) => [owner, approver]))].sort();
  if (names.length === 0) return {};
  return {
    roles: [
      { id: "approver", title: "Approves a decision" },
      { id: "owner", title: "Owns what a decision is about" },
    ],
    parties: names.map((name) => ({
      uuid: partyUuid(name),
      type: "person",
      name: oneLine(name),
      remarks: "Named in a decision; a function or a team may stand for a person.",
    })),
  };
}
