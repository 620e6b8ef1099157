import { spawn } from "node:child_process";
import { mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { setTimeout as pause } from "node:timers/promises";
import { fileURLToPath } from "node:url";
import { describe, expect, test } from "vitest";
import { probeFacts } from "../facts/probe-facts.ts";
import { loadPostures } from "../posture-server/load.ts";
import type { ProbeEvent } from "./events.ts";
import { type ProbeOutcome, probeSender } from "./probe.ts";
import { probeExitCode } from "./report.ts";
import type { ProbeOptions } from "./run.ts";
import { execSender } from "./senders/exec.ts";
import { moduleSender } from "./senders/module.ts";

function fixture(name: string): string {
  return fileURLToPath(new URL(`./fixtures/${name}`, import.meta.url));
}

function script(name: string, ...rest: string[]): string {
  return [`'${process.execPath}'`, `'${fixture(name)}'`, ...rest].join(" ");
}

async function run(
  command: string,
  only: readonly string[],
  options: Partial<ProbeOptions> = {},
): Promise<ProbeOutcome> {
  return await probeSender({
    sender: execSender(command),
    only,
    retryWaitMs: 300,
    timeoutMs: 8000,
    ...options,
  });
}

describe("a sender in trouble", () => {
  test.each([
    [
      "cannot be started",
      "no-such-program-here",
      /^the sender never came: the sender cannot be started: .*not found/,
    ],
    ["hangs", "sleep 60", /^the sender never came: the sender did not end within 0\.6 s and was ended$/],
    [
      "ends with an error before it connects",
      "echo broken setting >&2; exit 3",
      /^the sender never came: the sender ended with status 3: broken setting$/,
    ],
    ["sends nothing", "true", /^the sender never came$/],
  ])(
    "that %s makes its group invalid and its postures inconclusive, in one line",
    async (_, command, reason) => {
      const { report } = await run(command, ["P01", "P14"], { timeoutMs: 600 });
      expect(report.groups.map(({ valid }) => valid)).toEqual([false, false]);
      for (const { controls } of report.groups) expect(controls.positive.reason).toMatch(reason);
      for (const posture of report.postures) {
        expect(posture.verdict).toBe("inconclusive");
        expect(posture.reason).toMatch(reason);
      }
      expect(probeExitCode(report)).toBe(3);
    },
  );

  test("that reports success for a message that never arrives has lost it", async () => {
    const { report } = await run(script("swallows-errors.mjs"), ["P01", "P14", "P50a"]);
    expect(report.postures.map(({ verdict }) => verdict)).toEqual(["lost", "lost", "lost"]);
    expect(report.postures[0]?.reason).toMatch(
      /^the sender reported success, and the message did not arrive within [\d.]+ s: one that queues needs a longer wait$/,
    );
    expect(probeExitCode(report)).toBe(1);
  });

  test("that sends to another address, or twice, is named in the control", async () => {
    const elsewhere = await run(script("odd.mjs", "elsewhere"), ["P27"]);
    expect(elsewhere.report.groups[0]?.controls.positive.reason).toBe(
      "delivered under TLS, to another address than the sender was told",
    );
    const facts = probeFacts(elsewhere);
    expect(
      facts.find(({ kind }) => kind === "probe.message")?.attributes["recipients.unexpected"],
    ).toMatchObject({ value: 1 });
    const twice = await run(script("odd.mjs", "twice"), ["P27"]);
    expect(twice.report.groups[0]?.controls.positive.reason).toBe("delivered under TLS, 2 times");
  });

  test("that sends a message of its own proves nothing", async () => {
    const { report } = await run(script("odd.mjs", "other-message"), ["P27"]);
    expect(report.groups[0]).toMatchObject({
      valid: false,
      controls: {
        positive: {
          passed: false,
          reason: "a message came, and it held nothing of what the sender was told to send",
        },
      },
    });
    expect(probeExitCode(report)).toBe(3);
  });

  test("that writes content to its log is found out", async () => {
    const plain = await run(script("odd.mjs", "logs"), ["P27"]);
    const logging = probeFacts(plain).find(({ kind }) => kind === "mail.logging");
    expect(logging?.attributes["content.logged"]).toMatchObject({ value: true });
    expect(logging?.attributes["recipients.logged"]).toMatchObject({ value: true });
    const hidden = await run(script("odd.mjs", "log-in-base64"), ["P27"]);
    expect(hidden.observations.flatMap(({ logged }) => logged)).toContain("password");
    const quiet = await run(script("careful.mjs"), ["P27"]);
    expect(probeFacts(quiet).filter(({ kind }) => kind === "mail.logging")).toEqual([]);
  });

  test("that is a module without a sender says so", async () => {
    const folder = mkdtempSync(join(tmpdir(), "sandbox-test-"));
    writeFileSync(join(folder, "empty.mjs"), "export const nothing = 1;");
    const { report } = await probeSender({
      sender: moduleSender(join(folder, "empty.mjs")),
      only: ["P01"],
      retryWaitMs: 100,
    });
    rmSync(folder, { recursive: true });
    expect(report.groups[0]?.controls.positive.reason).toContain(
      "the module exports neither a nodemailer transport nor a function `send`",
    );
    expect(() => moduleSender("/no/such/file.mjs")).toThrow(
      "there is no module /no/such/file.mjs: give the path of a file",
    );
  });

  test("an unknown posture is refused before anything is started", async () => {
    await expect(run("true", ["P99"])).rejects.toThrow(
      "there is no posture or group P99: `hipaa-check sandbox probe --list` names them all",
    );
  });
});

describe("an interrupted run", () => {
  test("keeps what it has, and is marked partial", async () => {
    const controller = new AbortController();
    const seen: ProbeEvent[] = [];
    const { report } = await run(script("careful.mjs"), ["P01", "P14", "P27"], {
      signal: controller.signal,
      concurrency: 1,
      onEvent(event) {
        seen.push(event);
        if (event.kind === "posture") controller.abort();
      },
    });
    expect(report.summary.partial).toBe(true);
    expect(report.postures.map(({ id, verdict }) => [id, verdict])).toEqual([
      ["P01", "held"],
      ["P14", "not-run"],
      ["P27", "not-run"],
    ]);
    expect(report.postures[2]?.reason).toMatch(/^interrupted/);
    expect(probeExitCode(report)).toBe(3);
  });

  test("decides nothing by a control that was cut off", async () => {
    const controller = new AbortController();
    setTimeout(() => controller.abort(), 500);
    const { report } = await run("sleep 60", ["P01", "P14"], { signal: controller.signal });
    expect(report.groups).toEqual([]);
    expect(report.postures.map(({ verdict }) => verdict)).toEqual(["not-run", "not-run"]);
    expect(report.summary).toMatchObject({ partial: true, invalidGroups: 0, inconclusive: 0 });
    expect(probeExitCode(report)).toBe(3);
  });
});

describe("a posture file with a mistake", () => {
  test.each([
    [
      "an unknown key",
      "id: P01\ngroup: capability\ntitle: a\nwhy: b\nrequirements: [TLS-01]\nserver:\n  starttls: none\n",
      ':7: unknown key "starttls" in server',
    ],
    [
      "a missing key",
      "id: P01\ngroup: capability\ntitle: a\nwhy: b\n",
      ':1: the file lacks "requirements": add it',
    ],
    [
      "a wrong word",
      "id: P01\ngroup: capabilities\ntitle: a\nwhy: b\nrequirements: [TLS-01]\n",
      ":2: group must be one of capability, handshake",
    ],
    ["broken YAML", "id: P01\ngroup: [\n", ":3: "],
    [
      "another id",
      "id: P02\ngroup: capability\ntitle: a\nwhy: b\nrequirements: [TLS-01]\n",
      ":1: the id is P02, but the folder is P01: they must agree",
    ],
  ])("with %s is one line with file and line", async (_, text, message) => {
    const folder = mkdtempSync(join(tmpdir(), "sandbox-test-"));
    const { mkdirSync } = await import("node:fs");
    mkdirSync(join(folder, "P01"));
    writeFileSync(join(folder, "P01", "posture.yaml"), text);
    await expect(loadPostures(folder, "own")).rejects.toThrow(`own/P01/posture.yaml${message}`);
    rmSync(folder, { recursive: true });
  });

  test("or no file at all is one line too", async () => {
    const folder = mkdtempSync(join(tmpdir(), "sandbox-test-"));
    const { mkdirSync } = await import("node:fs");
    mkdirSync(join(folder, "P01"));
    await expect(loadPostures(folder, "own")).rejects.toThrow(
      "own/P01/posture.yaml:1: the file is missing or cannot be read",
    );
    rmSync(folder, { recursive: true });
    await expect(loadPostures("/no/such/folder", "own")).rejects.toThrow(
      "there is no folder of postures at own",
    );
  });
});

/** Processes that carry a mark in their environment, whoever their parent is by now. */
function marked(mark: string): string[] {
  return readdirSync("/proc")
    .filter((name) => /^\d+$/.test(name))
    .filter((pid) => {
      try {
        return readFileSync(`/proc/${pid}/environ`, "latin1").includes(mark);
      } catch {
        return false;
      }
    });
}

describe("nothing is left", () => {
  const program = `
    import { probeSender } from ${JSON.stringify(new URL("./probe.ts", import.meta.url).href)};
    import { execSender } from ${JSON.stringify(new URL("./senders/exec.ts", import.meta.url).href)};
    const controller = new AbortController();
    process.on("SIGINT", () => controller.abort());
    const sender = execSender(process.env.TEST_COMMAND);
    const { report } = await probeSender({ sender, only: ["P01", "P03a", "P14"], retryWaitMs: 300, signal: controller.signal,
      onEvent: (event) => { if (event.kind === "control" && event.control === "negative") process.stdout.write("running\\n"); } });
    process.stdout.write(report.summary.partial ? "partial\\n" : "whole\\n");`;

  // Leaves its process group and its session, as a daemon does.
  const daemonizes = `${script("careful.mjs")}; setsid sleep 300 > /dev/null 2>&1 &`;

  const hangsAfterControl = `if grep -q "^Subject" "$HIPAA_CHECK_MESSAGE" && case $HIPAA_CHECK_MESSAGE in *control*) true;; *) false;; esac; then ${script("careful.mjs")}; else sleep 300 & sleep 300; fi`;

  const daemonizesAndHangs = `setsid sleep 300 > /dev/null 2>&1 & ${hangsAfterControl}`;

  test.each([
    ["after a whole run", undefined, script("careful.mjs"), "whole"],
    ["after a whole run with a sender that leaves a daemon behind", undefined, daemonizes, "whole"],
    ["after Ctrl-C in the middle", "SIGINT", hangsAfterControl, "partial"],
    ["after a kill in the middle", "SIGKILL", hangsAfterControl, undefined],
    ["after a kill in the middle with a daemon left behind", "SIGKILL", daemonizesAndHangs, undefined],
  ] as const)("%s: no process, no port, no file", async (_, signal, command, last) => {
    const folder = mkdtempSync(join(tmpdir(), "sandbox-test-"));
    const mark = `TEST_MARK=${folder}`;
    const child = spawn(process.execPath, ["--input-type=module", "-e", program], {
      env: { ...process.env, TMPDIR: folder, TEST_MARK: folder, TEST_COMMAND: command },
      stdio: ["ignore", "pipe", "inherit"],
    });
    let said = "";
    let alive = 0;
    child.stdout.on("data", async (chunk: Buffer) => {
      said += chunk.toString();
      if (signal === undefined || !said.includes("running")) return;
      await pause(200);
      alive = marked(mark).length;
      child.kill(signal);
    });
    await new Promise((resolve) => child.on("close", resolve));
    if (last !== undefined) expect(said.trim().split("\n").at(-1)).toBe(last);
    for (
      let attempt = 0;
      attempt < 100 && (marked(mark).length > 0 || readdirSync(folder).length > 0);
      attempt++
    )
      await pause(20);
    // There was something to be left: the run itself, its watcher and its senders.
    if (signal !== undefined) expect(alive).toBeGreaterThan(3);
    expect(marked(mark)).toEqual([]);
    expect(readdirSync(folder)).toEqual([]);
    rmSync(folder, { recursive: true });
  });
});
