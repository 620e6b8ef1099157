import { fileURLToPath } from "node:url";
import { expect, test } from "vitest";
import { loadPostures } from "../posture-server/load.ts";
import { probeSender } from "./probe.ts";
import { probeExitCode } from "./report.ts";
import { execSender } from "./senders/exec.ts";

const careful = `'${process.execPath}' '${fileURLToPath(new URL("./fixtures/careful.mjs", import.meta.url))}'`;

test("a posture that the TLS library only pretends to serve is not run, and says so", async () => {
  const postures = (await loadPostures()).map((posture) =>
    // As a library does that was told not to speak old versions, whatever is asked of it.
    posture.id === "P07" ? { ...posture, server: { tls: { minimum: "TLSv1.2" as const } } } : posture,
  );
  const { report } = await probeSender({
    sender: execSender(careful),
    postures,
    only: ["P07", "P08"],
    retryWaitMs: 200,
  });
  expect(report.postures.map(({ id, verdict }) => [id, verdict])).toEqual([
    ["P07", "not-run"],
    ["P08", "held"],
  ]);
  expect(report.postures[0]?.reason).toBe(
    `the TLS library of this process (OpenSSL ${process.versions.openssl}) cannot serve it`,
  );
});

test("a group whose careless sender is not caught is invalid, and the run is not passed", async () => {
  const postures = (await loadPostures()).map((posture) =>
    posture.id === "P01" ? { ...posture, server: {} } : posture,
  );
  const { report } = await probeSender({
    sender: execSender(careful),
    postures,
    only: ["P01", "P02a", "P14"],
    retryWaitMs: 200,
  });
  expect(report.groups.map(({ id, valid }) => [id, valid])).toEqual([
    ["capability", false],
    ["certificate", true],
  ]);
  expect(report.groups[0]?.controls.negative).toMatchObject({
    passed: false,
    reason: expect.stringMatching(
      /^P01: the careless sender was to be leaked, and was not-run: the sender delivered well/,
    ),
  });
  expect(report.summary).toMatchObject({ invalidGroups: 1, leaked: 0 });
  expect(probeExitCode(report)).toBe(3);
});
