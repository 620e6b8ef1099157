#!/usr/bin/env node
import module from "node:module";

// An import of one of Node's own modules loads all that it can lead to; this does not.
const require = module.createRequire(import.meta.url);
const { existsSync, readFileSync } = require("node:fs");

/** The oldest Node release the bundle runs on; with an older one the release that npm installed beside it is used. */
const oldestNode = 24;
const bundle = new URL("../../dist/main.js", import.meta.url);
const words = process.argv.slice(2);

if (words.length === 1 && words[0] === "--version") {
  const { name, version } = JSON.parse(readFileSync(new URL("../../package.json", import.meta.url), "utf8"));
  process.stdout.once("error", ({ code }) => {
    if (code === "EPIPE") return;
    process.stderr.write(`hipaa-check: Standard output could not be written (${code}).\n`);
    process.exitCode = 2;
  });
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
  const { spawn } = require("node:child_process");
  const { once } = require("node:events");
  const { dirname, join } = require("node:path");
  let node;
  try {
    const manifest = require.resolve("node/package.json");
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
