import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { threadId } from "node:worker_threads";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { ownerLabel, ownerOf } from "../containers/container.ts";
import { openEngine } from "../containers/engine.ts";
import { needsEngine, withoutEngine } from "../containers/testing.ts";
import { type FaultReport, faultExitCode, faultFacts, probeFaults } from "./fault.ts";
import { type Fault, faults } from "./faults.ts";

describe.skipIf(withoutEngine !== undefined)(needsEngine("a Postfix that fails"), () => {
  let folder: string;

  beforeAll(() => {
    folder = mkdtempSync(join(tmpdir(), "fault-test-"));
    const lines = [
      "compatibility_level = 3.6",
      "myhostname = mail.example.org",
      "smtp_tls_security_level = encrypt",
    ];
    writeFileSync(join(folder, "main.cf"), `${lines.join("\n")}\n`);
  });

  afterAll(async () => {
    rmSync(folder, { recursive: true });
    const { client } = await openEngine();
    const filters = { label: [`${ownerLabel}=${ownerOf(process.pid, threadId)}`] };
    expect(await client.container.dockerode.listContainers({ all: true, filters })).toEqual([]);
  });

  test("loses nothing that it accepted, and doubles nothing", { timeout: 300_000 }, async () => {
    const report: FaultReport = await probeFaults(folder);
    expect(report.faults.map(({ id, verdict, lost }) => [id, verdict, lost])).toEqual(
      faults.map(({ id }) => [id, "held", 0]),
    );
    const full = report.faults.find(({ id }) => id === "F02");
    // The disk was full: something was refused, and so not accepted.
    expect(full?.refused).toBeGreaterThan(0);
    expect(faultExitCode(report)).toBe(0);
    expect(faultFacts(report).map(({ attributes }) => attributes.verdict)).toMatchObject(
      faults.map(() => ({ value: "held" })),
    );
  });

  test("is caught when it loses or doubles what it accepted", { timeout: 300_000 }, async () => {
    const loses: Fault = {
      id: "L01",
      title: "Somebody empties the queue",
      plan: { upgrade: "alert-handshake-failure" },
      async run({ postman, container }) {
        await postman.hand(3);
        await container.execute(["postsuper", "-d", "ALL"]);
      },
    };
    const doubles: Fault = {
      id: "L02",
      title: "Somebody sends it once more",
      plan: {},
      async run({ postman, container }) {
        await postman.hand(2);
        const [address = ""] = postman.accepted;
        await container.execute(
          ["sendmail", "-f", "app@sender.test", address],
          "Subject: again\n\nonce more\n",
        );
      },
    };
    const report = await probeFaults(folder, { faults: [loses, doubles] });
    expect(report.faults).toMatchObject([
      { id: "L01", verdict: "lost", accepted: 3, lost: 3 },
      { id: "L02", verdict: "weak", accepted: 2, doubled: 1 },
    ]);
    expect(faultExitCode(report)).toBe(1);
  });
});
