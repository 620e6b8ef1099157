import { spawn } from "node:child_process";
import { mkdtempSync, writeFileSync } from "node:fs";
import { createServer } from "node:net";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterEach, expect, test } from "vitest";
import watchForLeaks from "./leak-check.ts";

const before = { ...process.env };

afterEach(() => {
  Object.assign(process.env, before);
});

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
  const failure = await finish().then(
    () => "nothing was found",
    (error: unknown) => String(error),
  );
  server.close();
  const pid = /process (\d+): sleep 61/.exec(failure)?.[1];
  if (pid !== undefined) process.kill(Number(pid));
  orphan.kill();
  expect(failure).toMatch(/process \d+: sleep 61/);
  expect(failure).toMatch(/port \d+, in the process of the tests/);
  expect(failure).toMatch(/file \S+forgotten-/);
});
