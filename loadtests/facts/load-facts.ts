import { parseTlsVersion, tlsVersions } from "#base/tls-version.ts";
import type { StatedFact, StatedValue } from "#facts/facts-file.ts";
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
      timeline: { value: timelineOf(report) },
    },
  };
  return [run, ...report.levels.map((level) => levelFact(report, level))];
}
