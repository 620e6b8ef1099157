import { execFileSync } from "node:child_process";
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { findK6, requireSmtp } from "../k6/find.ts";
import { extensionFolder } from "../paths.ts";
import { makeCertificate } from "./certificate.ts";
import { Postfix } from "./postfix.ts";
import { type Figure, has, type Sending, Server, sendWithK6, sendWithSmtpSource, timed } from "./programs.ts";

/**
 * Measures the extension against other clients, as ratios within one round, so that a busy machine does not decide, and prints
 * a table. `node loadtests/bench/run.ts [ROUNDS]`; needs Postfix, Go and a k6 with the extension, on Linux.
 */

interface Row {
  readonly name: string;
  readonly asked: string;
  readonly figures: Figure[];
  readonly ratios: number[];
  readonly isMet: (ratio: number, figure: Figure) => boolean;
}

const rounds = Number(process.argv[2] ?? 3);
const size = 10_240;
const folder = mkdtempSync(join(tmpdir(), "hipaa-check-bench-"));
const k6 = await findK6([process.cwd()]);
requireSmtp(k6);
for (const program of ["smtp-source", "smtp-sink", "postfix"]) {
  if (!has(program)) throw new Error(`${program} is not here: install Postfix`);
}
const ports = { smtpSink: 27_101, sink: 27_102, tls: 27_103, relay: 27_104, postfix: 27_105 } as const;
const auth = { mechanism: "PLAIN", user: "load", password: "only-for-the-benchmark" };
const rows = new Map<string, Row>();

function median(values: readonly number[]): number {
  return values.toSorted((a, b) => a - b)[Math.floor(values.length / 2)] ?? Number.NaN;
}

function note(
  name: string,
  asked: string,
  figure: Figure,
  anchor: Figure | undefined,
  isMet: Row["isMet"] = () => true,
): Figure {
  const row = rows.get(name) ?? { name, asked, figures: [], ratios: [], isMet };
  rows.set(name, row);
  row.figures.push(figure);
  row.ratios.push(anchor === undefined ? 1 : figure.perSecond / anchor.perSecond);
  process.stderr.write(
    `${name}: ${figure.perSecond.toFixed(0)}/s, ${figure.microseconds.toFixed(1)} µs, ${figure.megabytes.toFixed(0)} MB\n`,
  );
  return figure;
}

function sink(port: number, options: object = {}): Promise<Server> {
  const file = join(folder, `sink-${port}.json`);
  writeFileSync(file, JSON.stringify({ listen: `127.0.0.1:${port}`, ...options }));
  return new Server(k6.path, ["x", "smtp-sink", "--config", file]).listensOn(port);
}

const k6Sends = (sending: Sending): Promise<Figure> => sendWithK6(k6.path, sending);

async function againstSmtpSink(): Promise<void> {
  await using _server = await new Server("smtp-sink", [
    "-u",
    "nobody",
    `127.0.0.1:${ports.smtpSink}`,
    "1000",
  ]).listensOn(ports.smtpSink);
  const sending = { port: ports.smtpSink, users: 50, messages: 60_000, size };
  const anchor = note(
    "smtp-sink, 50 sessions: smtp-source",
    "",
    await sendWithSmtpSource(sending),
    undefined,
  );
  note(
    "smtp-sink, 50 sessions: send",
    "≥ 1.15×, ≤ 60 µs",
    await k6Sends(sending),
    anchor,
    (ratio, { microseconds }) => ratio >= 1.15 && microseconds <= 60,
  );
  note(
    "smtp-sink, 50 sessions: sendBatch",
    "≥ 1.3×",
    await k6Sends({ ...sending, batch: 50 }),
    anchor,
    (ratio) => ratio >= 1.3,
  );
}

async function againstTheSink(): Promise<void> {
  await using _server = await sink(ports.sink);
  const sending = { port: ports.sink, users: 10, messages: 100_000, size };
  const anchor = note("own sink, 10 sessions: smtp-source", "", await sendWithSmtpSource(sending), undefined);
  note("own sink, 10 sessions: send", "≥ 1.3×", await k6Sends(sending), anchor, (ratio) => ratio >= 1.3);
  note(
    "own sink, 10 sessions: send, BDAT",
    "≥ 1.8×, ≤ 35 µs",
    await k6Sends({ ...sending, chunking: true }),
    anchor,
    (ratio, { microseconds }) => ratio >= 1.8 && microseconds <= 35,
  );
  note(
    "own sink, 10 sessions: sendBatch, BDAT",
    "≥ 30,000/s",
    await k6Sends({ ...sending, messages: 200_000, chunking: true, batch: 100 }),
    anchor,
    (_, { perSecond }) => perSecond >= 30_000,
  );
}

