import { parseDuration } from "#base/duration.ts";
import { readServiceLevels } from "#cli/compliance.ts";
import { UsageError } from "#cli/errors.ts";
import type { Ceilings, Plan } from "#loadtests/index.ts";
import type { PlanFlags } from "./flags.ts";

/**
 * The plan of a profile, with the flags in place of what it says and the service levels of this folder.
 * @throws UsageError, LoadTestError
 */
export async function readPlan(profile: string, flags: PlanFlags): Promise<Plan> {
  const { defaultCeilings, loadProfile, makePlan } = await import("#loadtests/index.ts");
  return makePlan(
    await loadProfile(profile),
    {
      ...(flags.rate === undefined ? {} : { rate: flags.rate }),
      ...(flags.duration === undefined ? {} : { duration: flags.duration }),
      ...(flags.size === undefined ? {} : { size: Math.round(flags.size) }),
      ...(flags.recipients === undefined ? {} : { recipients: Math.round(flags.recipients) }),
    },
    ceilingsOf(flags, defaultCeilings),
    readServiceLevels(process.cwd()),
  );
}

function ceilingsOf(flags: PlanFlags, usual: Ceilings): Ceilings {
  const time = flags["ceiling-time"];
  const seconds = time === undefined ? undefined : parseDuration(time);
  if (time !== undefined && seconds === undefined) {
    throw new UsageError(`--ceiling-time ${time}: this is no length of time. Write 30m or 2h.`);
  }
  return {
    rate: flags["ceiling-rate"] ?? usual.rate,
    messages: flags["ceiling-messages"] ?? usual.messages,
    durationMs: seconds === undefined ? usual.durationMs : seconds * 1000,
  };
}
