import type { Level, Measure, Profile } from "./profile.ts";

/**
 * What an organisation demands of its send path, by profile, measure and percentile (`p95`, `p99`), as durations:
 * section `serviceLevels` of `compliance.yaml`.
 */
export type ServiceLevels = Readonly<
  Record<string, Readonly<Partial<Record<Measure, Readonly<Record<string, string>>>>>>
>;

/** What a latency that an organisation states is about. */
const latencyRequirement = "OPS-01";

/**
 * Puts the organisation's own levels in place of the profile's for the same measure, and adds what the profile lacks. They hold
 * for every scenario of the profile that is no background.
 * @returns the profile, and which of its levels are the organisation's
 */
export function withServiceLevels(
  profile: Profile,
  stated: ServiceLevels,
): { readonly profile: Profile; readonly levels: ReadonlySet<Level> } {
  const own = Object.entries(stated[profile.id] ?? {});
  if (own.length === 0) return { profile, levels: new Set() };
  const scenarios =
    profile.steps === undefined
      ? (profile.scenarios ?? []).filter(({ background }) => background !== true).map(({ id }) => id)
      : [profile.steps.id];
  const levels = own.flatMap(([measure, limits]) =>
    Object.entries(limits ?? {}).flatMap(([percentile, maximum]) =>
      scenarios.map(
        (scenario): Level => ({
          kind: "latency",
          scenario,
          measure: measure as Measure,
          percentile: Number(percentile.slice(1)),
          maximum,
          requirements: [latencyRequirement],
        }),
      ),
    ),
  );
  const replaced = new Set(own.map(([measure]) => measure));
  const kept = profile.levels.filter((level) => level.kind !== "latency" || !replaced.has(level.measure));
  return { profile: { ...profile, levels: [...levels, ...kept] }, levels: new Set(levels) };
}
