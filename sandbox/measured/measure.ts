import { loadPostures } from "../posture-server/load.ts";
import { probeSender } from "../probe/probe.ts";
import type { GroupResult, ProbeReport } from "../probe/report.ts";
import type { Measurement } from "./results.ts";
import type { MeasuredSender } from "./senders.ts";

/** Addresses, ports and times change from run to run, and say nothing. */
function steady(reason: string): string {
  return reason
    .replace(/\bhc[0-9a-f]{22}\b/g, "…")
    .replace(/\b(within|did not end within) [\d.]+ s\b/g, "$1 the time")
    .replace(/\b127\.0\.0\.\d+(?::\d+)?\b/g, "127.0.0.1")
    .slice(0, 300);
}

/**
 * Why the verdicts of a group prove nothing; undefined where they do. A sender that uses no TLS at a good server fails
 * the control too, and is what it seems to be.
 */
function invalid({ id, controls: { positive, negative } }: GroupResult): string | undefined {
  if (!negative.passed) return `${id}: ${negative.reason}`;
  return positive.passed || positive.verdict === "leaked" ? undefined : `${id}: ${positive.reason}`;
}

/**
 * Puts one sender into postures and keeps what it did.
 * @param only ids of postures; all when left out
 * @throws Error when a control failed: the run proves nothing then
 */
export async function measure(
  { id, open }: MeasuredSender,
  only?: readonly string[],
): Promise<{ readonly measurement: Measurement; readonly report: ProbeReport }> {
  const sender = await open();
  const { software = "", overlay = [] } = sender;
  const { report } = await probeSender(only === undefined ? { sender } : { sender, only });
  const why = report.groups.map(invalid).find((reason) => reason !== undefined);
  if (why !== undefined) throw new Error(`a control failed, and nothing is kept: ${why}`);
  const receiving = new Set(
    (await loadPostures()).filter(({ side }) => side === "receiver").map((posture) => posture.id),
  );
  const failed = report.groups.find(({ controls }) => !controls.positive.passed);
  const verdicts = report.postures
    .filter((posture) => !receiving.has(posture.id))
    .map(({ id: posture, verdict, reason }) => [posture, { verdict, reason: steady(reason) }] as const);
  const measurement: Measurement = {
    id,
    software,
    date: new Date().toISOString().slice(0, 10),
    overlay,
    ...(failed === undefined ? {} : { atGoodServer: failed.controls.positive.reason }),
    verdicts: Object.fromEntries(verdicts),
  };
  return { measurement, report };
}
