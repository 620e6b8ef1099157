#!/usr/bin/env node
import { spawn } from "node:child_process";
import { once } from "node:events";
import { existsSync, readFileSync } from "node:fs";
import module, { createRequire } from "node:module";
import { dirname, join } from "node:path";

/** The oldest Node release the bundle runs on; with an older one the release that npm installed beside it is used. */
const oldestNode = 24;
const bundle = new URL("../../dist/main.js", import.meta.url);
const words = process.argv.slice(2);

if (words.length === 1 && words[0] === "--version") {
  const { name, version } = JSON.parse(readFileSync(new URL("../../package.json", import.meta.url), "utf8"));
  process.stdout.write(`${name}/${version} ${process.platform}-${process.arch} node-${process.version}\n`);
} else if (!existsSync(bundle)) {
  process.stderr.write("hipaa-check: the bundle is missing. Run: npm run build\n");
  process.exitCode = 2;
} else if (Number.parseInt(process.versions.node, 10) < oldestNode) {
  process.exitCode = await runWithOwnNode();
} else {
  module.enableCompileCache();
  const { main } = await import(bundle.href);
  await main(words);
}

async function runWithOwnNode() {
  let node;
  try {
    const manifest = createRequire(import.meta.url).resolve("node/package.json");
    node = join(dirname(manifest), "bin", process.platform === "win32" ? "node.exe" : "node");
  } catch {
    process.stderr.write(`hipaa-check: Node ${oldestNode} or newer is needed, this is ${process.version}.\n`);
    return 2;
  }
  const script = process.argv[1] ?? "";
  // The channel lets the other process notice when this one is killed.
  const child = spawn(node, [script, ...words], { stdio: ["inherit", "inherit", "inherit", "ipc"] });
  const signals = ["SIGINT", "SIGTERM", "SIGHUP"];
  const forward = (signal) => child.kill(signal);
  for (const name of signals) process.on(name, forward);
  try {
    const [status, signal] = await once(child, "exit");
    for (const name of signals) process.off(name, forward);
    if (signal !== null) process.kill(process.pid, signal);
    return status ?? 70;
  } catch (error) {
    process.stderr.write(`hipaa-check: ${node} cannot be run (${error.code}). Run: npm ci\n`);
    return 2;
  }
}
