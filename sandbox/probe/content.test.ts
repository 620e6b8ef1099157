import { fileURLToPath } from "node:url";
import { afterEach, describe, expect, test } from "vitest";
import { probeFacts } from "../facts/probe-facts.ts";
import { type ProbeOutcome, probeSender } from "./probe.ts";
import { moduleSender } from "./senders/module.ts";

const fixture = fileURLToPath(new URL("./fixtures/content.mjs", import.meta.url));

afterEach(() => {
  delete process.env.TEST_CONTENT;
});

async function run(what: string, only: readonly string[], contentScan = false): Promise<ProbeOutcome> {
  process.env.TEST_CONTENT = what;
  return await probeSender({ sender: moduleSender(fixture), only, contentScan, retryWaitMs: 150 });
}

async function verdicts(...parameters: Parameters<typeof run>): Promise<string[]> {
  const { report } = await run(...parameters);
  return report.postures.map(({ id, verdict, reason }) => `${id} ${verdict}: ${reason}`);
}

/** An attribute of the fact about the first message at a good server. */
async function arrived(what: string, attribute: string): Promise<unknown> {
  const facts = probeFacts(await run(what, ["P27"]), "record");
  return facts.find(({ kind }) => kind === "probe.message")?.attributes[attribute];
}

describe("a posture whose message is special", () => {
  test("is met by a sender that passes the message on", async () => {
    expect(await verdicts("", ["P55", "P61"])).toEqual([
      "P55 held: delivered under TLS",
      expect.stringMatching(/^P61 held: nothing but the opening was said/),
    ]);
  });

  test("is not run for a sender that does not", async () => {
    expect(await verdicts("no-headers", ["P61"])).toEqual([
      "P61 not-run: it needs a sender that passes on the header fields that it is given",
    ]);
    expect(await verdicts("portal", ["P55"])).toEqual([
      "P55 not-run: it needs a sender that passes on the body that it is given",
    ]);
  });
});

describe("what looks like patient data", () => {
  test("is sent only where mail is said to be scanned", async () => {
    expect(await verdicts("", ["D01"])).toEqual([
      "D01 not-run: it needs mail that is scanned for patient data before it leaves, which --content-scan states",
    ]);
  });

  test.each([
    ["scan", "held: the message was stopped"],
    ["quarantine", "held: the message was stopped"],
    ["redact", "held: a message arrived without the body"],
    ["", "weak: it passed a message that holds what looks like patient data"],
  ])("%s: %s", async (what, expected) => {
    expect(await verdicts(what, ["D01"], true)).toEqual([`D01 ${expected}`]);
  });
});

describe("the message at a good server", () => {
  test("shows which parts arrived, and content in the wrong places", async () => {
    expect(await arrived("", "content.parts")).toEqual({
      value: expect.arrayContaining(["address", "subject", "header", "body", "attachment"]),
    });
    expect(await arrived("", "content.exposed")).toEqual({ value: [] });
    expect(await arrived("expose", "content.exposed")).toEqual({ value: ["subject", "file-name"] });
    expect(await arrived("portal", "content.parts")).toEqual({
      value: expect.not.arrayContaining(["body", "attachment"]),
    });
    expect(await arrived("portal", "content.exposed")).toEqual({
      unknown: "the message did not carry the body that the sender was told to send",
    });
  });

  test("shows the length of the key that signed it", async () => {
    expect(await arrived("", "signature.dkimKeyBits")).toBeUndefined();
    expect(await arrived("dkim-1024", "signature.dkimKeyBits")).toEqual({ value: 1024 });
    expect(await arrived("dkim-2048", "signature.dkimKeyBits")).toEqual({ value: 2048 });
    expect(await arrived("dkim-2048", "signature.dkimAlgorithms")).toEqual({ value: ["rsa-sha256"] });
  });

  test("shows the name of its sender and ways to unsubscribe", async () => {
    expect(await arrived("", "helo.qualified")).toEqual({ value: false });
    expect(await arrived("helo", "helo.qualified")).toEqual({ value: true });
    expect(await arrived("helo", "helo.name")).toEqual({ value: "mail.sender.test" });
    expect(await arrived("marketing", "unsubscribe.oneClick")).toEqual({ value: true });
    expect(await arrived("marketing", "class")).toEqual({ value: "record" });
  });
});
