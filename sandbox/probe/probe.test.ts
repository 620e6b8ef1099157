import { fileURLToPath } from "node:url";
import { afterEach, describe, expect, test } from "vitest";
import type { Verdict } from "../posture-server/posture.ts";
import type { ProbeEvent } from "./events.ts";
import { probeSender } from "./probe.ts";
import { type ProbeReport, probeExitCode } from "./report.ts";
import type { ProbeOptions } from "./run.ts";
import { execSender } from "./senders/exec.ts";
import { moduleSender } from "./senders/module.ts";

function fixture(name: string): string {
  return fileURLToPath(new URL(`./fixtures/${name}`, import.meta.url));
}

/** Runs a script of the fixtures as a sender. */
async function probe(
  script: string,
  only: readonly string[],
  options: Partial<ProbeOptions> = {},
): Promise<ProbeReport> {
  const [file = "", ...rest] = script.split(" ");
  const sender = execSender(`'${process.execPath}' '${fixture(file)}' ${rest.join(" ")}`);
  return (await probeSender({ sender, only, retryWaitMs: 400, timeoutMs: 10_000, ...options })).report;
}

function verdicts({ postures }: ProbeReport): Record<string, Verdict> {
  return Object.fromEntries(postures.map(({ id, verdict }) => [id, verdict]));
}

describe("careless senders", () => {
  test("one that leaks only in a late retry is caught by waiting for it", async () => {
    const report = await probe("late-retry.mjs", ["P01", "P14"], { retryWaitMs: 4000 });
    expect(verdicts(report)).toEqual({ P01: "leaked", P14: "leaked" });
    expect(report.groups.map(({ valid }) => valid)).toEqual([true, true]);
    expect(report.postures[0]?.reason).toBe(
      "address, subject, header, body and attachment in clear text (MAIL, RCPT, message)",
    );
    // Without the wait nothing is seen: this is what the wait is for.
    expect(verdicts(await probe("late-retry.mjs", ["P01"], { retryWaitMs: 100 }))).toEqual({ P01: "held" });
  });

  test("one that leaks only the envelope is caught, in the control already", async () => {
    const report = await probe("envelope-only.mjs", ["P03a"]);
    expect(report.groups[0]).toMatchObject({
      valid: false,
      controls: { positive: { verdict: "leaked", passed: false } },
    });
    expect(report.postures[0]).toMatchObject({
      verdict: "leaked",
      reason: "address in clear text (MAIL, RCPT)",
      leaked: [
        { part: "address", phase: "MAIL", encoding: "raw" },
        { part: "address", phase: "RCPT", encoding: "raw" },
      ],
    });
    expect(probeExitCode(report)).toBe(1);
  });

  test("one that leaks only in the bounce is caught, under TLS too", async () => {
    const only = ["P01", "P50a", "P50b"];
    expect(verdicts(await probe("bounce-only.mjs", only))).toEqual({
      P01: "held",
      P50a: "leaked",
      P50b: "leaked",
    });
    const report = await probe("bounce-only.mjs", ["P50a"]);
    expect(report.postures[0]?.reason).toBe("body and attachment in a bounce");
    const clear = await probe("bounce-only.mjs clear", ["P50a"]);
    expect(clear.postures[0]?.leaked.map(({ phase }) => phase)).toContain("message");
    const own = await probe("bounce-only.mjs own-address", only);
    expect(verdicts(own)).toEqual({ P01: "held", P50a: "leaked", P50b: "leaked" });
    expect(own.postures.at(-1)?.reason).toBe("body and attachment in a bounce");
    expect(verdicts(await probe("bounce-only.mjs headers", ["P50a", "P50b"]))).toEqual({
      P50a: "held",
      P50b: "held",
    });
  });

  test("one that authenticates in clear is caught, whatever the server answers", async () => {
    const report = await probe("log-in-in-clear.mjs", ["P01", "P65a", "P65b", "P65c"]);
    expect(verdicts(report)).toEqual({ P01: "held", P65a: "leaked", P65b: "leaked", P65c: "leaked" });
    expect(report.postures.at(-1)).toMatchObject({
      reason: "password in clear text (AUTH)",
      leaked: [{ part: "password", phase: "AUTH", encoding: "base64" }],
    });
  });

  test("the careful one that they are made of holds everywhere", async () => {
    const report = await probe("careful.mjs", ["P01", "P14", "P23", "P24", "P44a", "P50a", "P65a", "P65b"]);
    expect(new Set(Object.values(verdicts(report)))).toEqual(new Set(["held"]));
    expect(probeExitCode(report)).toBe(0);
  });
});

