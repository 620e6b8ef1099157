import type { StatedFact, StatedValue } from "#facts/facts-file.ts";
import { headerFields } from "../mailbox/trace.ts";
import { isBounce } from "../probe/leak.ts";
import type { Observation } from "../probe/observation.ts";
import type { ProbeOutcome } from "../probe/probe.ts";
import type { PostureResult } from "../probe/report.ts";
import { gradeSuite } from "../probe/suites.ts";
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
  const decided = result.verdict !== "inconclusive" && result.verdict !== "not-run";
  const seen = observation === undefined ? undefined : observation.judgement;
  const { tls } = result;
  return {
    kind: "probe.posture",
    id: `${report.sender.name} at ${result.id}`,
    attributes: {
      sender: { value: report.sender.name },
      "sender.kind": { value: report.sender.kind },
      posture: { value: result.id },
      group: { value: result.group },
      "group.valid": group === undefined ? undefined : { value: group.valid },
      verdict: decided ? { value: result.verdict, because: [result.reason] } : { unknown: result.reason },
      requirements: { value: [...result.requirements] },
      "leaked.parts": decided ? { value: [...new Set(result.leaked.map(({ part }) => part))] } : undefined,
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

/** What the first message that a good server got from the sender carried. */
function messageFact({ report, observations }: ProbeOutcome): StatedFact | undefined {
  for (const { posture, connections, recipient, judgement } of observations) {
    if (!posture.startsWith("control ")) continue;
    const connection = connections.find(({ messages }) =>
      messages.some((message) => message.accepted && !isBounce(message)),
    );
    const message = connection?.messages.find((candidate) => candidate.accepted && !isBounce(candidate));
    if (connection === undefined || message === undefined) continue;
    const fields = headerFields(message.content);
    const field = (name: string): string[] =>
      fields.filter((line) => line.toLowerCase().startsWith(`${name}:`));
    const type = field("content-type").join(" ");
    const signed = /pkcs7/i.test(type) ? "smime" : /pgp-(signature|encrypted)/i.test(type) ? "pgp" : "none";
    const algorithms = field("dkim-signature").map((line) => /\ba=\s*([\w-]+)/.exec(line)?.[1] ?? "unknown");
    const oneClick =
      /https:/i.test(field("list-unsubscribe").join()) &&
      /one-click/i.test(field("list-unsubscribe-post").join());
    return {
      kind: "probe.message",
      id: report.sender.name,
      attributes: {
        sender: { value: report.sender.name },
        "signature.dkim": { value: algorithms.length > 0 },
        "signature.dkimAlgorithms": { value: algorithms },
        "signature.content": { value: signed },
        "unsubscribe.offered": { value: field("list-unsubscribe").length > 0 },
        "unsubscribe.oneClick": { value: oneClick },
        "recipients.unexpected": {
          value: message.to.filter((address) => address.toLowerCase() !== recipient.toLowerCase()).length,
        },
        copies: { value: judgement.copies },
        "tls.version": connection.tls === undefined ? undefined : { value: connection.tls.version },
      },
    };
  }
  return undefined;
}

/** Content in the sender's logs. That none was seen means something only where the logs could be read. */
function loggingFact({ report, observations, logged }: ProbeOutcome): StatedFact | undefined {
  const seen = [
    ...new Set([...observations.flatMap((observation) => observation.logged), ...(logged ?? [])]),
  ];
  if (seen.length === 0 && logged === undefined) return undefined;
  const shown = seen.some((part) => content.has(part));
  const because = [
    seen.length === 0
      ? "the sender's logs were searched"
      : `the sender wrote ${seen.join(", ")} to its log or screen`,
  ];
  return {
    kind: "mail.logging",
    id: report.sender.name,
    attributes: {
      product: { value: report.sender.kind },
      "content.logged": shown || logged !== undefined ? { value: shown, because } : undefined,
      "recipients.logged": seen.includes("address") ? { value: true, because } : undefined,
    },
  };
}

/** What bounces of the sender held, where it sent any. */
function bounceFact({ report, observations }: ProbeOutcome): StatedFact | undefined {
  const bounces = observations.flatMap(({ connections }) =>
    connections.flatMap(({ messages }) => messages.filter(isBounce)),
  );
  if (bounces.length === 0) return undefined;
  const echoing = report.postures.filter(({ leaked }) => leaked.some(({ phase }) => phase === "bounce"));
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

/**
 * What a run says, as facts for `check`: one for each posture, and what all of them together show of the sender's
 * route, messages, logs and bounces.
 */
export function probeFacts(outcome: ProbeOutcome): StatedFact[] {
  const seen = new Map(outcome.observations.map((observation) => [observation.posture, observation]));
  const postures = outcome.report.postures
    .filter((result) => result.verdict !== "not-run" || isMissed(result))
    .map((result) => postureFact(outcome, result, seen.get(result.id)));
  const whole = [routeFact(outcome), messageFact(outcome), loggingFact(outcome), bounceFact(outcome)];
  return [...whole.filter((fact) => fact !== undefined), ...postures];
}
