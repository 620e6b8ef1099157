import type { Result, ResultControl, ResultDecision, Verdict } from "#engine/result.ts";
import { writtenBy } from "../decision.ts";
import { fileUuid, type Observed } from "./observations.ts";
import { toolUuid } from "./plan.ts";
import { type ControlIds, heading, listed, ownNamespace, properties, prose, uuidOf } from "./terms.ts";

/** Everything that one rule gave under one edition. */
interface RuleResults {
  readonly rule: string;
  readonly sample: Result;
  readonly observed: readonly Observed[];
}

function byRule(observed: readonly Observed[]): RuleResults[] {
  return [...Map.groupBy(observed, ({ result }) => result.rule)].flatMap(([rule, own]) => {
    const [first] = own;
    return first === undefined ? [] : [{ rule, sample: first.result, observed: own }];
  });
}

function count({ observed }: RuleResults, verdict: Verdict): number {
  return observed.filter(({ result }) => result.verdict === verdict).length;
}

function countWords(results: RuleResults): string {
  return [
    `${count(results, "pass")} pass`,
    `${count(results, "fail")} fail`,
    `${count(results, "unknown")} could not be told`,
    `${count(results, "excepted")} excepted`,
    `${count(results, "not-applicable")} not applicable`,
  ].join(", ");
}

/** OSCAL knows satisfied and not satisfied. What keeps something from being satisfied without failing is said as `other`. */
function statusOf(results: RuleResults, unread: number) {
  const words = countWords(results);
  if (count(results, "fail") > 0) return { state: "not-satisfied", reason: "fail", remarks: words };
  const open = [
    ...(count(results, "unknown") > 0 ? ["Not everything could be told: this is no failure."] : []),
    ...(count(results, "excepted") > 0
      ? ["A decision lifts what fails; whether its measure is equivalent was not judged."]
      : []),
    ...(unread > 0 ? [`${unread} inputs could not be judged, so that what was judged may not be all.`] : []),
  ];
  if (open.length > 0)
    return { state: "not-satisfied", reason: "other", remarks: [words, ...open].join(". ") };
  return { state: "satisfied", reason: "pass", remarks: words };
}

/**
 * One finding for each rule and each line it bears on: about the objective, never about the whole line. A rule that applied to nothing
 * has none.
 * @param unread inputs that could not be judged
 */
export function findingsOf(observed: readonly Observed[], ids: ControlIds, unread: number): object[] {
  return byRule(observed).flatMap((results) => {
    if (count(results, "not-applicable") === results.observed.length) return [];
    return results.sample.controls.map((control) => findingOf(results, control, ids, unread));
  });
}

function findingOf(
  results: RuleResults,
  { citation, title, designation, relation, verified }: ResultControl,
  ids: ControlIds,
  unread: number,
): object {
  const { rule, sample, observed } = results;
  const judged = observed.filter(({ result }) => result.verdict !== "not-applicable");
  const objective = ids.objective(citation, rule);
  return {
    uuid: uuidOf("finding", objective),
    title: heading(`${citation} ${title}: ${sample.title}`),
    description: prose(
      relation === "requires"
        ? `The line asks for this technique. ${countWords(results)}.`
        : `The line names no technique; this one supports it, and does not show by itself that it is met. ${countWords(results)}.`,
    ),
    props: properties({
      rule,
      citation,
      designation,
      relation,
      severity: sample.severity,
      "line-verified-against-text": verified ? "yes" : "no",
    }),
    origins: [{ actors: [{ type: "tool", "actor-uuid": toolUuid }] }],
    target: {
      type: "objective-id",
      "target-id": objective,
      title: heading(sample.title),
      status: statusOf(results, unread),
    },
    "related-observations": judged.map(({ uuid }) => ({ "observation-uuid": uuid })),
    ...listed(
      "related-risks",
      risksOfRule(results).map(({ uuid }) => ({ "risk-uuid": uuid })),
    ),
  };
}

