import type { StatedFact, StatedValue } from "#facts/facts-file.ts";
import type { MessageClass } from "#facts/probe-message.ts";
import { isBounce } from "../probe/leak.ts";
import type { Observation } from "../probe/observation.ts";
import type { ProbeOutcome } from "../probe/probe.ts";
import type { PostureResult } from "../probe/report.ts";
import { gradeSuite } from "../probe/suites.ts";
import { messageFact } from "./message.ts";
import { routeFact } from "./route.ts";

const content = new Set(["subject", "header", "body", "attachment"]);

function round(milliseconds: number): number {
  return Math.round(milliseconds / 100) / 10;
}

function postureFact(
  { report }: ProbeOutcome,
  result: PostureResult,
  observation: Observation | undefined,
): StatedFact {
  const group = report.groups.find(({ id }) => id === result.group);
  // In a group whose controls failed only what was seen counts, not what was not.
  const isProof = group?.valid !== false || ["leaked", "weak", "lost"].includes(result.verdict);
  const decided = result.verdict !== "inconclusive" && result.verdict !== "not-run" && isProof;
  const open = isProof ? result.reason : `the controls of the group ${result.group} did not pass`;
  const seen = observation === undefined ? undefined : observation.judgement;
  const { tls } = result;
  return {
    kind: "probe.posture",
    id: `${report.sender.name} at ${result.id}`,
    attributes: {
      sender: { value: report.sender.name },
      "sender.kind": { value: report.sender.kind },
      posture: { value: result.id },
      title: { value: result.title },
      group: { value: result.group },
      "group.valid": group === undefined ? undefined : { value: group.valid },
      verdict: decided ? { value: result.verdict, because: [result.reason] } : { unknown: open },
      requirements: { value: [...result.requirements] },
      "leaked.parts": decided ? { value: [...new Set(result.leaked.map(({ part }) => part))] } : undefined,
      "leaked.clear": decided ? { value: result.leaked.some(({ phase }) => phase !== "bounce") } : undefined,
      "leaked.bounce": decided ? { value: result.leaked.some(({ phase }) => phase === "bounce") } : undefined,
      "tls.version": tls === null ? undefined : { value: tls.version },
      "tls.cipher": tls === null ? undefined : { value: tls.cipher },
      "tls.suiteGrade": tls === null ? undefined : { value: gradeSuite(tls.cipher) },
      delivered: seen === undefined ? undefined : { value: seen.delivered },
      copies: seen === undefined ? undefined : { value: seen.copies },
      attempts: observation === undefined ? undefined : { value: observation.connections.length },
      "retry.shortestSeconds":
        observation === undefined || observation.intervals.length === 0
          ? undefined
          : { value: round(Math.min(...observation.intervals)) },
      waitedSeconds: observation === undefined ? undefined : { value: round(observation.waitedMs) },
    },
  };
}

/** What the log of a mail server says of the TLS session of a delivery, as Postfix and Exim write it. */
const tlsInLog = /TLS connection established|\btls=|\bX=TLS|\bTLSv1\.[23]\b/;

/** What the sender wrote to its logs. That nothing was seen means something only where the logs could be read. */
function loggingFact({ report, observations, logged, logs }: ProbeOutcome): StatedFact | undefined {
  const shown = new Set(observations.flatMap((observation) => observation.logged));
  const seen = new Set([...shown, ...(logged ?? [])]);
  if (seen.size === 0 && logged === undefined) return undefined;
  const hasContent = [...seen].some((part) => content.has(part));
  const because = [
    seen.size === 0
      ? "the sender's logs were searched"
      : `the sender wrote ${[...seen].join(", ")} to its log or screen`,
  ];
  // The log of a mail server is its audit trail; that of a program is none.
  const isTrail = report.sender.kind === "postfix" && logs !== undefined;
  const elsewhere = isTrail ? shown : seen;
  return {
    kind: "mail.logging",
    id: report.sender.name,
    attributes: {
      product: { value: report.sender.kind },
      "content.logged":
        hasContent || logged !== undefined
          ? { value: hasContent, because }
          : {
              unknown: "the sender's own logs cannot be reached; nothing of the content stood on its screen",
            },
      "recipients.logged": elsewhere.has("address") ? { value: true, because } : undefined,
      "delivery.logged": isTrail ? { value: seen.has("address"), because } : undefined,
      "tls.logged": isTrail
        ? { value: tlsInLog.test(logs), because: ["the sender's logs were searched"] }
        : undefined,
    },
  };
}

/** What bounces of the sender held, where it sent any. */
function bounceFact({ report, observations }: ProbeOutcome): StatedFact | undefined {
  const bounces = observations.flatMap(({ connections }) =>
    connections.flatMap(({ messages }) => messages.filter(isBounce)),
  );
  const echoing = report.postures.filter(({ leaked }) => leaked.some(({ phase }) => phase === "bounce"));
  if (bounces.length === 0 && echoing.length === 0) return undefined;
  const learned: StatedValue = {
    value: echoing.length > 0,
    because: echoing.map(({ id, reason }) => `${id}: ${reason}`),
  };
  return {
    kind: "mail.bounce",
    id: report.sender.name,
    attributes: { product: { value: report.sender.kind }, "content.returned": learned },
  };
}

/** True where a posture was not run although the sender could have met it elsewhere. */
function isMissed({ verdict, reason }: PostureResult): boolean {
  return verdict === "not-run" && reason.startsWith("it needs ");
}

/** All postures that could not be run here for one reason. */
function missedFact({ report }: ProbeOutcome, reason: string, members: readonly PostureResult[]): StatedFact {
  const ids = members.map(({ id }) => id).join(", ");
  return {
    kind: "probe.posture",
    id: `${report.sender.name} at ${ids}`,
    attributes: {
      sender: { value: report.sender.name },
      "sender.kind": { value: report.sender.kind },
      posture: { value: ids },
      verdict: { unknown: reason },
      requirements: { value: [...new Set(members.flatMap(({ requirements }) => requirements))].sort() },
    },
  };
}

/**
 * What a run says, as facts for `check`: one for each posture that was run, and what all of them together show of the sender's
 * route, messages, logs and bounces.
 * @param messageClass what the sender sends, as the user states it
 */
export function probeFacts(outcome: ProbeOutcome, messageClass?: MessageClass): StatedFact[] {
  const seen = new Map(outcome.observations.map((observation) => [observation.posture, observation]));
  const { postures: results } = outcome.report;
  const postures = results
    .filter(({ verdict }) => verdict !== "not-run")
    .map((result) => postureFact(outcome, result, seen.get(result.id)));
  const missed = Map.groupBy(results.filter(isMissed), ({ reason }) => reason);
  const whole = [
    routeFact(outcome),
    messageFact(outcome, messageClass),
    loggingFact(outcome),
    bounceFact(outcome),
  ];
  return [
    ...whole.filter((fact) => fact !== undefined),
    ...postures,
    ...[...missed].map(([reason, members]) => missedFact(outcome, reason, members)),
  ];
}
