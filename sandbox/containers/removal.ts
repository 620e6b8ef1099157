import { type ChildProcess, spawn } from "node:child_process";
import { once } from "node:events";
import { request } from "node:http";
import { setTimeout as pause } from "node:timers/promises";
import { childProgram } from "../paths.ts";
import type { EngineAddress } from "./engine.ts";

/** A container that is being made may appear a moment after whoever asked for it is gone. */
const lateAppearanceMs = 4000;
const retryMs = 250;

function remove(address: EngineAddress, name: string): Promise<number> {
  return new Promise((resolve) => {
    const path = `/containers/${encodeURIComponent(name)}?force=1&v=1`;
    const asked = request({ ...address, method: "DELETE", path, timeout: 10_000 }, (response) => {
      response.resume();
      response.on("end", () => resolve(response.statusCode ?? 0));
    });
    asked.on("timeout", () => asked.destroy());
    asked.on("error", () => resolve(0));
    asked.end();
  });
}

/**
 * The process that removes containers after their owner: reads `+name` and `-name` from its input, and removes what
 * is still listed when the input ends, which it does however the owner went.
 */
export async function watchContainers(address: EngineAddress): Promise<void> {
  for (const signal of ["SIGINT", "SIGTERM", "SIGHUP", "SIGQUIT"] as const)
    process.on(signal, () => undefined);
  const names = new Set<string>();
  let rest = "";
  for await (const chunk of process.stdin) {
    const lines = `${rest}${chunk}`.split("\n");
    rest = lines.pop() ?? "";
    for (const line of lines) {
      if (line.startsWith("+")) names.add(line.slice(1));
      else names.delete(line.slice(1));
    }
  }
  const end = Date.now() + lateAppearanceMs;
  while (names.size > 0) {
    for (const name of names) {
      const status = await remove(address, name);
      if (status >= 200 && status < 300) names.delete(name);
    }
    if (Date.now() > end) return;
    if (names.size > 0) await pause(retryMs);
  }
}

interface Watcher {
  readonly child: ChildProcess;
  readonly names: Set<string>;
}

let watcher: Watcher | undefined;

function startWatcher(address: EngineAddress): Watcher {
  const child = spawn(process.execPath, [childProgram(), "containers", JSON.stringify(address)], {
    stdio: ["pipe", "ignore", "ignore"],
    detached: true,
  });
  child.on("error", () => undefined);
  child.stdin?.on("error", () => undefined);
  child.unref();
  if (child.stdin !== null && "unref" in child.stdin) (child.stdin as { unref(): void }).unref();
  return { child, names: new Set() };
}

/**
 * Has a container removed when this process dies without doing so itself, also when it is killed. Call it before the
 * container is made.
 * @returns takes the container off the list again
 */
export function removeContainerOnDeath(address: EngineAddress, name: string): () => Promise<void> {
  watcher ??= startWatcher(address);
  const own = watcher;
  own.names.add(name);
  own.child.stdin?.write(`+${name}\n`);
  return async () => {
    if (!own.names.delete(name)) return;
    own.child.stdin?.write(`-${name}\n`);
    if (own.names.size > 0) return;
    if (watcher === own) watcher = undefined;
    if (own.child.pid === undefined || own.child.exitCode !== null) return;
    own.child.ref();
    const ended = once(own.child, "exit");
    own.child.stdin?.end();
    await ended;
  };
}
