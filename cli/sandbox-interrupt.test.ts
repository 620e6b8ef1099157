import { readFileSync, writeFileSync } from "node:fs";
import { createRequire } from "node:module";
import { dirname, join } from "node:path";
import { setTimeout as pause } from "node:timers/promises";
import { fileURLToPath } from "node:url";
import { describe, expect, test } from "vitest";
import type { ProbeReport } from "#sandbox/index.ts";
import { binary, type TemporaryFolder } from "./testing.ts";
import { Watched } from "./watched.ts";

const fixtures = fileURLToPath(new URL("../sandbox/probe/fixtures/", import.meta.url));
const careful = `'${process.execPath}' '${fixtures}careful.mjs'`;
const hangsAfterControl = `case "$HIPAA_CHECK_MESSAGE" in *control*) ${careful} ;; *) sleep 300 & sleep 300 ;; esac`;

const quick = ["sandbox", "probe", "--wait", "0.3s", "--timeout", "30s"];

/** At which moment a probe is interrupted: after how long, or when it says what. */
const moments: readonly [string, readonly string[], string | number, string | undefined][] = [
  ["before anything is loaded", ["--exec", careful], 20, undefined],
  ["while it loads", ["--exec", careful], 150, undefined],
  ["when it begins", ["--exec", careful], "postures in", "PARTIAL"],
  ["while a sender hangs in the control", ["--exec", "sleep 300"], "postures in", "PARTIAL"],
  ["while a sender hangs", ["--exec", hangsAfterControl, "--only", "P01,P14"], 2500, "PARTIAL"],
  ["when the first posture has ended", ["--exec", careful], "✓ held", "PARTIAL"],
  [
    "while it waits for somebody to send something",
    ["--smtp", "--only", "P01"],
    "waiting for a message",
    "PARTIAL",
  ],
];

describe("Ctrl-C in a probe leaves nothing but what was found", () => {
  test.each(moments)("%s", async (_, words, moment, result) => {
    using folder = new Watched();
    const command = folder.start([...quick, ...words]);
    if (typeof moment === "number") await pause(moment);
    else await command.says(moment);
    expect(folder.remains()).not.toEqual([]);
    command.child.kill("SIGINT");
    // Impatience changes nothing.
    command.child.kill("SIGINT");
    const { exitCode, stdout, stderr } = await command.ended;
    expect(await folder.settled()).toEqual([]);
    expect(stderr).not.toContain("internal error");
    if (result === undefined) return;
    expect(stdout).toContain(result);
    expect(exitCode).toBe(3);
  });

  test("and the report for programs says that it is partial", async () => {
    using folder = new Watched();
    const command = folder.start([
      ...quick,
      "--exec",
      hangsAfterControl,
      "--only",
      "P01,P14",
      "--format",
      "json",
    ]);
    await pause(3000);
    command.child.kill("SIGTERM");
    const { exitCode, stdout } = await command.ended;
    const { summary } = JSON.parse(stdout) as ProbeReport;
    expect(summary).toMatchObject({ partial: true, "not-run": 2 });
    expect(exitCode).toBe(3);
    expect(readFileSync(join(folder.path, "probe.facts.json"), "utf8")).toContain('"evidence": "probe"');
    expect(await folder.settled()).toEqual([]);
  });
});

test("Ctrl-C while a sandbox starts, and while a message is waited for, leaves nothing", async () => {
  using folder = new Watched();
  for (const delay of [30, 120, 250]) {
    const up = folder.start(["sandbox", "up", "--driver", "in-process", "--for", "20s"]);
    await pause(delay);
    up.child.kill("SIGINT");
    const { exitCode } = await up.ended;
    // Too late is no harm: then it is up, and ends when it is told to.
    if (exitCode === 0) await folder.start(["sandbox", "down"]).ended;
    expect(await folder.settled()).toEqual([]);
  }
  await folder.start(["sandbox", "up", "--driver", "in-process", "--for", "30s"]).ended;
  let [exitCode, stderr]: [number | null, string] = [null, ""];
  // On a busy machine it may be killed before it listens for that, and then says nothing.
  for (let delay = 800; delay < 10_000 && stderr === ""; delay *= 2) {
    const wait = folder.start(["sandbox", "inbox", "wait", "--timeout", "60s"]);
    await pause(delay);
    wait.child.kill("SIGINT");
    ({ exitCode, stderr } = await wait.ended);
  }
  expect(stderr).toBe("hipaa-check: interrupted before such a message arrived\n");
  expect(exitCode).toBe(3);
  await folder.start(["sandbox", "down"]).ended;
  expect(await folder.settled()).toEqual([]);
});

describe("a launcher that hands over to a newer Node", () => {
  /** The script as a machine with an old Node runs it: it hands over unless it was handed over to. */
  function olderScript(folder: TemporaryFolder): string {
    const text = readFileSync(binary, "utf8");
    const condition = "Number.parseInt(process.versions.node, 10) < oldestNode";
    expect(text).toContain(condition);
    const root = dirname(dirname(dirname(binary)));
    const own = text
      .replace(condition, "process.channel === undefined")
      .replaceAll("import.meta.url", JSON.stringify(new URL(`file://${binary}`).href));
    expect(createRequire(binary).resolve("node/package.json")).toContain(root);
    writeFileSync(join(folder.path, "run.mjs"), own);
    return join(folder.path, "run.mjs");
  }

  test.each(["SIGINT", "SIGTERM", "SIGKILL"] as const)("takes the other one along on %s", async (signal) => {
    using folder = new Watched();
    const command = folder.start([...quick, "--exec", "sleep 300", "--only", "P01"], olderScript(folder));
    await command.says("1 posture in");
    await pause(500);
    // The launcher, the program and its sender at the least.
    expect(folder.remains().filter((words) => words.startsWith("process")).length).toBeGreaterThan(2);
    command.child.kill(signal);
    const { exitCode } = await command.ended;
    if (signal !== "SIGKILL") expect(exitCode).toBe(3);
    expect(await folder.settled()).toEqual([]);
  });
});
