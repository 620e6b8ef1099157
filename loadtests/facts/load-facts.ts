import { parseTlsVersion, tlsVersions } from "#base/tls-version.ts";
import type { Json } from "#base/value.ts";
import type { StatedFact, StatedValue } from "#facts/facts-file.ts";
import type { Latency } from "../measure/histogram.ts";
import { measures } from "../profile/profile.ts";
import type { LoadReport } from "../result/report.ts";
import type { LevelResult } from "../verdict/levels.ts";
import { timelineOf } from "./timeline.ts";

/** Why the figures of a run decide nothing; undefined for a valid one. */
function invalidity({ validity }: LoadReport): string | undefined {
  const gates = validity.gates.filter(({ ok }) => !ok);
  if (gates.length === 0) return undefined;
  return `the run was invalid: ${gates.map(({ id, measured }) => `${id} (${measured})`).join("; ")}`;
}

function levelFact(report: LoadReport, level: LevelResult): StatedFact {
  const { profile, target } = report;
  const because = [`${level.measured}; demanded: ${level.limit}`];
  const invalid = invalidity(report);
  const met: StatedValue =
    invalid !== undefined
      ? { unknown: invalid, because }
      : level.met === null
        ? { unknown: level.reason, because }
        : { value: level.met, because };
  return {
    kind: "load.level",
    id: `${profile.id}: ${level.title} at ${target.name}`,
    attributes: {
      profile: { value: profile.id },
      target: { value: target.name },
      level: { value: level.title },
      kind: { value: level.kind },
      requirements: { value: level.requirements },
      met,
      measured: { value: level.measured },
      limit: { value: level.limit },
      stated: { value: level.stated },
    },
  };
}

function oldestVersion(report: LoadReport): StatedValue | undefined {
  const versions = Object.keys(report.tls.versions).flatMap((version) => parseTlsVersion(version) ?? []);
  const oldest = tlsVersions.find((version) => versions.includes(version));
  return oldest === undefined ? undefined : { value: oldest };
}

function percentiles(latency: Latency | null): Record<string, number | null> | undefined {
  if (latency === null || latency.count === 0) return undefined;
  const { p50, p90, p95, p99, p999 } = latency;
  return { p50, p90, p95, p99, "p99.9": p999 };
}

/** The times of each scenario that levels of an organisation hold for; steps count as one. */
function latencyByScenario({ latencyMs, scenarios, record }: LoadReport): Json {
  const { steps, scenarios: planned = [] } = record.plan.profile;
  const background = new Set(planned.filter((each) => each.background === true).map(({ id }) => id));
  const streams =
    steps === undefined ? scenarios.filter(({ id }) => !background.has(id)) : [{ id: steps.id, latencyMs }];
  return Object.fromEntries(
    streams.map(({ id, latencyMs: times }) => [
      id,
      Object.fromEntries(
        measures.flatMap((measure) => {
          const figures = percentiles(times[measure]);
          return figures === undefined ? [] : [[measure, figures] as const];
        }),
      ),
    ]),
  );
}

/** What a run says, as facts for `check`: one for the run, one for each level. */
export function loadFacts(report: LoadReport): StatedFact[] {
  const { profile, target, rates, messages, validity } = report;
  const unseen: StatedValue = { unknown: "the mailbox was not in view, so arrivals were not measured" };
  const arrival = (value: number | null): StatedValue => (value === null ? unseen : { value });
  const run: StatedFact = {
    kind: "load.run",
    id: `${profile.id} at ${target.name}`,
    attributes: {
      profile: { value: profile.id },
      target: { value: target.name },
      valid: {
        value: validity.valid,
        because: validity.gates
          .filter(({ ok }) => !ok)
          .map(({ id, measured, limit }) => `${id}: ${measured}, allowed: ${limit}`),
      },
      requirements: { value: profile.requirements },
      "rate.offered": { value: rates.offered },
      "rate.accepted": { value: rates.accepted },
      "rate.delivered": arrival(rates.delivered),
      "messages.attempted": { value: messages.attempted },
      "messages.refused": { value: messages.refused },
      "messages.lost": arrival(messages.lost),
      "messages.duplicated": arrival(messages.duplicated),
      "messages.plaintext":
        target.kind === "http"
          ? { unknown: "how the application sends its mail was not in view" }
          : { value: messages.plaintext },
      "tls.oldestVersion": oldestVersion(report),
      latency: { value: latencyByScenario(report) },
      timeline: { value: timelineOf(report) },
    },
  };
  return [run, ...report.levels.map((level) => levelFact(report, level))];
}
