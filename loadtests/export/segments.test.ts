import { execFile, spawn } from "node:child_process";
import { createReadStream, createWriteStream, readFileSync } from "node:fs";
import { mkdir, mkdtemp, rm, writeFile } from "node:fs/promises";
import { createServer } from "node:net";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { createInterface } from "node:readline";
import { setTimeout as pause } from "node:timers/promises";
import { promisify } from "node:util";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { parse } from "yaml";
import { defaultAddresses } from "../plan/addresses.ts";
import { defaultCeilings } from "../plan/ceilings.ts";
import { makePlan } from "../plan/plan.ts";
import { parseProfile } from "../profile/load.ts";
import { mergeParts } from "../result/merge.ts";
import { readParts } from "../result/read-report.ts";
import type { LoadReport } from "../result/report.ts";
import { startSink } from "../sink/sink.ts";
import { brokenGates, k6, needsK6 } from "../testing.ts";
import { exportKubernetes } from "./export.ts";

const run = promisify(execFile);

const profile = `id: test
title: A test
why: To see
requirements: [OPS-01]
duration: 6s
warmup: 1s
drain: 5s
sessions: 8
scenarios:
  - id: alone
    rate: 30
    message: { size: 2048 }
  - id: second
    rate: 10
    from: 0.5
    background: true
    message: { size: 4096, recipients: 2 }
levels:
  - { kind: latency, scenario: alone, measure: endToEnd, percentile: 99, maximum: 2s, requirements: [OPS-01] }
  - { kind: refused, scenario: alone, maximum: 0, requirements: [OPS-01] }
  - { kind: lost, maximum: 0, requirements: [AVL-02] }
`;

const user = { user: "load", password: "only-for-the-test" };
const pods = 4;

async function freePort(): Promise<number> {
  const server = createServer().listen(0, "127.0.0.1");
  await new Promise((resolve) => server.once("listening", resolve));
  const address = server.address();
  await new Promise((resolve) => server.close(resolve));
  return typeof address === "object" && address !== null ? address.port : 0;
}

/** What the operator's runner starts (pkg/resources/jobs/runner.go and pkg/segmentation of v1.6.0), index from 1. */
function runnerWords(index: number, script: string, port: number): string[] {
  const edge = (at: number): string => (at === 0 ? "0" : at === pods ? "1" : `${at}/${pods}`);
  const sequence = Array.from({ length: pods + 1 }, (_, at) => edge(at)).join(",");
  return [
    ...["run", "--quiet", `--execution-segment=${edge(index - 1)}:${edge(index)}`],
    ...[`--execution-segment-sequence=${sequence}`, script, `--address=127.0.0.1:${port}`, "--paused"],
    ...["--tag", `instance_id=${index}`, "--tag", "testrun_name=load-test"],
  ];
}

/** What the operator's starter does once every pod is up. */
async function resume(port: number): Promise<void> {
  const body = JSON.stringify({ data: { attributes: { paused: false }, id: "default", type: "status" } });
  for (let attempt = 0; attempt < 100; attempt++) {
    const answer = await fetch(`http://127.0.0.1:${port}/v1/status`, { method: "PATCH", body }).catch(
      () => undefined,
    );
    if (answer?.ok === true) return;
    await pause(100);
  }
  throw new Error(`k6 on port ${port} did not start`);
}