/**
 * What a server saw of nodemailer with these options. Measured with 9.0.5 first: there `requireTLS` lost to
 * `ignoreTLS` and `opportunisticTLS`, so that the first columns of those two rows were leaks; since 10.0.12 it wins.
 */
const columns = ["P01", "P03b", "P04a", "P14", "P05a"] as const;
const rows: readonly [string, object, readonly Verdict[]][] = [
  ["{}", {}, ["leaked", "held", "held", "held", "leaked"]],
  ["requireTLS", { requireTLS: true }, ["held", "held", "held", "held", "held"]],
  ["ignoreTLS", { ignoreTLS: true }, ["leaked", "leaked", "leaked", "leaked", "leaked"]],
  ["requireTLS + ignoreTLS", { requireTLS: true, ignoreTLS: true }, ["held", "held", "held", "held", "held"]],
  [
    "requireTLS + opportunisticTLS",
    { requireTLS: true, opportunisticTLS: true },
    ["held", "held", "held", "held", "held"],
  ],
  ["opportunisticTLS", { opportunisticTLS: true }, ["leaked", "leaked", "held", "held", "leaked"]],
  [
    "requireTLS without verification",
    { requireTLS: true, tls: { rejectUnauthorized: false } },
    ["held", "held", "held", "weak", "held"],
  ],
  ["secure", { secure: true }, ["held", "held", "held", "held", "held"]],
];

describe("nodemailer", () => {
  afterEach(() => {
    delete process.env.TEST_NODEMAILER_OPTIONS;
  });

  test.each(rows)("with %s gets the verdicts of the measured table", async (_, options, expected) => {
    process.env.TEST_NODEMAILER_OPTIONS = JSON.stringify(options);
    const notes: string[] = [];
    const { report } = await probeSender({
      sender: moduleSender(fixture("nodemailer.mjs")),
      only: columns,
      retryWaitMs: 300,
      timeoutMs: 20_000,
      onEvent: (event: ProbeEvent) => {
        if (event.kind === "note" && !event.text.startsWith("changed for the test")) notes.push(event.text);
      },
    });
    const found = verdicts(report);
    expect(columns.map((id) => found[id])).toEqual(expected);
    const clear = "ignoreTLS" in options && !("requireTLS" in options);
    expect(report.groups.map(({ valid }) => valid)).toEqual([!clear, !clear]);
    expect(notes).toEqual(
      "secure" in options ? ["the sender speaks TLS from the first byte; the servers now do too"] : [],
    );
    expect(probeExitCode(report)).toBe(expected.every((verdict) => verdict === "held") ? 0 : 1);
  });

  test("with requireTLS holds in the quick suite, well under 20 seconds", async () => {
    process.env.TEST_NODEMAILER_OPTIONS = JSON.stringify({ requireTLS: true, logIn: true });
    const { report } = await probeSender({ sender: moduleSender(fixture("nodemailer.mjs")), quick: true });
    expect(report.postures.map(({ id }) => id)).toEqual([
      "P01",
      "P02a",
      "P03a",
      "P04a",
      "P04d",
      "P07",
      "P14",
      "P15",
      "P17a",
      "P44a",
      "P49a",
      "P65b",
    ]);
    expect(report.summary).toMatchObject({ held: 12, invalidGroups: 0, partial: false });
  });
});
