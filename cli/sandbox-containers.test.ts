import { writeFileSync } from "node:fs";
import { join } from "node:path";
import { setTimeout as pause } from "node:timers/promises";
import { fileURLToPath } from "node:url";
import { Ajv } from "ajv";
import { describe, expect, test } from "vitest";
import type { Report } from "#engine/result.ts";
import { ownerLabel, ownerOf } from "#sandbox/containers/container.ts";
import { openEngine } from "#sandbox/containers/engine.ts";
import { needsEngine, withoutEngine } from "#sandbox/containers/testing.ts";
import { type ProbeReport, probeReportSchema } from "#sandbox/index.ts";
import { PackageCopy, type StartedCommand } from "./testing.ts";
import { Watched } from "./watched.ts";

const minutes = 60_000;
const base = "debian:trixie-20251117-slim";
const building = "hipaa-check: building the image postfix: once, it is kept while it does not change …\n";

/** A package whose first image is built by a step of one's own. */
function withImageStep(step: string): PackageCopy {
  const copy = new PackageCopy();
  writeFileSync(join(copy.path, "sandbox/images/postfix/Dockerfile"), `FROM ${base}\nRUN ${step}\n`);
  return copy;
}

/** Containers that a command has started. */
async function containersOf({ child }: StartedCommand): Promise<string[]> {
  const { client } = await openEngine();
  const filters = { label: [`${ownerLabel}=${ownerOf(child.pid ?? 0, 0)}`] };
  const found = await client.container.dockerode.listContainers({ all: true, filters });
  return found.map(({ Names }) => Names.join());
}

/** Containers in which a step of a build that a test began still runs. */
async function containersRunning(step: string): Promise<number> {
  const { client } = await openEngine();
  const all = await client.container.dockerode.listContainers({ all: true });
  return all.filter(({ Command }) => Command.includes(step)).length;
}

describe.skipIf(withoutEngine !== undefined)(
  needsEngine("probe --driver containers"),
  { timeout: 5 * minutes },
  () => {
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
  },
);

describe.skipIf(withoutEngine !== undefined)(needsEngine("a Postfix"), { timeout: 5 * minutes }, () => {
  const sound =
    "compatibility_level = 3.6\nmyhostname = mail.sender.test\nsmtp_tls_security_level = encrypt\n";

  test("is made to fail, and the report and the facts say what became of its mail", async () => {
    using folder = new Watched();
    folder.write("relay/main.cf", sound);
    const words = ["--postfix", "relay", "--fault", "--only", "F02", "--format", "json"];
    const { exitCode, stdout } = await folder.start(["sandbox", "probe", ...words]).ended;
    const report = JSON.parse(stdout) as ProbeReport;
    const ajv = new Ajv({ strict: false });
    expect(ajv.validate(probeReportSchema(), report), ajv.errorsText()).toBe(true);
    expect(report).toMatchObject({
      sender: { kind: "postfix", name: "relay", software: expect.stringContaining("Postfix 3.") },
      driver: "containers",
      groups: [{ id: "fault", valid: true, controls: { negative: { verdict: "lost" } } }],
      postures: [{ id: "F02", verdict: "held", requirements: ["AVL-02"], messages: { lost: 0, doubled: 0 } }],
      summary: { held: 1, partial: false },
    });
    expect(exitCode).toBe(0);
    const checked = await folder.start(["check", ".", "--format", "json"]).ended;
    const { results } = JSON.parse(checked.stdout) as Report;
    expect(results.filter(({ rule }) => rule === "probe/nothing-lost-in-failure")).toMatchObject([
      { verdict: "pass", fact: { id: "relay at F02" }, requirements: ["AVL-02"] },
    ]);
    expect(await folder.settled()).toEqual([]);
  });

  test.each([
    [
      "smtp_tls_security_level encrypt",
      /^Postfix refuses the configuration: .*missing '=' after attribute name/,
    ],
    [
      "smtp_tls_policy_maps = hash:/etc/postfix/tls",
      /^the configuration names tables that are not there: tls/,
    ],
  ])("that refuses %j says so in its own words", async (line, message) => {
    using folder = new Watched();
    folder.write("main.cf", `${sound}${line}\n`);
    for (const more of [[], ["--fault"]]) {
      const { exitCode, stderr } = await folder.start(["sandbox", "probe", "--postfix", ".", ...more]).ended;
      const said = stderr.split("\n").filter((text) => text !== "" && !text.endsWith(" …"));
      expect(said).toEqual([expect.stringMatching(`^hipaa-check: ${message.source.slice(1)}`)]);
      expect(exitCode).toBe(2);
    }
    expect(await folder.settled()).toEqual([]);
  });

  test.each([
    ["while its container starts", [], 1500],
    ["in the controls", ["--format", "json"], "controls of"],
    ["while it fails", ["--fault"], "Nothing fails"],
    ["while it throws messages away as a control", ["--fault"], "thrown away"],
  ])("leaves nothing when Ctrl-C comes %s", async (_, words, moment) => {
    using folder = new Watched();
    folder.write("main.cf", sound);
    const command = folder.start(["sandbox", "probe", "--postfix", ".", ...words]);
    if (typeof moment === "number") await pause(moment);
    else await command.says(moment);
    command.child.kill("SIGINT");
    const { exitCode, stdout } = await command.ended;
    expect(stdout).toMatch(/PARTIAL: the run was interrupted|"partial": true/);
    expect(exitCode).toBe(3);
    expect(await folder.settled()).toEqual([]);
    expect(await containersOf(command)).toEqual([]);
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
