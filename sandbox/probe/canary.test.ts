import { describe, expect, test } from "vitest";
import { Canaries } from "./canary.ts";
import { makeMessage } from "./message.ts";

function quotedPrintable(text: string): string {
  return Buffer.from(text)
    .toString("hex")
    .replace(/../g, (hex) => `=${hex.toUpperCase()}`);
}

/** A base64 body in lines of 76, with so many bytes before the token that every alignment comes up. */
function base64Body(before: string, token: string): string {
  const lines =
    Buffer.from(`${before}${token} and after`)
      .toString("base64")
      .match(/.{1,76}/g) ?? [];
  return lines.join("\r\n");
}

describe("canaries are found", () => {
  const canaries = new Canaries();
  const token = canaries.make("P01", "body");
  const secret = canaries.make("P01", "password");

  test.each([
    ["raw", `Dear ${token}.`, "raw"],
    ["in capitals", `RCPT TO:<${token.toUpperCase()}@X>`, "raw"],
    ["in a folded header", `Subject: ${token.slice(0, 9)}\r\n ${token.slice(9)}`, "raw"],
    ["split by a line break", `${token.slice(0, 5)}\r\n${token.slice(5)}`, "raw"],
    ["in quoted-printable, every character written out", quotedPrintable(token), "quoted-printable"],
    [
      "in quoted-printable with a soft line break",
      `${token.slice(0, 7)}=\r\n${token.slice(7)}`,
      "quoted-printable",
    ],
    ["in an encoded word (Q)", `Subject: =?utf-8?Q?${quotedPrintable(token)}?=`, "quoted-printable"],
    [
      "in an encoded word (B)",
      `Subject: =?utf-8?B?${Buffer.from(`x ${token}`).toString("base64")}?=`,
      "base64",
    ],
    ["in base64, alignment 0", base64Body("", token), "base64"],
    ["in base64, alignment 1", base64Body("a", token), "base64"],
    ["in base64, alignment 2", base64Body("ab", token), "base64"],
    ["in base64 over several lines", base64Body("x".repeat(50), token), "base64"],
    ["in base64 after a header without a blank line", `base64\r\n\r\n${base64Body("abc", token)}`, "base64"],
  ])("%s", (_, text, encoding) => {
    const [sighting, ...more] = canaries.find(Buffer.from(text));
    expect(more).toEqual([]);
    expect(sighting).toMatchObject({ encoding, canary: { part: "body", posture: "P01" } });
  });

  test("in two encoded words that belong together", () => {
    const encoded = Buffer.from(token).toString("base64");
    const text = `Subject: =?utf-8?B?${encoded.slice(0, 16)}?=\r\n =?utf-8?B?${encoded.slice(16)}?=`;
    expect(canaries.find(Buffer.from(text))).toMatchObject([{ encoding: "base64" }]);
  });

  test("as the password of AUTH PLAIN and AUTH LOGIN", () => {
    const plain = Buffer.from(`\0user\0${secret}`).toString("base64");
    expect(canaries.find(Buffer.from(`AUTH PLAIN ${plain}\r\n`))).toMatchObject([
      { canary: { part: "password" }, encoding: "base64" },
    ]);
    const logIn = `AUTH LOGIN\r\ndXNlcg==\r\n${Buffer.from(secret).toString("base64")}\r\n`;
    expect(canaries.find(Buffer.from(logIn))).toMatchObject([{ canary: { part: "password" } }]);
  });

  test("and nothing else is", () => {
    expect(new Canaries().find(Buffer.from(token))).toEqual([]);
    expect(canaries.find(Buffer.from(`hc${"0".repeat(22)}`))).toEqual([]);
  });

  test.each([
    [`x ${token} y`, "x [canary body of P01] y"],
    [
      `AUTH PLAIN ${Buffer.from(`\0u\0${secret}`).toString("base64")}`,
      "AUTH PLAIN [canary password of P01, base64]",
    ],
    [quotedPrintable(token), "[canary body of P01] (quoted-printable)"],
    ["nothing here", "nothing here"],
  ])("and marked", (text, marked) => {
    expect(canaries.mark(text)).toBe(marked);
  });
});

test("the ready message carries each part in the encodings that were meant", () => {
  const canaries = new Canaries();
  const { raw, from, to, subject, body } = makeMessage(canaries, "P01");
  const seen = canaries
    .find(raw)
    .map(({ canary, encoding }) => `${canary.part} ${encoding} (meant ${canary.written})`);
  expect(seen.sort()).toEqual([
    "address raw (meant raw)",
    "address raw (meant raw)",
    "attachment base64 (meant base64)",
    "attachment raw (meant raw)",
    "body quoted-printable (meant quoted-printable)",
    "body raw (meant raw)",
    "header base64 (meant base64)",
    "header raw (meant raw)",
    "subject raw (meant raw)",
  ]);
  expect(canaries.find(Buffer.from(`${from} ${to} ${subject} ${body}`))).toHaveLength(4);
});
