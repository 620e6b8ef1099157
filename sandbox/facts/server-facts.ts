import type { StatedFact, StatedValue } from "#facts/facts-file.ts";
import type { ProbeReport } from "../probe/report.ts";
import type { Purpose } from "../receiver/target.ts";

export interface ServerProbeOutcome {
  readonly report: ProbeReport;
  /** What the checks learned of the listener, by check. */
  readonly learned: Readonly<Record<string, Readonly<Record<string, StatedValue>>>>;
  /** Undefined where the server never answered. */
  readonly purpose: Purpose | undefined;
}

function listenerFact({ report, learned, purpose }: ServerProbeOutcome): StatedFact | undefined {
  if (purpose === undefined) return undefined;
  const reasons = new Map(
    report.postures.map(({ id, verdict, reason }) => [id, `${id} ${verdict}: ${reason}`]),
  );
  const found: Record<string, StatedValue> = {};
  for (const [check, attributes] of Object.entries(learned)) {
    for (const [name, value] of Object.entries(attributes))
      found[name] = { ...value, because: [reasons.get(check) ?? check] };
  }
  return {
    kind: "mail.listener",
    id: report.sender.name,
    attributes: { product: { value: "server" }, purpose: { value: purpose }, ...found },
  };
}

function checkFact({ report }: ServerProbeOutcome, index: number): StatedFact {
  const { id, group, verdict, reason, requirements } = report.postures[
    index
  ] as ProbeReport["postures"][number];
  const valid = report.groups.find((candidate) => candidate.id === group)?.valid;
  // In a group whose controls failed only what was seen counts, not what was not.
  const isProof = valid !== false || verdict === "weak";
  const decided = (verdict === "held" || verdict === "weak") && isProof;
  const open = isProof ? reason : `the controls of the group ${group} did not pass`;
  return {
    kind: "probe.server",
    id: `${report.sender.name} at ${id}`,
    attributes: {
      server: { value: report.sender.name },
      check: { value: id },
      verdict: decided ? { value: verdict, because: [reason] } : { unknown: open },
      "group.valid": valid === undefined ? undefined : { value: valid },
      requirements: { value: [...requirements] },
    },
  };
}

/** What a run against a receiving server says, as facts for `check`. */
export function serverFacts(outcome: ServerProbeOutcome): StatedFact[] {
  const checks = outcome.report.postures.map((_, index) => checkFact(outcome, index));
  const listener = listenerFact(outcome);
  return [...(listener === undefined ? [] : [listener]), ...checks];
}
