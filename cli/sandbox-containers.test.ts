import { writeFileSync } from "node:fs";
import { join } from "node:path";
import { setTimeout as pause } from "node:timers/promises";
import { fileURLToPath } from "node:url";
import { describe, expect, test } from "vitest";
import { openEngine } from "#sandbox/containers/engine.ts";
import { needsEngine, withoutEngine } from "#sandbox/containers/testing.ts";
import type { ProbeReport } from "#sandbox/index.ts";
import { PackageCopy } from "./testing.ts";
import { Watched } from "./watched.ts";

const base = "debian:trixie-20251117-slim";
const building = "hipaa-check: building the image postfix: once, it is kept while it does not change …\n";

/** A package whose first image is built by a step of one's own. */
function withImageStep(step: string): PackageCopy {
  const copy = new PackageCopy();
  writeFileSync(join(copy.path, "sandbox/images/postfix/Dockerfile"), `FROM ${base}\nRUN ${step}\n`);
  return copy;
}

/** Containers in which a step of a build that a test began still runs. */
async function containersRunning(step: string): Promise<number> {
  const { client } = await openEngine();
  const all = await client.container.dockerode.listContainers({ all: true });
  return all.filter(({ Command }) => Command.includes(step)).length;
}

describe.skipIf(withoutEngine !== undefined)(needsEngine("probe --driver containers"), () => {
  const careful = `'${process.execPath}' '${fileURLToPath(new URL("../sandbox/probe/fixtures/careful.mjs", import.meta.url))}'`;

  test.each([
    ["a sender that a real Postfix takes mail from", careful, true, /^delivered under TLS$/],
    [
      "a sender that only the test's own server takes mail from",
      `HIPAA_CHECK_TO=somebody@elsewhere.invalid ${careful}`,
      false,
      /; at a real Postfix in a container no message arrived: .*\b5\d\d$/,
    ],
  ])("%s", async (_, command, passed, reason) => {
    using folder = new Watched();
    const words = ["--exec", command, "--only", "P01", "--driver", "containers", "--format", "json"];
    const { exitCode, stdout } = await folder.start(["sandbox", "probe", ...words]).ended;
    const report = JSON.parse(stdout) as ProbeReport;
    expect(report.driver).toBe("containers");
    expect(report.groups[0]?.controls.positive).toMatchObject({
      passed,
      reason: expect.stringMatching(reason),
    });
    expect(exitCode).toBe(passed ? 0 : 3);
    expect(await folder.settled()).toEqual([]);
  });
});

describe.skipIf(withoutEngine !== undefined)(needsEngine("the first start, when images are built"), () => {
  test("says so, and in one line why one cannot be built", async () => {
    using folder = new Watched();
    using copy = withImageStep("echo no such package && exit 9");
    const { exitCode, stdout, stderr } = await folder.start(["sandbox", "up"], copy.binary).ended;
    expect(stdout).toBe("");
    expect(stderr).toMatch(
      /^hipaa-check: building the image postfix: .* …\nhipaa-check: the image postfix cannot be built: .*code: 9, after: no such package\n$/,
    );
    expect(exitCode).toBe(3);
    expect(await folder.settled()).toEqual([]);
  });

  test.each([
    ["up", ["sandbox", "up"], "interrupted before the sandbox was up"],
    ["probe", ["sandbox", "probe", "--postfix", "."], "interrupted while an image was built"],
  ])("Ctrl-C in %s leaves nothing", async (name, words, said) => {
    using folder = new Watched();
    folder.write("main.cf", "compatibility_level = 3.6\n");
    const mark = `${name}-${process.pid}-${Date.now()}`;
    using copy = withImageStep(`: ${mark} && sleep 120`);
    const command = folder.start(words, copy.binary);
    await command.says("building the image postfix");
    for (let attempt = 0; attempt < 200 && (await containersRunning(mark)) === 0; attempt++) await pause(50);
    command.child.kill("SIGINT");
    const { exitCode, stdout, stderr } = await command.ended;
    expect([stdout, stderr, exitCode]).toEqual(["", `${building}hipaa-check: ${said}\n`, 3]);
    expect(await folder.settled()).toEqual([]);
    for (let attempt = 0; attempt < 200 && (await containersRunning(mark)) > 0; attempt++) await pause(50);
    expect(await containersRunning(mark)).toBe(0);
  });
});
