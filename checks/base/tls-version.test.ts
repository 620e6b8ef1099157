import { expect, test } from "vitest";
import { compareTlsVersions, isTlsVersion, parseTlsVersion, tlsVersions } from "./tls-version.ts";

test.each([
  ["TLSv1.2", "TLSv1.2"],
  ["TLS1.2", "TLSv1.2"],
  ["tls 1.3", "TLSv1.3"],
  ["TLSv1_1", "TLSv1.1"],
  ["TLS_1_2", "TLSv1.2"],
  ["TLS-1.2", "TLSv1.2"],
  ["1.2", "TLSv1.2"],
  ["TLSv1", "TLSv1.0"],
  ["SSLv3", "SSLv3"],
  ["ssl 3.0", "SSLv3"],
  ["SSLv2", "SSLv2"],
])("reads %j", (text, version) => {
  expect(parseTlsVersion(text)).toBe(version);
});

test.each([
  "",
  "TLS",
  "2",
  "3",
  "1.4",
  "TLSv2.0",
  "SSLv1",
  "SSLv3.1",
  "SSLv23",
  "TLSv1.2+",
  "TLSv12",
  "1.2.3",
])("does not take %j for a version", (text) => {
  expect(parseTlsVersion(text)).toBeUndefined();
});

test("knows its own names, and which is older", () => {
  expect(tlsVersions.every((version) => isTlsVersion(version) && parseTlsVersion(version) === version)).toBe(
    true,
  );
  expect(tlsVersions.toReversed().sort(compareTlsVersions)).toEqual(tlsVersions);
  expect(isTlsVersion("tlsv1.2")).toBe(false);
});
