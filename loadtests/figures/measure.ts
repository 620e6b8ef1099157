import { execFileSync } from "node:child_process";
import { chmodSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { availableParallelism, cpus, tmpdir, totalmem } from "node:os";
import { join } from "node:path";
import type { Json } from "#base/value.ts";
import { makeCertificate } from "../bench/certificate.ts";
import { findK6, requireSmtp } from "../k6/find.ts";
import { type SinkOptions, startSink } from "../sink/sink.ts";
import type {
  GeneratorFigures,
  GeneratorRow,
  SendPathFigures,
  SendPathRow,
  SendPathRun,
  SendPathWay,
} from "./figures.ts";
import { Others } from "./others.ts";
import { credentials, FigurePostfix, postfixImage, postfixPorts, settingsFor } from "./postfix.ts";
import { percentiles, perSecond, type Sending, type Sent, send } from "./run-k6.ts";

/**
 * Measures what `docs/reference/send-path-figures.md` shows and `loadtest plan` reckons with, and writes it beside this file:
 * `npm run figures generator`, `npm run figures send-path [ROW…]`; with rows, counted from 1, each is measured once more. Needs
 * Linux, Docker, OpenSSL, a k6 with the extension, and a machine that does nothing else meanwhile, half an hour for all of it. Every run
 * is bounded, and all traffic stays on the loopback address.
 */

const sessions = 20;
const fullSeconds = 8;
const steadySeconds = 8;
const share = 0.7;
const rounds = 3;
const relayPort = 27_204;

const [, , what, ...numbers] = process.argv;
const chosen = numbers.map(Number);
const k6 = await findK6([process.cwd()]);
requireSmtp(k6);
const folder = mkdtempSync(join(tmpdir(), "hipaa-check-figures-"));
chmodSync(folder, 0o755);

const auth = { mechanism: "PLAIN", ...credentials };

const files = makeCertificate(folder);
const pem = { cert: readFileSync(files.cert, "utf8"), key: readFileSync(files.key, "utf8") };
writeFileSync(join(folder, "tls.pem"), pem.key + pem.cert);

function machine(): GeneratorFigures["machine"] {
  const model = cpus()[0]?.model.trim() ?? "unknown";
  return {
    measuredAt: new Date().toISOString().slice(0, 10),
    processors: `${availableParallelism()} × ${model}`,
    memory: `${Math.round(totalmem() / 1024 ** 3)} GiB`,
    system: `${process.platform} ${process.arch}`,
    k6: k6.version,
  };
}

function say(text: string): void {
  process.stderr.write(`${text}\n`);
}

const base: SendPathWay = {
  tls: "starttls",
  auth: "PLAIN",
  connections: "kept",
  size: 10_240,
  queue: "disk",
  relay: "one per message",
};
const ways: readonly SendPathWay[] = [
  base,
  { ...base, auth: "none" },
  { ...base, tls: "none", auth: "none" },
  { ...base, connections: "one per message" },
  { ...base, connections: "one per message, resumed" },
  { ...base, connections: "one per message", auth: "none" },
  { ...base, connections: "one per message", tls: "none", auth: "none" },
  { ...base, size: 1024 },
  { ...base, size: 102_400 },
  { ...base, size: 1_048_576 },
  { ...base, queue: "memory" },
  { ...base, queue: "memory", tls: "none", auth: "none" },
  { ...base, relay: "kept" },
];

function sessionOf(way: SendPathWay): Record<string, Json> {
  const port =
    way.tls === "none" ? postfixPorts.clear : way.auth === "none" ? postfixPorts.tls : postfixPorts.auth;
  return {
    host: "127.0.0.1",
    port,
    sessions,
    ...(way.tls === "none"
      ? { tls: "none" }
      : { tls: "starttls", ca: pem.cert, resume: way.connections === "one per message, resumed" }),
    ...(way.auth === "none" ? {} : { auth }),
    ...(way.connections === "kept" ? {} : { connectPerMessage: true }),
  };
}

/** Sends through a Postfix with an empty queue and a sink of its own; says what other programs used meanwhile. */
async function throughPostfix(
  image: string,
  way: SendPathWay,
  sending: Pick<Sending, "rate" | "users" | "seconds" | "drainSeconds">,
): Promise<{ readonly sent: Sent; readonly others: number }> {
  const options: SinkOptions = { listen: `127.0.0.1:${relayPort}`, tls: "required", ...pem };
  await using sink = await startSink(k6, folder, options);
  const settings = {
    ...settingsFor(relayPort),
    ...(way.relay === "kept" ? { smtp_tls_connection_reuse: "yes" } : {}),
  };
  await using postfix = await FigurePostfix.start({ image, folder, queue: way.queue, settings });
  const watched = await Others.watch(postfix.id, sink.control);
  const sent = await send(k6, { session: sessionOf(way), sink: sink.control, size: way.size, ...sending });
  return { sent, others: await watched.share(sent.engine.process.cpuSeconds ?? 0) };
}

async function measureOnce(image: string, way: SendPathWay): Promise<SendPathRun> {
  const full = await throughPostfix(image, way, { users: sessions, seconds: fullSeconds, drainSeconds: 1 });
  const accepted = perSecond(full.sent, fullSeconds, "accepted");
  const delivered = perSecond(full.sent, fullSeconds, "delivered");
  const rate = Math.max(1, Math.floor(share * Math.min(accepted, delivered)));
  const steadily = { rate, users: Math.max(10, rate * 4), seconds: steadySeconds, drainSeconds: 10 };
  const { sent, others } = await throughPostfix(image, way, steadily);
  const versions = sent.engine.targets.flatMap(({ tlsVersions }) => Object.keys(tlsVersions));
  if (way.tls === "starttls" && versions.join() !== "1.3")
    throw new Error(`TLS ${versions} is not what is measured`);
  return {
    accepted,
    delivered,
    offered: rate,
    submit: percentiles(sent, "submit"),
    accept: percentiles(sent, "accept"),
    endToEnd: percentiles(sent, "endToEnd"),
    lost: sent.main.messages.lost ?? 0,
    dropped: sent.dropped,
    others: Math.max(full.others, others),
  };
}

/** What was measured before. */
function read(): Pick<SendPathFigures, "rows"> {
  return JSON.parse(readFileSync(new URL("send-path.json", import.meta.url), "utf8"));
}

async function measureSendPath(): Promise<SendPathFigures> {
  const image = postfixImage();
  const version = execFileSync("docker", [
    "run",
    "--rm",
    "--network",
    "none",
    image,
    "postconf",
    "-h",
    "mail_version",
  ]);
  const before = chosen.length === 0 ? [] : read().rows;
  const rows = ways.map((way, index): SendPathRow => ({ way, runs: before[index]?.runs ?? [] }));
  for (let round = 0; round < (chosen.length === 0 ? rounds : 1); round++) {
    for (const [index, { way, runs }] of rows.entries()) {
      if (chosen.length > 0 && !chosen.includes(index + 1)) continue;
      rows[index] = { way, runs: [...runs, await measureOnce(image, way)] };
      say(JSON.stringify(rows[index]));
    }
  }
  const queueDisk = execFileSync("docker", ["info", "--format", "{{.DockerRootDir}}"], {
    encoding: "utf8",
  }).trim();
  const disk = execFileSync("findmnt", ["--noheadings", "--output", "FSTYPE", "--target", queueDisk], {
    encoding: "utf8",
  }).trim();
  const { smtpd_tls_chain_files: _, default_transport: _relay, ...settings } = settingsFor(relayPort);
  return {
    schemaVersion: "1",
    machine: { ...machine(), queueDisk: disk, postfix: version.toString().trim() },
    sessions,
    seconds: { full: fullSeconds, steady: steadySeconds },
    share,
    settings: { ...settings, in_flow_delay: "1s (default)", default_process_limit: "100 (default)" },
    rows,
  };
}

const ownSink: SinkOptions = {
  tls: "required",
  ...pem,
  auth: { mechanisms: ["PLAIN"], ...credentials },
};

/** A steady load on the sink itself: nothing between the two but the loopback address. */
async function steadyLoad(
  rate: number,
  size: number,
  connectPerMessage: boolean,
): Promise<{ row: GeneratorRow; users: number; megabytes: number }> {
  await using sink = await startSink(k6, folder, ownSink);
  const { host, port } = sink;
  const session = { host, port, sessions, tls: "starttls", ca: pem.cert, auth, connectPerMessage };
  const users = Math.max(10, rate * 4);
  const sent = await send(k6, {
    session,
    sink: sink.control,
    size,
    rate,
    users,
    seconds: 8,
    drainSeconds: 5,
  });
  const { process, startedAt } = sent.engine;
  const used = process.timeline.filter(
    ({ second }) => second >= sent.firstSecond && second < sent.firstSecond + 7,
  );
  const generator = (used.reduce((sum, { cpuSeconds }) => sum + cpuSeconds, 0) / (used.length * rate)) * 1e6;
  const report = await sink.finish();
  const perMessage = ((report.process.cpuSeconds ?? Number.NaN) / report.messages.received) * 1e6;
  const megabytes = Math.round(process.maxRssBytes / 1e6);
  const connections = connectPerMessage ? "one per message" : "kept";
  const row = { connections, size, generator: Math.round(generator), sink: Math.round(perMessage) } as const;
  say(`${startedAt} ${JSON.stringify({ ...row, rate, users, megabytes, dropped: sent.dropped })}`);
  return { row, users, megabytes };
}

async function measureGenerator(): Promise<GeneratorFigures> {
  const rows: GeneratorRow[] = [];
  const memory: { users: number; megabytes: number }[] = [];
  for (const [rate, size] of [
    [500, 1024],
    [500, 10_240],
    [200, 102_400],
    [20, 1_048_576],
  ] as const) {
    rows.push((await steadyLoad(rate, size, false)).row);
  }
  for (const [rate, size] of [
    [100, 10_240],
    [50, 102_400],
    [20, 1_048_576],
  ] as const)
    rows.push((await steadyLoad(rate, size, true)).row);
  for (const rate of [25, 250, 1000]) {
    const { users, megabytes } = await steadyLoad(rate, 10_240, false);
    memory.push({ users, megabytes });
  }
  return { schemaVersion: "1", machine: machine(), rows, memory };
}

function write(name: string, figures: object): void {
  writeFileSync(new URL(name, import.meta.url), `${JSON.stringify(figures, undefined, 2)}\n`);
}

try {
  if (what === "generator") write("generator.json", await measureGenerator());
  else if (what === "send-path") write("send-path.json", await measureSendPath());
  else throw new Error("say what to measure: generator, or send-path");
} finally {
  rmSync(folder, { recursive: true, force: true });
}
