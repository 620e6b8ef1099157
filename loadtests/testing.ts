import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { findK6, type K6 } from "./k6/find.ts";
import { defaultCeilings } from "./plan/ceilings.ts";
import { makePlan, type Overrides } from "./plan/plan.ts";
import type { SendPath, SmtpTarget } from "./plan/send-path.ts";
import { parseProfile } from "./profile/load.ts";
import type { LoadReport } from "./result/report.ts";
import { runLoad } from "./run.ts";
import { type Sink, type SinkFault, type SinkOptions, startSink } from "./sink/sink.ts";

/** The k6 that tests run; undefined where there is none with the extension. */
export const k6: K6 | undefined = await findK6([fileURLToPath(new URL("..", import.meta.url))]).then(
  (found) => (found.hasSmtp ? found : undefined),
  () => undefined,
);

/** For the title of a group of tests that are left out without k6. */
export const needsK6 =
  k6 === undefined ? ", which needs k6 with the SMTP extension (hipaa-check loadtest build, or .ci/k6)" : "";

/** Gates that depend on how busy the machine is, and not on what is tested. */
const machineGates: readonly string[] = ["generator", "start-lag", "sink"];

/** Ids of the gates that a run has failed for a reason of its own. */
export function brokenGates({ validity }: LoadReport): string[] {
  return validity.gates.filter(({ id, ok }) => !ok && !machineGates.includes(id)).map(({ id }) => id);
}

/**
 * A profile of four seconds at fifty messages a second, with a level for lateness, refusals and losses.
 * @param drain how long mail may still arrive after the last was sent: `3s`
 */
export const steadyProfile = (drain: string): string => `id: test
title: A test
why: To see
requirements: [OPS-01]
duration: 4s
warmup: 1s
drain: ${drain}
sessions: 10
scenarios:
  - id: messages
    rate: 50
    message: { size: 2048 }
levels:
  - { kind: latency, scenario: messages, measure: endToEnd, percentile: 99, maximum: 1s, requirements: [OPS-01] }
  - { kind: refused, scenario: messages, maximum: 0, requirements: [OPS-01] }
  - { kind: lost, maximum: 0, requirements: [AVL-02] }
`;

export interface Trial {
  /** Text of a profile whose id is `test`. */
  readonly profile: string;
  readonly overrides?: Overrides;
  readonly sink?: SinkOptions;
  /** What goes wrong at the sink beside what the profile plans. */
  readonly faults?: readonly SinkFault[];
  /** How the sender protects its sessions. */
  readonly tls?: SmtpTarget["tls"];
  /** Changes the way to the sink. */
  readonly path?: (path: SendPath) => SendPath | Promise<SendPath>;
  readonly signal?: AbortSignal;
}

/** Runs a profile straight against a sink that misbehaves as told. */
export async function trial({
  profile: text,
  overrides = {},
  sink: options = { tls: "required" },
  faults = [],
  tls = "starttls",
  path: change = (path) => path,
  signal,
}: Trial): Promise<LoadReport> {
  const folder = await mkdtemp(join(tmpdir(), "hipaa-check-trial-"));
  try {
    const program = k6 as K6;
    await using sink = await startSink(program, folder, options);
    // What goes wrong all the time does so for the first message too; the rest begins with the scenarios.
    const standing = faults.filter(({ after }) => after === undefined);
    if (standing.length > 0) await sink.plan(standing, options.limits);
    const target: SmtpTarget = {
      kind: "smtp",
      host: sink.host,
      port: sink.port,
      tls,
      ...(tls === "none" ? {} : { ca: sink.ca }),
    };
    const path = await change({ name: "sink", target, sink, environment: {} });
    const planned: Sink = {
      ...sink,
      plan: (own, limits) => sink.plan([...own, ...faults], limits ?? options.limits),
    };
    return await runLoad({
      plan: makePlan(await parseProfile("test.yaml", text), overrides, defaultCeilings),
      path,
      ...(path.sink === undefined ? {} : { sink: planned }),
      k6: program,
      version: "test",
      ...(signal === undefined ? {} : { signal }),
    });
  } finally {
    await rm(folder, { recursive: true, force: true });
  }
}
