import { describe, expect, test } from "vitest";
import { absent, defaulted, known, oneOf, unknown, type Value } from "#base/value.ts";
import type { Fact } from "#facts/fact.ts";
import type { Edition } from "#policy/edition.ts";
import type { Rule } from "#policy/rule.ts";
import { evaluate } from "./evaluate.ts";
import type { Result } from "./result.ts";
import { RuleSettings } from "./settings.ts";

const location = { file: "mail/main.cf", line: 3, column: 1, endLine: 3, endColumn: 9 };
const elsewhere = { ...location, line: 7 };

function fact(attributes: Readonly<Record<string, Value>>, id = "smtp/unix"): Fact {
  return { kind: "mail.route", id, location, attributes };
}

const rule: Rule = {
  id: "mail/outbound-tls",
  title: "Mail leaves over TLS or not at all",
  severity: "high",
  what: "{fact} has the mode {tls.mode}.",
  why: "It can be read.",
  do: "Demand it.",
  select: { kind: "mail.route" },
  assert: { "tls.mode": { const: "required" } },
  requirements: ["TLS-01"],
};

const edition: Edition = {
  id: "ours",
  title: "Ours",
  status: "in-force",
  statusAsOf: "2026-01-01",
  dates: {},
  source: {},
  derivedFrom: null,
  removed: [],
  wording: { pass: "meets", fail: "does not meet" },
  notes: [],
  controls: [],
  mappings: [],
};

function judge(facts: readonly Fact[], change: Partial<Rule> = {}, under: Partial<Edition> = {}): Result[] {
  return evaluate({
    facts,
    rules: [{ ...rule, ...change }],
    editions: [{ ...edition, ...under }],
    settings: new RuleSettings(new Map(), []),
    positionFree: (file) => file,
  });
}

function verdictOf(
  attributes: Readonly<Record<string, Value>>,
  change: Partial<Rule> = {},
): string | undefined {
  return judge([fact(attributes)], change)[0]?.verdict;
}

describe("three values", () => {
  test.each<[string, Value, string]>([
    ["known and met", known("required"), "pass"],
    ["known and not met", known("none"), "fail"],
    ["a default that is not met", defaulted("opportunistic"), "fail"],
    ["unknown", unknown("nobody sets it"), "unknown"],
    ["absent", absent(), "fail"],
    ["one of two that both meet", oneOf([known("required"), known("required")], "a choice"), "pass"],
    ["one of two that both fail", oneOf([known("none"), known("opportunistic")], "a choice"), "fail"],
    ["one of two that differ", oneOf([known("required"), known("none")], "a choice"), "unknown"],
    ["one of two of which one is open", oneOf([known("required"), unknown("open")], "a choice"), "unknown"],
  ])("%s", (_name, value, verdict) => {
    expect(verdictOf({ "tls.mode": value })).toBe(verdict);
  });

  test("one failure decides, whatever else is open", () => {
    const assert = { "tls.mode": { const: "required" }, "tls.verification": { const: "name" } };
    const open = unknown("open");
    expect(verdictOf({ "tls.mode": known("none"), "tls.verification": open }, { assert })).toBe("fail");
    expect(verdictOf({ "tls.mode": known("required"), "tls.verification": open }, { assert })).toBe(
      "unknown",
    );
  });

  test("of alternatives one success decides", () => {
    const assertAny = [{ "tls.mode": { const: "required" } }, { "tls.verification": { const: "name" } }];
    const either = { assert: {}, assertAny };
    expect(verdictOf({ "tls.mode": known("none"), "tls.verification": known("name") }, either)).toBe("pass");
    expect(verdictOf({ "tls.mode": known("none"), "tls.verification": unknown("open") }, either)).toBe(
      "unknown",
    );
    expect(verdictOf({ "tls.mode": known("none"), "tls.verification": known("none") }, either)).toBe("fail");
  });

  test.each(["pass", "fail", "unknown", "not-applicable"] as const)("absence can mean %s", (verdict) => {
    expect(verdictOf({}, { whenAbsent: { "tls.mode": verdict } })).toBe(verdict);
  });
});

