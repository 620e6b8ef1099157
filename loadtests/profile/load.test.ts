import { describe, expect, test } from "vitest";
import { loadProfile, parseProfile, shippedProfiles } from "./load.ts";
import { withServiceLevels } from "./service-levels.ts";

const sound = `id: own
title: Own
why: To see
requirements: [OPS-01]
duration: 10s
scenarios:
  - id: messages
    rate: 5
levels:
  - { kind: lost, maximum: 0, requirements: [AVL-02] }
`;

describe("the shipped profiles", () => {
  test("are all there", () => {
    expect(shippedProfiles()).toEqual([
      "breakpoint",
      "failover",
      "isolation",
      "limits",
      "marketing",
      "smoke",
      "soak",
      "throttle",
      "transactional",
    ]);
  });

  test.each(shippedProfiles())("%s is sound", async (id) => {
    expect((await loadProfile(id)).id).toBe(id);
  });
});

describe("a profile with a mistake is refused with file, line and what to do", () => {
  const mistakes: Readonly<Record<string, readonly [change: (text: string) => string, complaint: RegExp]>> = {
    "bad YAML": [(text) => `${text}  - {`, /^own\.yaml:\d+: /],
    "an unknown key": [
      (text) => text.replace("rate: 5", "rate: 5\n    rte: 6"),
      /^own\.yaml:9: unknown key "rte"/,
    ],
    "a missing key": [(text) => text.replace("why: To see\n", ""), /^own\.yaml:1: the file lacks "why"/],
    "a bad duration": [(text) => text.replace("10s", "ten"), /^own\.yaml:5: duration must match pattern/],
    "a scenario that is there twice": [
      (text) => text.replace("    rate: 5\n", "    rate: 5\n  - id: messages\n    rate: 6\n"),
      /^own\.yaml:9: the scenario "messages" is there twice/,
    ],
    "a scenario that ends before it begins": [
      (text) => text.replace("rate: 5", "rate: 5\n    from: 0.5\n    to: 0.2"),
      /^own\.yaml:7: it ends before it begins/,
    ],
    "a level of a scenario that is not there": [
      (text) => text.replace("kind: lost, maximum: 0", "kind: backlog, scenario: other"),
      /^own\.yaml:10: there is no scenario "other"/,
    ],
    "a level without a limit": [
      (text) => text.replace("kind: lost, maximum: 0", "kind: refused, scenario: messages"),
      /^own\.yaml:10: a level of kind "refused" needs a maximum or a minimum/,
    ],
    "a long warm-up": [(text) => `${text}warmup: 1m\n`, /^own\.yaml:11: the warm-up is at most 5 s/],
    "another id than the file": [
      (text) => text.replace("id: own", "id: other"),
      /^own\.yaml:1: the id is other/,
    ],
    "nothing in it": [
      () => "",
      /^own\.yaml:1: the file holds no profile: hipaa-check loadtest new ID writes one/,
    ],
    "a key that stands twice": [(text) => `${text}duration: 9s\n`, /^own\.yaml:11: Map keys must be unique$/],
    "neither scenarios nor steps": [
      (text) => text.replace(/scenarios:\n.*\n.*\n/, ""),
      /^own\.yaml:1: the file lacks "scenarios"/,
    ],
    "scenarios and steps": [
      (text) => `${text}steps: { id: step, from: 5, factor: 2, count: 3 }\n`,
      /^own\.yaml:1: the file has "scenarios" and "steps": remove one of them/,
    ],
    "a level of a kind that is not there": [
      (text) => text.replace("kind: lost", "kind: losses"),
      /^own\.yaml:10: levels\.0\.kind must be one of latency, ratio, lost,/,
    ],
    "a level with a misspelt limit": [
      (text) => text.replace("maximum: 0", "maximun: 0"),
      /^own\.yaml:10: (unknown key "maximun" in levels\.0|levels\.0 lacks "maximum")/,
    ],
    "an alias bomb": [
      (text) =>
        `${text}x: &a [x, x, x, x, x, x, x, x, x, x]\ny: &b [*a, *a, *a, *a, *a, *a, *a, *a, *a, *a]\nz: [*b, *b, *b, *b, *b, *b, *b, *b, *b, *b, *b, *b, *b, *b, *b, *b, *b, *b, *b, *b]\n`,
      /^own\.yaml:1: too many aliases/,
    ],
  };

  test.each(Object.entries(mistakes))("%s", async (_name, [change, complaint]) => {
    await expect(parseProfile("own.yaml", change(sound))).rejects.toMatchObject({
      code: "profile-invalid",
      message: expect.stringMatching(complaint),
    });
  });

  test("one that is not there names those that are", async () => {
    await expect(loadProfile("transaktional")).rejects.toThrow(
      /there is no profile "transaktional": there are breakpoint,/,
    );
    await expect(loadProfile("./none.yaml")).rejects.toThrow(/there is no such file/);
    await expect(loadProfile("./loadtests")).rejects.toThrow(/^\.\/loadtests is no file: name a profile$/);
  });
});

test("an organisation's own levels take the place of the profile's for the same measure", async () => {
  const profile = await loadProfile("transactional");
  const { profile: own, levels } = withServiceLevels(profile, {
    transactional: { accept: { p99: "300ms" } },
  });
  const accept = own.levels.filter((level) => level.kind === "latency" && level.measure === "accept");
  expect(accept).toEqual([
    {
      kind: "latency",
      scenario: "transactional",
      measure: "accept",
      percentile: 99,
      maximum: "300ms",
      requirements: ["OPS-01"],
    },
  ]);
  expect([...levels]).toEqual(accept);
  expect(own.levels.some((level) => level.kind === "latency" && level.measure === "endToEnd")).toBe(true);
  expect(withServiceLevels(profile, {}).profile).toBe(profile);
});
