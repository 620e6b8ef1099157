import type { Diagnostic } from "#base/diagnostic.ts";
import type { Report, Result } from "#engine/result.ts";
import { methods, taskUuid, toolUuid } from "./plan.ts";
import { heading, listed, properties, prose, uuidOf } from "./terms.ts";

/** The back-matter resource of a judged file. */
export function fileUuid(file: string): string {
  return uuidOf("file", file);
}

/** A result with the id of its observation. */
export interface Observed {
  readonly result: Result;
  readonly uuid: string;
}

/** Equal findings have equal ids in every run, so that one can be followed from run to run. */
export function observedResults(results: readonly Result[]): Observed[] {
  const numbers = new Numbers();
  return results.map((result) => ({
    result,
    uuid: numbers.uuidOf("observation", result.edition, result.fingerprint),
  }));
}

/** Numbers what bears the same words, so that each has an id of its own, and the same one in every run. */
class Numbers {
  private readonly counts = new Map<string, number>();

  uuidOf(...words: readonly string[]): string {
    const key = JSON.stringify(words);
    const count = (this.counts.get(key) ?? 0) + 1;
    this.counts.set(key, count);
    return uuidOf(...words, String(count));
  }
}

/** Words for a verdict; a proposed edition can only say "would not meet". */
export function verdictName({ verdict }: Result, proposed: boolean): string {
  return verdict === "fail" && proposed ? "would-not-meet" : verdict;
}

/** The thing that a result is about. */
function subjectUuid({ edition, fact, location }: Result): string {
  return uuidOf("subject", edition, fact.kind, fact.id, location.file);
}

/** Each thing that was judged, once. */
export function inventoryItems(results: readonly Result[]) {
  const first = new Map(results.toReversed().map((result) => [subjectUuid(result), result]));
  return [...first].toReversed().map(([uuid, { fact, location }]) => ({
    uuid,
    description: prose(`${fact.kind} ${fact.id} in ${location.file}`),
    props: properties({ "fact-kind": fact.kind, "fact-id": fact.id, file: location.file }),
  }));
}

export function observationOf({ result, uuid }: Observed, proposed: boolean, time: string) {
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
        "related-tasks": [{ "task-uuid": taskUuid(evidence) }],
      },
    ],
    subjects: [{ "subject-uuid": subjectUuid(result), type: "inventory-item", title: heading(fact.id) }],
    "relevant-evidence": relevantEvidence(result),
    collected: time,
    ...(details.length === 0 ? {} : { remarks: details.map(prose).join("\n\n") }),
  };
}

/** The line that decides, then those that led there, each place once. */
function relevantEvidence({ location, chain, actual, message }: Result) {
  const places = [{ ...location, text: actual || message }, ...chain];
  const first = new Map(places.toReversed().map((place) => [`${place.file}:${place.line}`, place]));
  return [...first.values()].toReversed().map(({ file, line, column, text }) => ({
    href: `#${fileUuid(file)}`,
    description: prose(`${file}, line ${line}: ${text}`),
    props: properties({ file, line: String(line), column: String(column) }),
  }));
}

/** What could not be judged, or is to be known: never left out, and never satisfied. */
export function diagnosticObservations({ diagnostics }: Report, edition: string, time: string) {
  const numbers = new Numbers();
  return diagnostics.map(({ level, code, message, location }: Diagnostic) => ({
    uuid: numbers.uuidOf("diagnostic", edition, code, location?.file ?? "", message),
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
              href: `#${fileUuid(location.file)}`,
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