async function withTLS(cert: string, key: string): Promise<void> {
  const pem = { cert: readFileSync(cert, "utf8"), key: readFileSync(key, "utf8") };
  await using _clear = await sink(ports.sink);
  await using _server = await sink(ports.tls, {
    tls: "required",
    ...pem,
    auth: { mechanisms: ["PLAIN"], user: auth.user, password: auth.password },
  });
  const sending = { port: ports.tls, users: 50, messages: 60_000, size, ca: pem.cert, auth };
  const clear = { ...sending, port: ports.sink };
  const anchor = note(
    "own sink, 50 sessions: smtp-source in clear",
    "",
    await sendWithSmtpSource(clear),
    undefined,
  );
  note(
    "STARTTLS and AUTH, 50 sessions: send",
    "≥ 1.0× clear, ≤ 60 µs",
    await k6Sends(sending),
    anchor,
    (ratio, { microseconds }) => ratio >= 1 && microseconds <= 60,
  );
  const messages = 3000;
  const words = [`127.0.0.1:${ports.tls}`, cert, auth.user, auth.password, "10", String(messages)];
  const netsmtp = note(
    "STARTTLS, a connection per message: net/smtp",
    "",
    await timed(join(folder, "netsmtp"), words, messages),
    undefined,
  );
  note(
    "STARTTLS, a connection per message: send",
    "≥ 1.1× net/smtp",
    await k6Sends({ ...sending, users: 10, messages, connectPerMessage: true }),
    netsmtp,
    (ratio) => ratio >= 1.1,
  );
}

async function againstPostfix(): Promise<void> {
  await using _server = await sink(ports.relay);
  await using postfix = await Postfix.start(ports.postfix, ports.relay);
  const sending = { port: ports.postfix, users: 20, messages: 2000, size };
  const anchor = note("Postfix accepts: smtp-source", "", await sendWithSmtpSource(sending), undefined);
  await postfix.drain();
  note("Postfix accepts: send", "≥ 0.95×", await k6Sends(sending), anchor, (ratio) => ratio >= 0.95);
  await postfix.drain();
}

async function memory(): Promise<void> {
  await using _server = await sink(ports.sink);
  const sending = { port: ports.sink, users: 100, size: 2048, chunking: true };
  note(
    "memory, 100 sessions, 500,000 messages",
    "< 100 MB",
    await k6Sends({ ...sending, messages: 500_000 }),
    undefined,
    (_, { megabytes }) => megabytes < 100,
  );
  const few = await k6Sends({ ...sending, messages: 10_000 });
  const many = await k6Sends({ ...sending, messages: 1_010_000 });
  note(
    "memory that a million messages add",
    "≤ 150 MB",
    { ...many, megabytes: many.megabytes - few.megabytes },
    undefined,
    (_, { megabytes }) => megabytes <= 150,
  );
}

function print(): void {
  const lines = [
    ["measured", "a second", "ratio", "client µs", "client MB", "asked", ""],
    ...[...rows.values()].map(({ name, asked, figures, ratios, isMet }) => {
      const figure = {
        perSecond: median(figures.map(({ perSecond }) => perSecond)),
        microseconds: median(figures.map(({ microseconds }) => microseconds)),
        megabytes: median(figures.map(({ megabytes }) => megabytes)),
      };
      const ratio = median(ratios);
      return [
        name,
        figure.perSecond.toFixed(0),
        ratio.toFixed(2),
        figure.microseconds.toFixed(1),
        figure.megabytes === 0 ? "" : figure.megabytes.toFixed(0),
        asked,
        asked === "" ? "" : isMet(ratio, figure) ? "met" : "NOT MET",
      ];
    }),
  ];
  const widths = (lines[0] ?? []).map((_, column) =>
    Math.max(...lines.map((line) => line[column]?.length ?? 0)),
  );
  const table = lines.map((line) =>
    line
      .map((cell, column) => cell.padEnd(widths[column] ?? 0))
      .join("  ")
      .trimEnd(),
  );
  process.stdout.write(`${table.join("\n")}\n${k6.version}, medians of ${rounds} rounds, ${size} octets\n`);
}

try {
  execFileSync("go", ["build", "-o", join(folder, "netsmtp"), "./bench/netsmtp"], { cwd: extensionFolder() });
  const { cert, key } = makeCertificate(folder);
  for (let round = 0; round < rounds; round++) {
    await againstSmtpSink();
    await againstTheSink();
    await withTLS(cert, key);
    await againstPostfix();
  }
  await memory();
  print();
} finally {
  rmSync(folder, { recursive: true, force: true });
}
