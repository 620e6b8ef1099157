import { createServer, type RequestListener } from "node:http";
import type { AddressInfo } from "node:net";
import { createTransport } from "nodemailer";
import { describe, expect, type TestContext, test } from "vitest";
import { loadFacts } from "./facts/load-facts.ts";
import type { SendPath } from "./plan/send-path.ts";
import { type LoadReport, loadExitCode } from "./result/report.ts";
import { brokenGates, k6, needsK6, steadyProfile, trial } from "./testing.ts";

/**
 * Each test is a way in which a load run could look good and is not, against a server that really behaves so. A run that falls
 * for one ends with 0, which none of them may. `verdict/gates.test.ts` has the ways that no test can bring about, such as a clock
 * that is set; `extension/false_greens_test.go` has those of k6, the SMTP client and Postfix.
 */

const profile = steadyProfile("3s");

/** Whether each level holds, by kind. */
function levels(report: LoadReport): Record<string, boolean | null> {
  return Object.fromEntries(report.levels.map(({ kind, met }) => [kind, met]));
}

/** Serves HTTP on a port of loopback until the test ends. */
async function serve(listener: RequestListener, { onTestFinished }: TestContext): Promise<string> {
  const server = createServer(listener);
  onTestFinished(() => void server.close().closeAllConnections());
  await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
  return `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
}

describe.skipIf(k6 === undefined)(`no load run is green${needsK6}`, { concurrent: true }, () => {
  test("when nothing was sent: every iteration throws, and k6 still ends with 0", async () => {
    const large = "{ template: marketing, listUnsubscribe: true, size: 512 }";
    const report = await trial({ profile: profile.replace("{ size: 2048 }", large) });
    expect(report.messages.attempted).toBe(0);
    expect(brokenGates(report)).toEqual(expect.arrayContaining(["samples", "offered"]));
    expect(report.notes).toContainEqual(expect.stringMatching(/k6 complained: .*size 512 is too small/));
    expect(report.validity.gates).toContainEqual(
      expect.objectContaining({ id: "samples", measured: expect.stringContaining("size 512 is too small") }),
    );
    expect(loadExitCode(report)).toBe(3);
  });

  test("when one accepted message in a thousand is dropped, although the percentiles are fine", async () => {
    const report = await trial({
      profile,
      overrides: { rate: 300 },
      faults: [{ kind: "drop", every: 1000 }],
    });
    expect(report.messages.lost).toBe(1);
    expect(levels(report)).toMatchObject({ lost: false });
    expect(report.latencyMs.endToEnd?.p99).toEqual(expect.any(Number));
    expect(report.latencyMs.endToEnd?.max).toBeNull();
    expect(loadExitCode(report)).not.toBe(0);
  });

  test("when messages that arrived too late for the drain are not counted among the latencies", async () => {
    const report = await trial({
      profile,
      faults: [{ kind: "drop", every: 20 }],
    });
    expect(report.latencyMs.endToEnd).toMatchObject({ p99: null, p90: expect.any(Number) });
    expect(levels(report)).toMatchObject({ latency: false, lost: false });
    expect(report.notes).toContainEqual(expect.stringContaining("they count as lost"));
  });

  test("when the server pauses for two seconds: latency runs from the intended start", async () => {
    // Ten sessions stand still with a message each, less than one in a hundred: the others are late only by their intended start.
    const report = await trial({
      profile,
      overrides: { rate: 200, duration: "7s" },
      faults: [{ kind: "pause", after: "3s", for: "2s" }],
    });
    expect(report.latencyMs.endToEnd?.p99).toBeGreaterThan(1000);
    expect(report.latencyMs.submit.p99).toBeGreaterThan(1000);
    expect(levels(report)).toMatchObject({ latency: false, refused: true, lost: true });
    expect(brokenGates(report)).toEqual([]);
  });

  test("when iterations were dropped because the generator ran out of virtual users", async () => {
    const report = await trial({
      profile,
      overrides: { duration: "7s" },
      faults: [{ kind: "pause", after: "1500ms", for: "6s" }],
    });
    expect(brokenGates(report)).toContain("dropped");
    expect(loadExitCode(report)).toBe(3);
  });

  test("when every recipient is refused, however fast", async () => {
    const report = await trial({ profile, faults: [{ kind: "reply", phase: "rcpt", code: 451 }] });
    expect(report.messages.accepted).toBe(0);
    expect(levels(report)).toEqual({ latency: null, refused: false, lost: null });
    expect(report.failures[0]).toMatchObject({ phase: "rcpt", kind: "refused", code: 451 });
    expect(loadExitCode(report)).not.toBe(0);
  });

  test("when every message is refused, and only losses, the backlog or a rate limit are asked for", async () => {
    const only = profile.replace(
      /levels:[\s\S]*$/,
      `levels:
  - { kind: lost, maximum: 0, requirements: [AVL-02] }
  - { kind: backlog, scenario: messages, requirements: [OPS-02] }
  - { kind: refused, scenario: messages, minimum: 0.2, requirements: [OPS-06] }
`,
    );
    const report = await trial({ profile: only, faults: [{ kind: "reply", phase: "mail", code: 550 }] });
    expect(levels(report)).toEqual({ lost: null, backlog: null, refused: null });
    expect(report.levels.map(({ reason }) => reason)).not.toContain("");
    expect(loadExitCode(report)).toBe(3);
  });

  test("when no step of a search for the knee is sustained", async () => {
    const stepped = profile
      .replace(/scenarios:[\s\S]*levels:/, "steps: { id: step, from: 20, factor: 2, count: 2 }\nlevels:")
      .replace(/ {2}- \{ kind: (latency|refused).*\n/g, "");
    const report = await trial({ profile: stepped, faults: [{ kind: "reply", code: 451, every: 2 }] });
    expect(report.knee).toEqual({ rate: null, reached: true });
    expect(report.validity.gates).toContainEqual(
      expect.objectContaining({
        id: "first-step",
        ok: false,
        measured: expect.stringMatching(/not even 20 /),
      }),
    );
    expect(loadExitCode(report)).toBe(3);
  });

  test("when one recipient of most messages is throttled, although the messages are accepted", async () => {
    const report = await trial({
      profile,
      overrides: { recipients: 2 },
      faults: [{ kind: "reply", phase: "rcpt", code: 452, every: 2 }],
    });
    // Sessions take turns, so that now and then both recipients of a message are refused, and none of another.
    const { accepted, attempted, refused } = report.messages;
    expect(accepted + refused).toBeGreaterThan(1.5 * attempted);
    expect(levels(report)).toMatchObject({ refused: false });
    expect(loadExitCode(report)).not.toBe(0);
  });

  test("when the receiver limits the rate: what is refused has no latency, and is told", async () => {
    const report = await trial({
      profile,
      sink: { tls: "required", limits: [{ rate: 25, burst: 1, action: 421 }] },
    });
    const { accepted, refused, attempted } = report.messages;
    expect(accepted + refused).toBe(attempted);
    expect(refused / attempted).toBeGreaterThan(0.3);
    expect(report.latencyMs.submit.count).toBeLessThanOrEqual(accepted);
    expect(levels(report)).toMatchObject({ refused: false });
  });

  test("when the server does not offer TLS: clear text is never fallen back to", async () => {
    await expect(trial({ profile, sink: { tls: "none" } })).rejects.toMatchObject({
      code: "target-unusable",
      message: expect.stringMatching(/the target cannot be loaded: .*STARTTLS/),
    });
  });

  test("when the server withdraws TLS in the middle: what it would have got in clear fails", async () => {
    const after = "2s";
    const report = await trial({
      profile,
      sink: { tls: "starttls" },
      faults: [
        { kind: "disconnect", phase: "mail", after },
        { kind: "reply", phase: "starttls", code: 454, after },
      ],
    });
    expect(report.messages.plaintext).toBe(0);
    expect(report.failures).toContainEqual(expect.objectContaining({ phase: "starttls", code: 454 }));
    expect(levels(report)).toMatchObject({ refused: false });
  });

  test("without a word on clear text where the target was named so", async () => {
    const report = await trial({ profile, sink: { tls: "none" }, tls: "none" });
    expect(report.messages.plaintext).toBe(report.messages.attempted);
    expect(report.validity.gates.find(({ id }) => id === "plaintext")?.measured).toMatch(
      /\d+ messages in clear text/,
    );
  });

  test("when the mailbox is not in view: nobody knows what arrived", async () => {
    const report = await trial({ profile, path: ({ sink: _, ...path }) => path });
    expect(levels(report)).toEqual({ latency: null, refused: true, lost: null });
    expect(report.latencyMs.endToEnd).toBeNull();
    expect(loadExitCode(report)).toBe(3);
  });

  test("when a planned fault did not take place", async () => {
    const text = `${profile}faults:\n  - { kind: mta-restart, at: 0.5, for: 1s }\n`;
    const report = await trial({ profile: text });
    expect(brokenGates(report)).toEqual(["faults"]);
    expect(loadExitCode(report)).toBe(3);
  });
});

/** The sink's control address, with answers that are not its own. */
async function changedControl(
  context: TestContext,
  path: SendPath,
  change: (request: string, answer: string, count: number) => string | undefined,
): Promise<SendPath> {
  const control = path.sink?.control ?? "";
  const seen = new Map<string, number>();
  const address = await serve(async (request, response) => {
    const name = (request.url ?? "").split("?")[0] ?? "";
    const count = (seen.get(name) ?? 0) + 1;
    seen.set(name, count);
    const answer = await (await fetch(`${control}${request.url}`)).text();
    const changed = change(name, answer, count);
    response.statusCode = changed === undefined ? 503 : 200;
    response.end(changed);
  }, context);
  return { ...path, sink: { control: address } };
}

describe.skipIf(k6 === undefined)(
  `no load run is green when the sink${needsK6}`,
  { concurrent: true },
  () => {
    const shift = (answer: string, milliseconds: number): string => {
      const { unixMicro, ...rest } = JSON.parse(answer) as { unixMicro: number };
      return JSON.stringify({ ...rest, unixMicro: unixMicro + milliseconds * 1000 });
    };

    test("has a clock that was set during the run", async (context) => {
      const report = await trial({
        profile,
        // The clock is read ten times at the beginning, and again at the end.
        path: (path) =>
          changedControl(context, path, (name, answer, count) =>
            name === "/clock" && count > 10 ? shift(answer, 2000) : answer,
          ),
      });
      expect(brokenGates(report)).toContain("sink-clock");
      expect(loadExitCode(report)).toBe(3);
    });

    test("says that messages came before they were to be sent", async (context) => {
      const report = await trial({
        profile,
        path: (path) =>
          changedControl(context, path, (name, answer) =>
            name === "/clock" ? shift(answer, 60_000) : answer,
          ),
      });
      expect(report.validity.gates.find(({ id }) => id === "sink-clock")).toMatchObject({
        ok: false,
        measured: expect.stringMatching(/\d+ messages arrived before they were to be sent/),
      });
      expect(loadExitCode(report)).toBe(3);
    });

    test("cannot be asked at the end", async (context) => {
      const lost = trial({
        profile,
        path: (path) =>
          changedControl(context, path, (name, answer) => (name === "/receipts" ? undefined : answer)),
      });
      await expect(lost).rejects.toMatchObject({ code: expect.stringMatching(/^k6-/) });
    });
  },
);

describe.skipIf(k6 === undefined)(
  `no load run over HTTP is green when the API${needsK6}`,
  { concurrent: true },
  () => {
    type Behaviour = (sendMail: () => Promise<unknown>, elapsedMs: number) => Promise<number>;

    /** Loads an API that sends by nodemailer, or does not. */
    async function api(context: TestContext, behave: Behaviour): Promise<LoadReport> {
      let first = 0;
      return await trial({
        profile,
        sink: { tls: "starttls" },
        path: async (path) => {
          if (path.target.kind !== "smtp") throw new Error("the trial's own target is a server");
          const { host, port, ca = "" } = path.target;
          const transport = createTransport({ host, port, pool: true, requireTLS: true, tls: { ca } });
          const url = await serve(async (request, response) => {
            first ||= Date.now();
            let text = "";
            for await (const chunk of request) text += chunk;
            const { to } = JSON.parse(text) as { to: string };
            const message = { from: "app@example.test", to, subject: "a", text: "b" };
            response.statusCode = await behave(() => transport.sendMail(message), Date.now() - first);
            response.end();
          }, context);
          context.onTestFinished(() => transport.close());
          const body = JSON.stringify({ to: "{{recipient}}" });
          return { ...path, target: { kind: "http", url, method: "POST", headers: {}, body } };
        },
      });
    }

    test("says 200 to everything and sends one message in ten less", async (context) => {
      let count = 0;
      const report = await api(context, async (sendMail) => {
        if (++count % 10 !== 0) await sendMail();
        return 200;
      });
      expect(report.messages.lost).toBeGreaterThan(0);
      expect(levels(report)).toMatchObject({ lost: false, latency: false });
      // Nor does it pass for one without clear text: nobody has seen how the API sends.
      expect(loadFacts(report)[0]?.attributes["messages.plaintext"]).toHaveProperty("unknown");
    });

    test("stops answering: a request without an answer was not accepted", async (context) => {
      const report = await api(context, async (sendMail, elapsedMs) => {
        if (elapsedMs > 4000) return await new Promise(() => undefined);
        await sendMail();
        return 200;
      });
      const { attempted, accepted, refused } = report.messages;
      expect(accepted).toBeLessThan(attempted);
      expect(refused).toBe(attempted - accepted);
      expect(levels(report)).toMatchObject({ refused: false });
    });
  },
);