/** A risk for what fails, and one for each decision that lifts something. */
export function risksOf(observed: readonly Observed[]): object[] {
  return byRule(observed).flatMap((results) => risksOfRule(results));
}

function risksOfRule(results: RuleResults) {
  const failing = results.observed.filter(({ result }) => result.verdict === "fail");
  const excepted = results.observed.filter(({ result }) => result.verdict === "excepted");
  const decided = [...Map.groupBy(excepted, ({ result }) => result.decision?.id ?? "")];
  return [
    ...(failing.length === 0 ? [] : [openRisk(results, failing)]),
    ...decided.flatMap(([, own]) => {
      const decision = own[0]?.result.decision;
      return decision === undefined ? [] : [acceptedRisk(results, own, decision)];
    }),
  ];
}

function riskHead({ rule, sample }: RuleResults, own: readonly Observed[], name: string) {
  const known = own.filter(({ result }) => result.known === true).length;
  return {
    uuid: uuidOf("risk", sample.edition, rule, name),
    title: heading(`${sample.title} (${rule})`),
    description: prose(own.map(({ result }) => result.message).join("\n\n")),
    statement: prose(sample.why),
    props: properties({
      rule,
      edition: sample.edition,
      "known-from-baseline": known === 0 ? undefined : String(known),
    }),
  };
}

function riskTail({ sample }: RuleResults, own: readonly Observed[], name: string) {
  const origin = { actors: [{ type: "tool", "actor-uuid": toolUuid }] };
  return {
    characterizations: [
      { origin, facets: [{ name: "severity", system: ownNamespace, value: sample.severity }] },
    ],
    remediations: [
      {
        uuid: uuidOf("remediation", sample.edition, sample.rule, name),
        lifecycle: "recommendation",
        title: heading("What to do"),
        description: prose(sample.remedy),
      },
    ],
    "related-observations": own.map(({ uuid }) => ({ "observation-uuid": uuid })),
  };
}

function openRisk(results: RuleResults, own: readonly Observed[]) {
  return {
    ...riskHead(results, own, "open"),
    status: "open",
    ...riskTail(results, own, "open"),
  };
}

/** The id of a person whom a decision names. */
export function partyUuid(name: string): string {
  return uuidOf("party", name);
}

function acceptedRisk(results: RuleResults, own: readonly Observed[], decision: ResultDecision) {
  const { id, kind, reason, measure, assessment, owner, approver, date, until, file, line } = decision;
  const { characterizations, "related-observations": related } = riskTail(results, own, id);
  const head = riskHead(results, own, id);
  return {
    ...head,
    props: [
      ...head.props,
      ...(kind === "risk-acceptance" ? [{ name: "accepted", value: id }] : []),
      ...properties({ decision: id, "decision-kind": kind }),
    ],
    links: [{ href: `#${fileUuid(file)}`, rel: "reference", text: heading(`${file}, line ${line}`) }],
    status: "deviation-approved",
    characterizations,
    "mitigating-factors": [
      {
        uuid: uuidOf("mitigating-factor", results.sample.edition, results.rule, id),
        description: prose(kind === "risk-acceptance" ? `Residual risk: ${measure}` : measure),
      },
    ],
    deadline: `${until}T23:59:59Z`,
    "risk-log": {
      entries: [
        {
          uuid: uuidOf("risk-log", results.sample.edition, results.rule, id),
          title: heading(`${id}: ${kind}`),
          description: prose(
            [reason, ...(assessment === undefined ? [] : [`Assessment: ${assessment}`]), writtenBy(decision)]
              .filter((words) => words !== "")
              .join("\n\n"),
          ),
          start: `${date}T00:00:00Z`,
          props: [{ name: "type", value: "dr-approved" }],
          "logged-by": [
            { "party-uuid": partyUuid(approver), "role-id": "approver" },
            { "party-uuid": partyUuid(owner), "role-id": "owner" },
          ],
          "status-change": "deviation-approved",
        },
      ],
    },
    "related-observations": related,
  };
}
