import { randomBytes } from "node:crypto";
import {
  chmodSync,
  mkdirSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  readlinkSync,
  realpathSync,
  rmSync,
} from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { setTimeout as pause } from "node:timers/promises";
import { suiteVariable as mark } from "#sandbox/containers/container.ts";
import { containersAndNetworksOf } from "./left-containers.ts";

/** How long what a test started may take to be gone after the last test. */
const graceMs = 5000;

/** Left on purpose: the caches of the command that tests run, and of Node. */
const kept = /^(hipaa-check-test-cache-|node-compile-cache$)/;

/**
 * Runs around the whole suite: gives it a temporary folder and a mark of its own, which every process and container
 * that a test starts inherits, and fails the run when a process, a container, a network, a listening port or a temporary
 * file of the suite is left after it. What others do on the machine at the same time has no such mark and is not looked
 * at.
 */
export default function setup(): () => Promise<void> {
  const suite = randomBytes(12).toString("hex");
  const folder = mkdtempSync(join(realpathSync(tmpdir()), "hipaa-check-suite-"));
  // Some tests run the command as another user.
  chmodSync(folder, 0o1777);
  const runtime = join(folder, "runtime");
  mkdirSync(runtime, { mode: 0o700 });
  Object.assign(process.env, { TMPDIR: folder, XDG_RUNTIME_DIR: runtime, [mark]: suite });
  const before = new Set(listeningSockets());
  return async () => {
    const look = async (): Promise<string[]> => [
      ...processesWith(suite),
      ...(await containersAndNetworksOf(suite)),
      ...listeningSockets()
        .filter((socket) => !before.has(socket))
        .map((socket) => `port ${socket}, in the process of the tests`),
      ...[...filesIn(folder), ...filesIn(runtime)].map((name) => `file ${name}`),
    ];
    let left = await look();
    for (const end = Date.now() + graceMs; left.length > 0 && Date.now() < end; left = await look())
      await pause(100);
    rmSync(folder, { recursive: true, force: true });
    if (left.length === 0) return;
    throw new Error(`Left behind by the tests:\n${left.map((words) => `  ${words}`).join("\n")}`);
  };
}

/** Processes that carry the mark, whoever their parent is by now; none where there is no /proc. */
function processesWith(suite: string): string[] {
  return numbersIn("/proc").flatMap((pid) => {
    if (pid === process.pid) return [];
    try {
      if (!readFileSync(`/proc/${pid}/environ`, "latin1").includes(`${mark}=${suite}`)) return [];
      const command = readFileSync(`/proc/${pid}/cmdline`, "latin1").replaceAll("\0", " ").trim();
      // One that has ended and was not waited for has no command line.
      return command === "" || isOfTheRunner(command) ? [] : [`process ${pid}: ${command.slice(0, 200)}`];
    } catch {
      return [];
    }
  });
}

/** The service of the compiler that the test runner itself uses. */
function isOfTheRunner(command: string): boolean {
  return /\besbuild\b.* --service=/.test(command);
}

/** `address:port` of every socket on which this process listens. */
function listeningSockets(): string[] {
  const own = new Set(
    numbersIn("/proc/self/fd").flatMap((descriptor) => {
      try {
        return [/^socket:\[(\d+)\]$/.exec(readlinkSync(`/proc/self/fd/${descriptor}`))?.[1] ?? ""];
      } catch {
        return [];
      }
    }),
  );
  const listening = "0A";
  return ["/proc/self/net/tcp", "/proc/self/net/tcp6"].flatMap((table) => {
    let rows: string[];
    try {
      rows = readFileSync(table, "utf8").trim().split("\n").slice(1);
    } catch {
      return [];
    }
    return rows.flatMap((row) => {
      const [, local = "", , state, , , , , , inode = ""] = row.trim().split(/\s+/);
      return state === listening && own.has(inode)
        ? [String(Number.parseInt(local.split(":")[1] ?? "", 16))]
        : [];
    });
  });
}

function numbersIn(folder: string): number[] {
  try {
    return readdirSync(folder)
      .map(Number)
      .filter((number) => number > 0);
  } catch {
    return [];
  }
}

function filesIn(folder: string): string[] {
  return readdirSync(folder)
    .filter((name) => name !== "runtime" && !kept.test(name))
    .map((name) => join(folder, name));
}
