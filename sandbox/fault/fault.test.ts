import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { threadId } from "node:worker_threads";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { ownerLabel, ownerOf } from "../containers/container.ts";
import { openEngine } from "../containers/engine.ts";
import { needsEngine, withoutEngine } from "../containers/testing.ts";
import { faultFacts } from "../facts/fault-facts.ts";
import { probeExitCode } from "../probe/report.ts";
import { type Fault, faults } from "./faults.ts";
import { probeFaults } from "./probe-faults.ts";

const minutes = 60_000;

describe.skipIf(withoutEngine !== undefined)(needsEngine("a Postfix that fails"), () => {
  let folder: string;

  const configure = (...lines: string[]): void => {
    const common = ["compatibility_level = 3.6", "myhostname = mail.example.org"];
    writeFileSync(join(folder, "main.cf"), `${[...common, ...lines].join("\n")}\n`);
  };

  beforeAll(() => {
    folder = mkdtempSync(join(tmpdir(), "fault-test-"));
  });

  afterAll(async () => {
    rmSync(folder, { recursive: true });
    const { client } = await openEngine();
    const filters = { label: [`${ownerLabel}=${ownerOf(process.pid, threadId)}`] };
    expect(await client.container.dockerode.listContainers({ all: true, filters })).toEqual([]);
  });

  test("loses nothing that it accepted, and doubles nothing", { timeout: 5 * minutes }, async () => {
    configure("smtp_tls_security_level = encrypt");
    const report = await probeFaults(folder);
    expect(report.postures.map(({ id, verdict, messages }) => [id, verdict, messages?.lost])).toEqual(
      faults.map(({ id }) => [id, "held", 0]),
    );
    expect(report.groups).toMatchObject([{ id: "fault", valid: true }]);
    const full = report.postures.find(({ id }) => id === "F02");
    // The disk was full: something was refused, and so not accepted.
    expect(full?.messages?.refused).toBeGreaterThan(0);
    expect(probeExitCode(report)).toBe(0);
    expect(faultFacts(report).map(({ attributes }) => attributes)).toMatchObject(
      faults.map(() => ({ lost: { value: 0 }, doubled: { value: 0 } })),
    );
  });

  test("is caught when it loses, doubles or shows what it accepted", { timeout: 5 * minutes }, async () => {
    configure("smtp_tls_security_level = may");
    const loses: Fault = {
      id: "L01",
      title: "Somebody empties the queue",
      why: "",
      requirements: ["AVL-02"],
      plan: { greeting: ["421 4.3.2 later"] },
      async run({ postman, container }) {
        await postman.hand(3);
        await container.execute(["postsuper", "-d", "ALL"]);
        return undefined;
      },
    };
    const doubles: Fault = {
      id: "L02",
      title: "Somebody sends it once more",
      why: "",
      requirements: ["AVL-02"],
      plan: {},
      async run({ postman }) {
        await postman.hand(2);
        await postman.repeat();
        return undefined;
      },
    };
    const shows: Fault = {
      id: "L03",
      title: "STARTTLS is gone",
      why: "",
      requirements: ["AVL-02"],
      plan: { capabilities: ["8BITMIME"] },
      async run({ postman }) {
        await postman.hand(1);
        return undefined;
      },
    };
    const report = await probeFaults(folder, { faults: [loses, doubles, shows] });
    expect(report.postures).toMatchObject([
      { id: "L01", verdict: "lost", messages: { accepted: 3, lost: 3 } },
      { id: "L02", verdict: "weak", messages: { accepted: 2, doubled: 1 } },
      { id: "L03", verdict: "leaked", messages: { accepted: 1, arrived: 1, lost: 0 } },
    ]);
    expect(probeExitCode(report)).toBe(1);
    expect(faultFacts(report).map(({ attributes }) => attributes)).toMatchObject([
      { lost: { value: 3 }, doubled: { value: 0 } },
      { lost: { value: 0 }, doubled: { value: 1 } },
      { lost: { value: 0 }, doubled: { value: 0 } },
    ]);
  });

  test("proves nothing where mail does not arrive although nothing fails", {
    timeout: 5 * minutes,
  }, async () => {
    configure("smtp_tls_security_level = encrypt", "default_transport = error:5.0.0 no mail leaves here");
    const report = await probeFaults(folder, { only: ["F01"] });
    expect(report.groups).toMatchObject([
      {
        valid: false,
        controls: {
          positive: {
            passed: false,
            verdict: "held",
            reason: "0 of 3 accepted messages arrived, 3 were reported as undeliverable",
          },
        },
      },
    ]);
    expect(report.postures).toMatchObject([{ id: "F01", verdict: "inconclusive" }]);
    expect(probeExitCode(report)).toBe(3);
    expect(faultFacts(report)).toMatchObject([{ attributes: { lost: { unknown: expect.any(String) } } }]);
  });

  test("proves nothing where the fault did not happen", { timeout: 5 * minutes }, async () => {
    configure("smtp_tls_security_level = encrypt");
    const [, full, cut] = faults as readonly [Fault, Fault, Fault];
    const neverFull: Fault = {
      ...full,
      async run(scene) {
        // Nothing can be written where the file that fills the disk belongs.
        await scene.container.execute(["mkdir", "/var/spool/postfix/filler"]);
        return await full.run(scene);
      },
    };
    const neverCut: Fault = { ...cut, plan: {} };
    const report = await probeFaults(folder, { faults: [neverFull, neverCut] });
    expect(report.postures).toMatchObject([
      {
        id: "F02",
        verdict: "inconclusive",
        reason: "every message found room although the disk was full; 20 of 20 accepted messages arrived",
      },
      {
        id: "F03",
        verdict: "inconclusive",
        reason: "no connection was cut in the middle of a message; 18 of 18 accepted messages arrived",
      },
    ]);
    expect(probeExitCode(report)).toBe(3);
  });

  test("knows its faults by their names", async () => {
    await expect(probeFaults(folder, { only: ["F99"] })).rejects.toThrow("there is no fault F99");
  });
});
