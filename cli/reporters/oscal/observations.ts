import type { Diagnostic } from "#base/diagnostic.ts";
import type { Report, Result } from "#engine/result.ts";
import { methods, taskUuid, toolUuid } from "./plan.ts";
import { heading, listed, properties, prose, uuidOf } from "./terms.ts";

/** What the parts of one document share. */
export interface Scope {
  /** Sets the ids of this document's parts apart from those of every other. */
  readonly seed: string;
  readonly time: string;
  /** The back-matter resource of a judged file. */
  readonly resource: (file: string) => string;
}

/** A result with the id of its observation. */
export interface Observed {
  readonly result: Result;
  readonly uuid: string;
}

export function observedResults(results: readonly Result[], scope: Scope): Observed[] {
  return results.map((result, index) => ({
    result,
    uuid: uuidOf(scope.seed, "observation", result.edition, result.fingerprint, String(index)),
  }));
}

/** Words for a verdict; a proposed edition can only say "would not meet". */
export function verdictName({ verdict }: Result, proposed: boolean): string {
  return verdict === "fail" && proposed ? "would-not-meet" : verdict;
}

/** The thing that a result is about. */
function subjectUuid({ edition, fact, location }: Result, { seed }: Scope): string {
  return uuidOf(seed, "subject", edition, fact.kind, fact.id, location.file);
}

/** Each thing that was judged, once. */
export function inventoryItems(results: readonly Result[], scope: Scope) {
  const first = new Map(results.toReversed().map((result) => [subjectUuid(result, scope), result]));
  return [...first].toReversed().map(([uuid, { fact, location }]) => ({
    uuid,
    description: prose(`${fact.kind} ${fact.id} in ${location.file}`),
    props: properties({ "fact-kind": fact.kind, "fact-id": fact.id, file: location.file }),
  }));
}

export function observationOf({ result, uuid }: Observed, proposed: boolean, scope: Scope) {
  const { rule, fact, message, severity, evidence, fingerprint, expected, actual, chain, decision } = result;
  const details = [
    ...(actual === "" ? [] : [`found: ${actual}`]),
    ...(expected === "" ? [] : [`expected: ${expected}`]),
    ...chain.map(({ text, file, line }) => `because: ${text} (${file}, line ${line})`),
  ];
  return {
    uuid,
    title: heading(`${rule}: ${fact.id}`),
    description: prose(message),
    props: properties({
      verdict: verdictName(result, proposed),
      rule,
      severity,
      evidence,
      requirement: result.requirements,
      fingerprint,
      "known-from-baseline": result.known === true ? "yes" : undefined,
      decision: decision?.id,
    }),
    methods: [methods[evidence].method],
    types: ["control-objective"],
    origins: [
      {
        actors: [{ type: "tool", "actor-uuid": toolUuid }],
        "related-tasks": [{ "task-uuid": taskUuid(scope.time, evidence) }],
      },
    ],
    subjects: [
      { "subject-uuid": subjectUuid(result, scope), type: "inventory-item", title: heading(fact.id) },
    ],
    "relevant-evidence": relevantEvidence(result, scope),
    collected: scope.time,
    ...(details.length === 0 ? {} : { remarks: details.map(prose).join("\n\n") }),
  };
}

/** The line that decides, then those that led there, each place once. */
function relevantEvidence({ location, chain, actual, message }: Result, { resource }: Scope) {
  const places = [{ ...location, text: actual || message }, ...chain];
  const first = new Map(places.toReversed().map((place) => [`${place.file}:${place.line}`, place]));
  return [...first.values()].toReversed().map(({ file, line, column, text }) => ({
    href: `#${resource(file)}`,
    description: prose(`${file}, line ${line}: ${text}`),
    props: properties({ file, line: String(line), column: String(column) }),
  }));
}

/** What could not be judged, or is to be known: never left out, and never satisfied. */
export function diagnosticObservations(
  { diagnostics }: Report,
  edition: string,
  { seed, time, resource }: Scope,
) {
  return diagnostics.map(({ level, code, message, location }: Diagnostic, index) => ({
    uuid: uuidOf(seed, "diagnostic", edition, String(index)),
    title: heading(level === "error" ? `Not judged: ${code}` : code),
    description: prose(message),
    props: properties({ verdict: level === "error" ? "not-judged" : undefined, code, level }),
    methods: ["EXAMINE"],
    types: ["discovery"],
    origins: [{ actors: [{ type: "tool", "actor-uuid": toolUuid }] }],
    ...listed(
      "relevant-evidence",
      location === undefined
        ? []
        : [
            {
              href: `#${resource(location.file)}`,
              description: prose(`${location.file}, line ${location.line}`),
              props: properties({
                file: location.file,
                line: String(location.line),
                column: String(location.column),
              }),
            },
          ],
    ),
    collected: time,
  }));
}
