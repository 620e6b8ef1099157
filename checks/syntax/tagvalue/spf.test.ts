import { describe, expect, test } from "vitest";
import { isSpf, readSpf } from "./spf.ts";

describe("an SPF record", () => {
  test.each([
    ["v=spf1 -all", "fail", 0],
    ["v=spf1 include:amazonses.com ~all", "softfail", 1],
    ["v=spf1 a mx ptr exists:%{i}.spf.example.org ?all", "neutral", 4],
    ["V=SPF1 ip4:192.0.2.0/24 ip6:2001:db8::/32 +all", "pass", 0],
    ["v=spf1 a:mail.example.org/24//64 mx//48 all", "pass", 2],
    ["v=spf1 redirect=_spf.example.org", "missing", 1],
    ["v=spf1 redirect=_spf.example.org -all", "fail", 0],
    ["v=spf1 ip4:192.0.2.1 exp=explain.%{d} -all", "fail", 0],
    ["v=spf1 a unknown-modifier=1 -all", "fail", 1],
    ["v=spf1", "missing", 0],
  ])("%s: %s, %i look-ups", (text, policy, ownLookups) => {
    expect(readSpf(text)).toMatchObject({ policy, ownLookups, problems: [] });
  });

  test.each([
    "v=spf1 ip4:192.0.2.256 -all",
    "v=spf1 ip4:192.0.2.0/33 -all",
    "v=spf1 ip6:192.0.2.1 -all",
    "v=spf1 include: -all",
    "v=spf1 include:localhost -all",
    "v=spf1 include:%{x}.example.org -all",
    "v=spf1 incude:amazonses.com -all",
    "v=spf1 -all:example.org",
    "v=spf1 include:a.example.org,b.example.org -all extra:",
    "v=spf1 redirect=a.example.org redirect=b.example.org",
    "v=spf1 a; mx; -all",
    "v=spf1 ptr/24 -all",
  ])("%s cannot be read", (text) => {
    expect(readSpf(text)?.problems.length).toBeGreaterThan(0);
  });

  test("says which terms stand behind all", () => {
    expect(readSpf("v=spf1 -all include:sendgrid.net")).toMatchObject({
      ignoredTerms: ["include:sendgrid.net"],
      includes: [],
      ownLookups: 0,
    });
  });

  test("lists includes in order and where redirect leads", () => {
    expect(
      readSpf("v=spf1 include:b.example.org ?include:a.example.org redirect=c.example.org"),
    ).toMatchObject({
      includes: ["b.example.org", "a.example.org"],
      redirect: "c.example.org",
      ownLookups: 3,
    });
  });

  test.each(["v=spf10 -all", "v=spf1-all", "spf1 -all", "v=DMARC1; p=none", "", " v=spf1 -all"])(
    "%j is none",
    (text) => {
      expect(isSpf(text)).toBe(false);
      expect(readSpf(text)).toBeUndefined();
    },
  );
});
