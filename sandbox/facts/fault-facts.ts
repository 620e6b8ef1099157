import type { StatedFact, StatedValue } from "#facts/facts-file.ts";
import type { PostureResult, ProbeReport } from "../probe/report.ts";

function faultFact({ sender, groups }: ProbeReport, result: PostureResult): StatedFact {
  const { id, group, verdict, reason, requirements, messages } = result;
  const valid = groups.find((candidate) => candidate.id === group)?.valid;
  const because = [reason];
  /** A loss that was seen is a loss; that none was seen counts only where it would have been. */
  const count = (seen: number | undefined): StatedValue => {
    if (seen !== undefined && seen > 0) return { value: seen, because };
    if (valid === false) return { unknown: `the controls of the group ${group} did not pass` };
    if (seen === undefined || verdict === "inconclusive" || verdict === "not-run") return { unknown: reason };
    return { value: seen, because };
  };
  return {
    kind: "probe.fault",
    id: `${sender.name} at ${id}`,
    attributes: {
      sender: { value: sender.name },
      "sender.kind": { value: sender.kind },
      fault: { value: id },
      "group.valid": valid === undefined ? undefined : { value: valid },
      requirements: { value: [...requirements] },
      lost: count(messages?.lost),
      doubled: count(messages?.doubled),
      accepted: messages === undefined ? undefined : { value: messages.accepted },
      refused: messages === undefined ? undefined : { value: messages.refused },
    },
  };
}

/** What a run of faults says, as facts for `check`: one for each fault that was run. */
export function faultFacts(report: ProbeReport): StatedFact[] {
  return report.postures
    .filter(({ verdict }) => verdict !== "not-run")
    .map((result) => faultFact(report, result));
}
