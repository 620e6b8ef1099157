import { createHash } from "node:crypto";
import { wholeText } from "#cli/output.ts";
import type { ReportContext, Reporter } from "#cli/reporters/reporter.ts";
import { version } from "#cli/version.ts";
import { disclaimer } from "#engine/check.ts";
import { type EvidenceKind, evidenceKinds } from "#facts/fact.ts";
import type { Edition } from "#policy/edition.ts";
import { renderCatalog } from "./catalog.ts";
import {
  ControlIds,
  documentText,
  heading,
  oscalVersion,
  properties,
  prose,
  selection,
  uuidOf,
} from "./terms.ts";

/** The plan that assessment results are made by: which editions, which checks, by which methods, and what is left out. */
export const planName = "assessment-plan.json";

/** The name that a plan knows the catalog of an edition by. */
export function catalogName(edition: string): string {
  return `catalog-${edition}.json`;
}

/** How each kind of evidence is gained, in the methods of OSCAL. */
export const methods: Readonly<Record<EvidenceKind, { readonly method: string; readonly how: string }>> = {
  static: { method: "EXAMINE", how: "Configurations and code are read; nothing of them is executed." },
  probe: { method: "TEST", how: "A sender or a server is put to the test on the wire, in a sandbox." },
  load: { method: "TEST", how: "The send path is measured under load." },
  record: { method: "EXAMINE", how: "Statements and records of people are held against their dates." },
};

/** The component that actors of a plan and of its results refer to. */
export const toolUuid = uuidOf("tool", version);

export function taskUuid(kind: EvidenceKind): string {
  return uuidOf("task", kind);
}

/** The catalog resource of an edition, in the plan and in the results. */
export function catalogResource(edition: Edition, { rules }: Pick<ReportContext, "rules">) {
  const digest = createHash("sha256")
    .update(wholeText(renderCatalog(edition, rules)))
    .digest("hex");
  return {
    uuid: uuidOf("catalog", digest),
    title: heading(`Catalog: ${edition.title}`),
    description: prose(
      `Printed by: hipaa-check policies show ${edition.id} --format oscal. In an evidence bundle it stands beside this document.`,
    ),
    rlinks: [
      {
        href: catalogName(edition.id),
        "media-type": "application/oscal+json",
        hashes: [{ algorithm: "SHA-256", value: digest }],
      },
    ],
  };
}

/** The plan on its own, as the results hold it too. */
export const renderOscalPlan: Reporter = (_report, context) => renderPlan(context);

const methodology =
  "Every rule is held against every fact that it is about. A verdict is pass, fail, unknown, not applicable or excepted. " +
  "An objective counts as satisfied only where everything that was judged passes and every input could be read; " +
  "what could not be told never counts as satisfied. Editions that are only proposed get observations and no findings.";

type PlanContext = Pick<ReportContext, "editions" | "rules" | "time" | "filters">;

export function renderPlan(context: PlanContext): Generator<string> {
  const { editions, time, filters } = context;
  const ssp = uuidOf("system-security-plan", "none");
  const catalogs = editions.map((edition) => catalogResource(edition, context));
  const everything = [{ type: "inventory-item", "include-all": {} }];
  return documentText("assessment-plan", {
    metadata: {
      title: heading(`Assessment plan: ${editions.map(({ id }) => id).join(", ")}`),
      "last-modified": time,
      version: time,
      "oscal-version": oscalVersion,
      remarks: [
        disclaimer,
        methodology,
        "Lines of an edition that no rule bears on are not assessed.",
        ...filters.map((words) => `The run was narrowed: ${words}.`),
      ]
        .map(prose)
        .join("\n\n"),
    },
    "import-ssp": {
      href: `#${ssp}`,
      remarks: "No system security plan was given; the resource says so.",
    },
    "local-definitions": {
      activities: evidenceKinds.map((kind) => ({
        uuid: uuidOf("activity", kind),
        title: heading(`Evidence: ${kind}`),
        description: prose(methods[kind].how),
        props: [{ name: "method", value: methods[kind].method }, ...properties({ evidence: kind })],
      })),
    },
    "reviewed-controls": plannedControls(editions, catalogs),
    "assessment-subjects": everything,
    "assessment-assets": {
      components: [
        {
          uuid: toolUuid,
          type: "software",
          title: heading("hipaa-check"),
          description: prose("Holds rules under editions of the law against facts."),
          props: [{ name: "version", value: version }],
          status: { state: "operational" },
        },
      ],
      "assessment-platforms": [
        {
          uuid: uuidOf("platform"),
          title: heading("The machine that the assessment runs on"),
          "uses-components": [{ "component-uuid": toolUuid }],
        },
      ],
    },
    tasks: evidenceKinds.map((kind) => ({
      uuid: taskUuid(kind),
      type: "action",
      title: heading(`Evidence: ${kind}`),
      "associated-activities": [{ "activity-uuid": uuidOf("activity", kind), subjects: everything }],
    })),
    "back-matter": { resources: [noSystemSecurityPlan(ssp), ...catalogs] },
  });
}

function noSystemSecurityPlan(uuid: string) {
  const text = "No system security plan was given to hipaa-check.\n";
  return {
    uuid,
    title: heading("System security plan: none was given"),
    description: prose("A place holder: the plan has to name one, and hipaa-check was given none."),
    base64: {
      filename: "no-system-security-plan.txt",
      "media-type": "text/plain",
      value: Buffer.from(text).toString("base64"),
    },
  };
}

function plannedControls(editions: readonly Edition[], catalogs: readonly { readonly uuid: string }[]) {
  const planned = editions.map((edition, index) => {
    const ids = new ControlIds(edition);
    const pairs = edition.mappings.flatMap(({ rule, controls }) =>
      controls.map(({ citation }) => ({ rule, citation })),
    );
    return {
      edition,
      catalog: catalogs[index]?.uuid ?? "",
      controls: selection([...new Set(pairs.map(({ citation }) => ids.control(citation)))], edition, ids),
      objectives: pairs.map(({ rule, citation }) => ids.objective(citation, rule)).sort(),
    };
  });
  return {
    "control-selections": planned.map(({ edition, catalog, controls }) => ({
      description: heading(`Lines of ${edition.id} (${edition.status}) that some rule bears on.`),
      links: [{ href: `#${catalog}`, rel: "reference" }],
      ...controls,
    })),
    "control-objective-selections": planned
      .filter(({ objectives }) => objectives.length > 0)
      .map(({ edition, objectives }) => ({
        description: heading(`What is checked under ${edition.id}.`),
        "include-objectives": objectives.map((id) => ({ "objective-id": id })),
      })),
  };
}
