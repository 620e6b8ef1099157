import { describe, expect, test } from "vitest";
import { needsEngine, withoutEngine } from "../containers/testing.ts";
import { loadPostures } from "../posture-server/load.ts";
import { differences } from "./differences.ts";
import { expectedVerdict } from "./expected.ts";
import { measure } from "./measure.ts";
import { type MeasuredVerdict, readResults } from "./results.ts";
import { measuredSenders } from "./senders.ts";

const results = new Map(readResults().map((measurement) => [measurement.id, measurement]));
const postures = (await loadPostures()).filter(({ side }) => side !== "receiver").map(({ id }) => id);

function measuredOf(sender: string, posture: string): MeasuredVerdict | undefined {
  return results.get(sender)?.verdicts[posture];
}

/** What has to be explained: `sender posture verdict`. */
const remarkable = measuredSenders.flatMap(({ id }) =>
  postures.flatMap((posture) => {
    const verdict = measuredOf(id, posture)?.verdict ?? "not-run";
    const expected = expectedVerdict(id, posture) ?? verdict;
    const differs = verdict !== "not-run" && (verdict !== expected || /^(lost|inconclusive)$/.test(verdict));
    return differs ? [`${id} ${posture} ${verdict}`] : [];
  }),
);

describe("the measured table", () => {
  test("holds every sender in every posture, and no others", () => {
    expect([...results.keys()]).toEqual(measuredSenders.map(({ id }) => id));
    for (const { id, verdicts } of results.values()) {
      expect([id, ...Object.keys(verdicts).sort()]).toEqual([id, ...[...postures].sort()]);
    }
  });

  test("says of every sender what it is, and when it was measured", () => {
    for (const { software, date } of results.values()) {
      expect(software).toMatch(/^\S+ [\dp.]+(, .*)?, (OpenSSL|GnuTLS) [\d.]+$/);
      expect(date).toMatch(/^\d{4}-\d\d-\d\d$/);
    }
  });

  test("explains each difference from what was expected once, and nothing else", () => {
    const explained = differences.flatMap(({ postures: ids, senders, measured }) =>
      senders
        .split(" ")
        .flatMap((sender) => ids.split(" ").map((posture) => `${sender} ${posture} ${measured}`)),
    );
    expect(explained.sort()).toEqual([...remarkable].sort());
  });

  test("explains together what was expected to be the same", () => {
    for (const { postures: ids, senders } of differences) {
      const expected = senders
        .split(" ")
        .flatMap((sender) => ids.split(" ").map((posture) => expectedVerdict(sender, posture)));
      expect([ids, new Set(expected).size]).toEqual([ids, 1]);
    }
  });
});

/** Verdicts of a small part of the table, measured again. Reasons are left out: they name what broke first. */
async function measuredAgain(
  id: string,
  slice: readonly string[],
): Promise<readonly (readonly [string, string | undefined])[]> {
  const sender = measuredSenders.find((entry) => entry.id === id);
  if (sender === undefined) throw new Error(`there is no sender ${id}`);
  const { measurement } = await measure(sender, slice);
  return slice.map((posture) => [posture, measurement.verdicts[posture]?.verdict]);
}

function published(id: string, slice: readonly string[]): readonly (readonly [string, string | undefined])[] {
  return slice.map((posture) => [posture, measuredOf(id, posture)?.verdict]);
}

test("nodemailer-defaults, measured again, does what the table says", async () => {
  const slice = ["P01", "P05a", "P14", "P65b"];
  expect(await measuredAgain("nodemailer-defaults", slice)).toEqual(published("nodemailer-defaults", slice));
});

describe.skipIf(withoutEngine !== undefined)(needsEngine("measured again"), () => {
  test.each([
    ["postfix-encrypt", ["P01", "P14", "P61"]],
    ["exim", ["P01", "P02b", "P04a"]],
    ["opensmtpd", ["P01", "P02b", "P04a"]],
    ["msmtp-tls", ["P01", "P02b", "P05a"]],
  ])(
    "%s does what the table says",
    async (id, slice) => {
      expect(await measuredAgain(id, slice)).toEqual(published(id, slice));
    },
    120_000,
  );
});
