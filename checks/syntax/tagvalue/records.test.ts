import { generateKeyPairSync } from "node:crypto";
import { describe, expect, test } from "vitest";
import { readDkim } from "./dkim.ts";
import { isReportAddressList, readDmarc } from "./dmarc.ts";
import { readMtaStsPolicy, readMtaStsRecord, readTlsReporting } from "./mta-sts.ts";
import { parseTagList } from "./tag-list.ts";
import { joinTxtStrings } from "./txt-strings.ts";

describe("a tag list", () => {
  test("keeps order, trims, and forgives a final semicolon", () => {
    const list = parseTagList(" v = DMARC1 ; p=reject;rua=mailto:a@example.org,mailto:b@example.org; ");
    expect(list.tags).toEqual([
      { name: "v", value: "DMARC1" },
      { name: "p", value: "reject" },
      { name: "rua", value: "mailto:a@example.org,mailto:b@example.org" },
    ]);
    expect(list.problems).toEqual([]);
    expect(list.get("P")).toBeUndefined();
  });

  test.each(["v=DMARC1; p reject", "v=DMARC1;; p=none", "v=DMARC1; p=none; p=reject", "1a=b"])(
    "%s has a problem",
    (text) => expect(parseTagList(text).problems).toHaveLength(1),
  );
});

describe("the strings of a TXT record", () => {
  test.each([
    ["v=spf1 -all", "v=spf1 -all"],
    ['"v=spf1 -all"', "v=spf1 -all"],
    ['"v=DKIM1; p=AB" "CD"', "v=DKIM1; p=ABCD"],
    ['v=DKIM1; p=AB""CD', "v=DKIM1; p=ABCD"],
    ['v=DKIM1; p=AB" "CD" "EF', "v=DKIM1; p=ABCDEF"],
    ["v=DMARC1\\073 p=none", "v=DMARC1; p=none"],
    ['say \\"hi\\"', 'say "hi"'],
  ])("%j is %j", (text, joined) => expect(joinTxtStrings(text)).toBe(joined));
});

describe("a DMARC record", () => {
  test.each([
    [
      "v=DMARC1; p=reject; rua=mailto:d@example.org",
      { policy: "reject", subdomainPolicy: "reject", reports: true },
    ],
    ["v=DMARC1; p=quarantine; sp=none", { policy: "quarantine", subdomainPolicy: "none", reports: false }],
    ["v=DMARC1; p=reject; t=y", { policy: "reject", testing: true }],
    ["v=DMARC1; p=reject; pct=25", { percentage: 25 }],
    ["v=DMARC1; rua=mailto:d@example.org", { policy: "none", reports: true, problems: [] }],
    [
      "v=DMARC1;p=Reject;adkim=s;unknown=1",
      { policy: "reject", percentage: 100, testing: false, problems: [] },
    ],
    ["v=DMARC1", { policy: "none" }],
  ])("%s", (text, expected) => expect(readDmarc(text)).toMatchObject(expected));

  test.each(["v=DMARC1; p=monitor", "v=DMARC1; p=none; pct=150", "v=DMARC1; p=none; sp=off", "v=DMARC1 ; p"])(
    "%s has a problem",
    (text) => expect(readDmarc(text)?.problems.length).toBeGreaterThan(0),
  );

  test.each(["v=dmarc1; p=reject", "p=reject; v=DMARC1", "v=DMARC12; p=none", "v=spf1 -all", ""])(
    "%j is none",
    (text) => expect(readDmarc(text)).toBeUndefined(),
  );

  test.each([
    ["mailto:d@example.org", true],
    ["https://reports.example.org/x", true],
    ["mailto:d@example.org!10m", true],
    ["d@example.org", false],
    ["http://example.org", false],
    ["mailto:", false],
    ["", false],
  ])("reports to %j: %s", (text, expected) => expect(isReportAddressList(text)).toBe(expected));
});

