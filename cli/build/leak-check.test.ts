import { spawn } from "node:child_process";
import { mkdtempSync, writeFileSync } from "node:fs";
import { createServer } from "node:net";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterEach, describe, expect, test } from "vitest";
import { RunningContainer, suiteLabel, suiteVariable } from "#sandbox/containers/container.ts";
import { openEngine } from "#sandbox/containers/engine.ts";
import { ensureImage } from "#sandbox/containers/image.ts";
import { needsEngine, withoutEngine } from "#sandbox/containers/testing.ts";
import watchForLeaks from "./leak-check.ts";

const before = { ...process.env };

afterEach(() => {
  Object.assign(process.env, before);
});

async function failureOf(finish: () => Promise<void>): Promise<string> {
  return await finish().then(
    () => "nothing was found",
    (error: unknown) => String(error),
  );
}

test("a suite that cleans up after itself passes, whatever others do meanwhile", async () => {
  const neighbour = spawn("sleep", ["60"]);
  const finish = watchForLeaks();
  await finish();
  neighbour.kill();
});

test("a process, a port and a file that are left behind are named", async () => {
  const finish = watchForLeaks();
  writeFileSync(join(mkdtempSync(join(tmpdir(), "forgotten-")), "file"), "x");
  const orphan = spawn("sh", ["-c", "setsid sleep 61 &"], { env: { ...process.env } });
  const server = createServer();
  await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
  const failure = await failureOf(finish);
  server.close();
  const pid = /process (\d+): sleep 61/.exec(failure)?.[1];
  if (pid !== undefined) process.kill(Number(pid));
  orphan.kill();
  expect(failure).toMatch(/process \d+: sleep 61/);
  expect(failure).toMatch(/port \d+, in the process of the tests/);
  expect(failure).toMatch(/file \S+forgotten-/);
});

describe.skipIf(withoutEngine !== undefined)(needsEngine("a suite that starts containers"), () => {
  test("is told of a container and a network that are left behind", async () => {
    const engine = await openEngine();
    const image = await ensureImage(engine, "postfix");
    const finish = watchForLeaks();
    const suite = process.env[suiteVariable] ?? "";
    const { dockerode } = engine.client.container;
    const network = await dockerode.createNetwork({
      Name: `forgotten-${suite}`,
      Labels: { [suiteLabel]: suite },
    });
    const container = await RunningContainer.start(engine, {
      image,
      purpose: "forgotten",
      command: ["sleep", "60"],
      network: "none",
    });
    const failure = await failureOf(finish);
    await network.remove();
    await container[Symbol.asyncDispose]();
    expect(failure).toMatch(/container hipaa-check-forgotten-\d+-/);
    expect(failure).toContain(`network forgotten-${suite}`);
  });

  test("is not told of those of others", async () => {
    const engine = await openEngine();
    const image = await ensureImage(engine, "postfix");
    const options = { image, purpose: "neighbour", command: ["sleep", "60"], network: "none" } as const;
    await using _neighbour = await RunningContainer.start(engine, options);
    const finish = watchForLeaks();
    {
      await using _own = await RunningContainer.start(engine, options);
    }
    expect(await failureOf(finish)).toBe("nothing was found");
  });
});
