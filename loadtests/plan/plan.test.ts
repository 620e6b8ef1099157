import { describe, expect, test } from "vitest";
import { loadProfile } from "../profile/load.ts";
import { requireSynthetic } from "./addresses.ts";
import { defaultCeilings } from "./ceilings.ts";
import { k6Options } from "./k6-plan.ts";
import { makePlan, type Overrides } from "./plan.ts";

async function plan(profile: string, overrides: Overrides = {}) {
  return makePlan(await loadProfile(profile), overrides, defaultCeilings);
}

describe("a plan", () => {
  test("puts the warm-up before everything, with figures of its own", async () => {
    const { scenarios, warmupMs } = await plan("smoke");
    expect(warmupMs).toBe(1000);
    expect(
      scenarios.map(({ id, isWarmup, startMs, durationMs }) => [id, isWarmup, startMs, durationMs]),
    ).toEqual([
      ["warmup-messages", true, 0, 1000],
      ["messages", false, 1000, 6000],
    ]);
  });

  test("lays parts of a duration behind each other", async () => {
    const { scenarios } = await plan("isolation", { duration: "100s" });
    const measured = scenarios.filter(({ isWarmup }) => !isWarmup);
    expect(measured.map(({ id, startMs, durationMs }) => [id, startMs, durationMs])).toEqual([
      ["alone", 5000, 45_000],
      ["campaign", 55_000, 50_000],
      ["during", 60_000, 45_000],
    ]);
  });

  test("a rate that is given scales what is no background", async () => {
    const rates = async (overrides: Overrides) =>
      Object.fromEntries(
        (await plan("isolation", overrides)).scenarios
          .filter(({ isWarmup }) => !isWarmup)
          .map(({ id, rate }) => [id, rate]),
      );
    expect(await rates({})).toEqual({ alone: 10, campaign: 50, during: 10 });
    expect(await rates({ rate: 20 })).toEqual({ alone: 20, campaign: 50, during: 20 });
  });

  test("size and recipients that are given hold for every scenario", async () => {
    const { scenarios } = await plan("isolation", { size: 2048, recipients: 3 });
    expect(new Set(scenarios.map(({ message }) => `${message.size} ${message.recipients}`))).toEqual(
      new Set(["2048 3"]),
    );
  });

  test("a scenario that is shorter than k6 allows is refused", async () => {
    const profile = await loadProfile("isolation");
    expect(() => makePlan(profile, { duration: "2s" }, defaultCeilings)).toThrow(
      'the scenario "alone" would take 900 ms, and k6 runs none under 1000 ms: give it more time with --duration',
    );
  });

  test("steps are scenarios of their own", async () => {
    const { scenarios } = await plan("breakpoint", { duration: "80s" });
    const measured = scenarios.filter(({ isWarmup }) => !isWarmup);
    expect(measured).toHaveLength(8);
    expect(measured.map(({ rate }) => rate)).toEqual([20, 32, 51, 82, 131, 210, 336, 537]);
    expect(measured[7]).toMatchObject({ id: "step-08", stream: "step", startMs: 75_000, durationMs: 10_000 });
  });

  test("has virtual users for a standstill of seconds", async () => {
    const { scenarios } = await plan("transactional", { rate: 500 });
    expect(scenarios.every(({ users }) => users >= 2 * 500)).toBe(true);
  });

  test("k6 gets a rate of less than one a second as a whole number", async () => {
    const options = k6Options(await plan("smoke", { rate: 0.5, duration: "20s" }), "smtp");
    const { messages } = options.scenarios as Record<string, { rate: number; timeUnit: string }>;
    expect(messages).toMatchObject({ rate: 50, timeUnit: "100000ms" });
  });
});

describe("what no run exceeds without a flag", () => {
  test.each<readonly [string, Overrides, RegExp]>([
    [
      "messages a second",
      { rate: 2001, duration: "1s" },
      /2001 messages a second; the ceiling is 2000: --ceiling-rate/,
    ],
    ["messages", { rate: 1999, duration: "2m" }, /messages; the ceiling is 200000: --ceiling-messages/],
    ["time", { rate: 1, duration: "1h" }, /seconds; the ceiling is 900: --ceiling-time/],
  ])("%s", async (_name, overrides, complaint) => {
    await expect(plan("smoke", overrides)).rejects.toThrow(complaint);
  });

  test("streams that run at once count together", async () => {
    const profile = await loadProfile("isolation");
    expect(() => makePlan(profile, {}, { ...defaultCeilings, rate: 60 })).not.toThrow();
    expect(() => makePlan(profile, {}, { ...defaultCeilings, rate: 59 })).toThrow(/60 messages a second/);
  });
});

test("recipients outside reserved domains need a word from the caller", () => {
  const to = (recipientDomain: string, recipients?: string[]) => ({
    from: "a@b.example",
    recipientDomain,
    ...(recipients === undefined ? {} : { recipients }),
  });
  expect(() => requireSynthetic(to("x.example"), false)).not.toThrow();
  expect(() => requireSynthetic(to("clinic.org"), false)).toThrow(/recipients at clinic\.org may be real/);
  expect(() => requireSynthetic(to("x.test", ["a@real.org"]), false)).toThrow(/real\.org/);
  expect(() => requireSynthetic(to("clinic.org"), true)).not.toThrow();
  expect(() => requireSynthetic(to("notexample"), false)).toThrow();
});

test("a size or number of recipients that no profile may have is refused", async () => {
  const profile = await loadProfile("smoke");
  for (const [overrides, complaint] of [
    [{ size: 10 }, /^--size 10: write a whole number from 512 to 26214400$/],
    [{ size: 1e9 }, /^--size 1000000000: /],
    [{ recipients: 1000 }, /^--recipients 1000: write a whole number from 1 to 100$/],
    [{ recipients: 1.5 }, /^--recipients 1\.5: /],
  ] as const)
    expect(() => makePlan(profile, overrides, defaultCeilings)).toThrow(complaint);
});