describe("a DKIM key record", () => {
  const rsa = (bits: number, type: "spki" | "pkcs1"): string =>
    generateKeyPairSync("rsa", { modulusLength: bits })
      .publicKey.export({ format: "der", type })
      .toString("base64");
  const edwards = Buffer.from(
    generateKeyPairSync("ed25519").publicKey.export({ format: "jwk" }).x ?? "",
    "base64url",
  ).toString("base64");

  test.each([
    ["1024 bits", `v=DKIM1; k=rsa; p=${rsa(1024, "spki")}`, { keyType: "rsa", keyBits: 1024, problems: [] }],
    ["2048 bits", `v=DKIM1; p=${rsa(2048, "spki")}`, { keyType: "rsa", keyBits: 2048, problems: [] }],
    ["bare key, no version", `k=rsa; p=${rsa(2048, "pkcs1")}`, { keyType: "rsa", keyBits: 2048 }],
    ["Ed25519", `v=DKIM1; k=ed25519; p=${edwards}`, { keyType: "ed25519", problems: [] }],
    ["revoked", "v=DKIM1; p=", { keyType: "revoked", problems: [] }],
    ["test mode", `v=DKIM1; t=s:y; p=${edwards}; k=ed25519`, { testing: true }],
    ["strict subdomain flag only", `v=DKIM1; t=s; k=ed25519; p=${edwards}`, { testing: false }],
  ])("%s", (_, text, expected) => expect(readDkim(text)).toMatchObject(expected));

  test.each([
    ["a key type that DKIM has not", "v=DKIM1; k=ecdsa; p=MFkwEwYHKoZIzj0CAQY="],
    ["no key", "v=DKIM1; k=rsa"],
    ["rubbish", "v=DKIM1; p=AAAA"],
    ["a placeholder", "v=DKIM1; p=<your key here>"],
    ["a short Ed25519 key", "v=DKIM1; k=ed25519; p=AAAA"],
  ])("%s is unusable", (_, text) => {
    expect(readDkim(text)).toMatchObject({ keyType: "unusable" });
    expect(readDkim(text)?.problems.length).toBeGreaterThan(0);
  });

  test.each(["v=spf1 -all", "v=DKIM2; p=AAAA", "hello"])("%j is none", (text) => {
    expect(readDkim(text)).toBeUndefined();
  });
});

describe("MTA-STS and TLS-RPT", () => {
  test("records", () => {
    expect(readMtaStsRecord("v=STSv1; id=20260101000000Z;")?.problems).toEqual([]);
    expect(readMtaStsRecord("v=STSv1; id=2026-01-01")?.problems).toHaveLength(1);
    expect(readMtaStsRecord("v=STSv1;")?.problems).toHaveLength(1);
    expect(readMtaStsRecord("v=STSv2; id=1")).toBeUndefined();
    expect(readTlsReporting("v=TLSRPTv1; rua=mailto:tls@example.org")).toEqual({
      problems: [],
      reports: true,
    });
    expect(readTlsReporting("v=TLSRPTv1; rua=tls@example.org")).toMatchObject({ reports: false });
    expect(readTlsReporting("v=TLSRPTv2; rua=mailto:a@b.c")).toBeUndefined();
  });

  test("a policy file", () => {
    const text =
      "version: STSv1\r\nmode: enforce\r\nmx: mail.example.org\r\nmx: *.example.net\r\nmax_age: 604800\r\n";
    expect(readMtaStsPolicy(text)).toEqual({
      problems: [],
      mode: "enforce",
      mx: ["mail.example.org", "*.example.net"],
    });
    expect(readMtaStsPolicy("version: STSv1\nmode: none\nmax_age: 86400")).toEqual({
      problems: [],
      mode: "none",
      mx: [],
    });
  });

  test.each([
    "version: STSv1\nmode: enforce\nmax_age: 604800\n",
    "version: STSv2\nmode: enforce\nmx: a.example.org\nmax_age: 604800\n",
    "version: STSv1\nmode: strict\nmx: a.example.org\nmax_age: 604800\n",
    "version: STSv1\nmode: enforce\nmx: a.example.org\nmax_age: 99999999\n",
    "version: STSv1\nmode: enforce\nmx: a.example.org\n",
    "version: STSv1\nmode=enforce\nmode: enforce\nmx: a.example.org\nmax_age: 1\n",
  ])("a policy file with a mistake: %j", (text) => {
    expect(readMtaStsPolicy(text).problems.length).toBeGreaterThan(0);
  });
});