describe.skipIf(k6 === undefined)(`four segments of an exported load, each a process${needsK6}`, () => {
  let folder: string;
  let script: string;
  let results: string;
  let report: LoadReport;
  /** Values of k6's own trends, in milliseconds, of all processes together. */
  const raw = { submit: [] as number[], endToEnd: [] as number[] };
  const variables = () => ({ PATH: process.env.PATH ?? "", HIPAA_CHECK_PLAN: join(folder, "plan.json") });

  /** Runs the exported script with a kubectl that knows this machine's processes only. */
  async function collect(control: string): Promise<void> {
    const bin = join(folder, "bin");
    await mkdir(bin);
    const words = [
      "#!/bin/sh",
      'test "$1 $2" = "--namespace load-test" || exit 9',
      "shift 2",
      'case "$*" in',
      `"logs --tail=-1 job/"*) cat "${folder}/job-\${3#job/}.log" ;;`,
      '"port-forward service/load-test-sink "*:8025) exec sleep 30 ;;',
      '"get secret load-test-sink "*) printf secret ;;',
      "*) exit 9 ;;",
      "esac",
    ];
    await writeFile(join(bin, "kubectl"), `${words.join("\n")}\n`, { mode: 0o755 });
    const env = { PATH: `${bin}:${process.env.PATH}`, COLLECT_PORT: new URL(control).port };
    await run("sh", [join(folder, "collect.sh")], { env, timeout: 20_000 });
  }

  beforeAll(async () => {
    if (k6 === undefined) return;
    const program = k6.path;
    folder = await mkdtemp(join(tmpdir(), "hipaa-check-segments-"));
    results = join(folder, "results");
    await using sink = await startSink(k6, folder, {
      tls: "required",
      auth: { mechanisms: ["PLAIN"], ...user },
    });
    const { files } = exportKubernetes({
      plan: makePlan(await parseProfile("test.yaml", profile), {}, defaultCeilings),
      target: { kind: "smtp", host: sink.host, port: sink.port, tls: "starttls", ca: sink.ca },
      targetName: "a sink",
      addresses: defaultAddresses,
      name: "load-test",
      namespace: "load-test",
      image: "k6",
      pods,
      credentials: "load-user",
      sink: "deployed",
    });
    const { data } = parse(files.get("script.yaml") ?? "") as { data: Record<string, string> };
    // There is no cluster whose names would lead to the sink.
    data["plan.json"] = (data["plan.json"] ?? "").replace(
      "http://load-test-sink.load-test.svc:8025",
      sink.control,
    );
    for (const [name, content] of Object.entries(data)) await writeFile(join(folder, name), content);
    await writeFile(join(folder, "collect.sh"), files.get("collect.sh") ?? "");
    script = join(folder, "smtp.js");
    const secrets = { HIPAA_CHECK_SMTP_USER: user.user, HIPAA_CHECK_SMTP_PASSWORD: user.password };
    const ports = await Promise.all(Array.from({ length: pods }, freePort));
    const processes = ports.map(async (port, at) => {
      const points = ["--out", `json=${join(folder, `points-${at}.ndjson`)}`];
      const child = spawn(program, [...runnerWords(at + 1, script, port), ...points], {
        env: { ...variables(), ...secrets },
        stdio: ["ignore", "pipe", "pipe"],
      });
      const log = createWriteStream(join(folder, `job-load-test-${at + 1}.log`));
      child.stdout.pipe(log, { end: false });
      child.stderr.pipe(log, { end: false });
      const code = await new Promise<number | null>((resolve) => child.once("close", resolve));
      await new Promise<void>((resolve) => log.end(() => resolve()));
      return code;
    });
    await pause(2500);
    await Promise.all(ports.map(resume));
    expect(await Promise.all(processes)).toEqual([0, 0, 0, 0]);
    await collect(sink.control);
    for (const at of ports.keys()) {
      for await (const line of createInterface({
        input: createReadStream(join(folder, `points-${at}.ndjson`)),
      })) {
        const { type, metric, data } = JSON.parse(line);
        if (type !== "Point" || data.tags?.scenario?.startsWith("warmup-") !== false) continue;
        if (metric === "smtp_send_duration") raw.submit.push(data.value);
        if (metric === "smtp_e2e_duration") raw.endToEnd.push(data.value);
      }
    }
    report = mergeParts(await readParts([results]), "test");
  }, 60_000);

  afterAll(async () => {
    if (k6 !== undefined) await rm(folder, { recursive: true, force: true });
  });

  test("are taken by what the operator does first", async () => {
    const archive = join(folder, "smtp.js.archived.tar");
    const plan = `HIPAA_CHECK_PLAN=${variables().HIPAA_CHECK_PLAN}`;
    const env = { PATH: process.env.PATH ?? "" };
    await run(k6?.path ?? "", ["archive", script, "-e", plan, "-O", archive], { env });
    const { stdout } = await run(k6?.path ?? "", ["inspect", "--execution-requirements", archive], { env });
    expect(JSON.parse(stdout)).toMatchObject({ maxVUs: expect.any(Number) });
  });

  test("send the planned load once, and lose nothing when they are joined", () => {
    const { attempted, accepted, delivered, lost, duplicated, refused } = report.messages;
    // 30 a second for 7 s, warm-up included, and 10 a second for the last 3 s.
    expect(Math.abs(attempted - 240)).toBeLessThanOrEqual(4);
    expect({ accepted, delivered, lost, duplicated, refused }).toEqual({
      accepted: attempted,
      delivered: attempted,
      lost: 0,
      duplicated: 0,
      refused: 0,
    });
    const sink = JSON.parse(readFileSync(join(results, "sink.json"), "utf8"));
    expect(sink.messages.received).toBe(attempted);
    expect(Object.keys(sink.runs)).toHaveLength(pods);
    expect(report.timeline.reduce((sum, { offered }) => sum + offered, 0)).toBe(attempted);
    expect(report.timeline.length).toBeLessThanOrEqual(9);
    expect(report.rates.offered).toBeCloseTo(35, 0);
  });

  test("give the percentiles of one process on the same samples, within the histogram's precision", () => {
    for (const name of ["submit", "endToEnd"] as const) {
      const values = raw[name].toSorted((a, b) => a - b);
      const latency = report.latencyMs[name];
      expect(latency?.count, name).toBe(values.length);
      for (const [percentile, figure] of [
        [50, latency?.p50],
        [90, latency?.p90],
        [95, latency?.p95],
        [99, latency?.p99],
        [99.9, latency?.p999],
        [100, latency?.max],
      ] as const) {
        const exact = values[Math.max(1, Math.ceil((percentile / 100) * values.length)) - 1] ?? Number.NaN;
        // Three significant digits, of whole microseconds.
        expect(Math.abs((figure ?? Number.NaN) - exact), `${name} p${percentile}`).toBeLessThanOrEqual(
          exact / 1000 + 0.001,
        );
      }
    }
  });

  test("are judged as a whole", () => {
    expect(brokenGates(report)).toEqual([]);
    expect(report.validity.gates.find(({ id }) => id === "segments")).toMatchObject({ ok: true });
    expect(report.levels.map(({ met }) => met)).toEqual([true, true, true]);
    expect(report.notes[0]).toMatch(/^Joined from 4 parts: segment 0:1\/4, segment 1\/4:1\/2,/);
  });

  test("make no secret known", () => {
    const left =
      readFileSync(join(results, "segment-1.log"), "utf8") + readFileSync(join(folder, "plan.json"), "utf8");
    expect(left).not.toContain(user.password);
  });

  test("are missed where one is not there, and where their sink is not", async () => {
    const three = [1, 2, 4].map((at) => join(results, `segment-${at}.log`));
    const sink = join(results, "sink.json");
    const part = mergeParts(await readParts([...three, sink]), "test");
    expect(part.verdict).toBe("invalid");
    expect(part.validity.gates.find(({ id }) => id === "segments")?.measured).toBe(
      "50 % to 75 % of the load are missing",
    );
    await expect(readParts(three)).rejects.toMatchObject({ code: "sink-missing" });
    await expect(readParts([sink])).rejects.toMatchObject({ code: "report-missing" });
  });

  test("say why one has no result", async () => {
    const env = { ...variables(), PATH: process.env.PATH ?? "" };
    const words = runnerWords(1, script, await freePort()).filter((word) => word !== "--paused");
    const { stdout, stderr } = await run(k6?.path ?? "", words, { env }).catch((error) => error);
    const log = join(folder, "failed.log");
    await writeFile(log, `${stdout}${stderr}`);
    await expect(readParts([log])).rejects.toMatchObject({
      code: "segment-without-result",
      message: expect.stringContaining("HIPAA_CHECK_SMTP_USER and HIPAA_CHECK_SMTP_PASSWORD are not set"),
    });
  });
});