describe("what a rule is asked of", () => {
  const exempt = { notApplicable: [{ when: { loopback: { const: true } }, reason: "It stays here." }] };
  const narrowed = { select: { kind: "mail.route", where: { product: { const: "postfix" } } } };

  test("an exemption that holds says so", () => {
    const [result] = judge([fact({ "tls.mode": known("none"), loopback: known(true) })], exempt);
    expect(result).toMatchObject({ verdict: "not-applicable", message: "It stays here." });
  });

  test("an exemption that is open turns a failure into a question, and leaves a pass", () => {
    const open = unknown("nobody says where this leads", elsewhere);
    const [result] = judge([fact({ "tls.mode": known("none"), loopback: open })], exempt);
    expect(result?.verdict).toBe("unknown");
    expect(result?.message).toContain("nobody says where this leads");
    expect(result?.location).toEqual(elsewhere);
    expect(verdictOf({ "tls.mode": known("required"), loopback: open }, exempt)).toBe("pass");
  });

  test("a fact that is not selected gives no result, one that may be selected cannot fail", () => {
    expect(judge([fact({ "tls.mode": known("none"), product: known("nodemailer") })], narrowed)).toEqual([]);
    const open = { "tls.mode": known("none"), product: unknown("open") };
    expect(verdictOf(open, narrowed)).toBe("unknown");
    expect(verdictOf({ ...open, "tls.mode": known("required") }, narrowed)).toBe("pass");
  });

  test("an edition that maps no paragraph judges all the same", () => {
    expect(judge([fact({ "tls.mode": known("none") })])[0]).toMatchObject({ verdict: "fail", controls: [] });
  });
});

describe("words and places", () => {
  test("a verdict stands where the deciding value stands", () => {
    const [result] = judge([fact({ "tls.mode": known("none", elsewhere) })]);
    expect(result?.location).toEqual(elsewhere);
    expect(result?.actual).toBe("tls.mode is none");
    expect(result?.expected).toBe("tls.mode must be required");
  });

  test("a choice is shown as a whole", () => {
    const assertAny = [
      { "tls.mode": { const: "none" } },
      { "tls.mode": { const: "required" }, "tls.verification": { enum: ["name", "dane"] } },
    ];
    const attributes = { "tls.mode": known("opportunistic"), "tls.verification": known("name") };
    const [result] = judge([fact(attributes)], { assert: { loopback: { const: true } }, assertAny });
    expect(result?.expected).toBe(
      "loopback must be true; and tls.mode must be none, or tls.mode must be required and tls.verification must be name or dane",
    );
  });

  test("a proposed edition is only ever not met", () => {
    const [result] = judge([fact({ "tls.mode": known("none") })], {}, { status: "proposed" });
    expect(result?.message).toBe("Would not meet the proposed rule: smtp/unix has the mode none.");
  });

  test("an unknown names its reason and shows its chain", () => {
    const step = { location: elsewhere, text: "read from the environment" };
    const [result] = judge([fact({ "tls.mode": unknown("SMTP_TLS is not set", location, [step]) })]);
    expect(result?.message).toContain("SMTP_TLS is not set");
    expect(result?.chain).toEqual([{ file: "mail/main.cf", line: 7, column: 1, text: step.text }]);
  });
});

describe("fingerprints", () => {
  const failing = fact({ "tls.mode": known("none") });

  test("a moved line does not change one", () => {
    const moved = { ...failing, location: elsewhere };
    expect(judge([moved])[0]?.fingerprint).toBe(judge([failing])[0]?.fingerprint);
  });

  test("a second identical finding has its own, and keeps the first as it was", () => {
    const twice = judge([failing, { ...failing, location: elsewhere }]).map(({ fingerprint }) => fingerprint);
    expect(new Set(twice).size).toBe(2);
    expect(twice[0]).toBe(judge([failing])[0]?.fingerprint);
  });

  test("rule, edition, fact and file each have a part in it", () => {
    const others = [
      judge([failing], { id: "mail/other" }),
      judge([failing], {}, { id: "theirs" }),
      judge([fact(failing.attributes, "relay/unix")]),
      judge([{ ...failing, location: { ...location, file: "relay/main.cf" } }]),
    ].map(([result]) => result?.fingerprint);
    expect(new Set([...others, judge([failing])[0]?.fingerprint]).size).toBe(5);
  });

  test("the order of results does not depend on the order of facts", () => {
    const later = fact({ "tls.mode": known("none", elsewhere) }, "relay/unix");
    expect(judge([later, failing])).toEqual(judge([failing, later]));
  });
});
