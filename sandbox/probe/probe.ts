import type { Sandbox } from "../driver.ts";
import { SandboxError } from "../error.ts";
import { Authority } from "../pki/authority.ts";
import { loadPostures } from "../posture-server/load.ts";
import {
  type Posture,
  type PostureGroup,
  type PostureNeed,
  postureGroups,
} from "../posture-server/posture.ts";
import { addressOfStranger, loopbackAddress } from "../resources/listen.ts";
import { ResourceStack } from "../resources/stack.ts";
import { createTemporaryFolder } from "../resources/temporary-folder.ts";
import { writeTranscript } from "../wire/transcript.ts";
import { Canaries, type CanaryPart } from "./canary.ts";
import { Controls } from "./controls.ts";
import { conclude, type Encounter, meet, strayLeaks, type Waiting, waitForRetries } from "./encounter.ts";
import { loopbackEnvironment, type ProbeEnvironment } from "./environment.ts";
import { recipientDomain } from "./message.ts";
import { type Observation, Observations } from "./observation.ts";
import { Pool } from "./pool.ts";
import type { GroupResult, PostureResult, ProbeReport } from "./report.ts";
import { summarize } from "./report.ts";
import { type ProbeOptions, Run } from "./run.ts";
import { selectPostures, whyNotRun } from "./select.ts";
import type { Sender } from "./sender.ts";

export interface ProbeOutcome {
  readonly report: ProbeReport;
  /** What was seen beside the verdicts; facts are written from it. */
  readonly observations: readonly Observation[];
  /** Parts that stood in the sender's own logs; undefined where these cannot be reached. */
  readonly logged: readonly CanaryPart[] | undefined;
  /** The logs themselves. They may hold what the sender sent: nothing of them is shown or written. */
  readonly logs: string | undefined;
}

const parallelPostures = 4;
const interrupted = "interrupted before it was run";

/** One run of the suite against one sender. */
class Probe {
  private readonly run: Run;
  private readonly selected: readonly Posture[];
  private readonly groups: GroupResult[] = [];
  private readonly results = new Map<string, PostureResult>();
  private readonly observations = new Observations();
  private readonly pool: Pool;
  private readonly controls: Controls;

  constructor(run: Run, all: readonly Posture[]) {
    const { options } = run;
    this.run = run;
    this.controls = new Controls(run, all, this.observations);
    this.selected = selectPostures(all, options);
    this.pool = new Pool(
      options.sender.fixedPort === undefined ? (options.concurrency ?? parallelPostures) : 1,
    );
  }

  async perform(): Promise<ProbeOutcome> {
    const groups = postureGroups.filter((group) => this.selected.some((posture) => posture.group === group));
    this.run.options.onEvent?.({ kind: "start", postures: this.selected.length, groups });
    for (const line of this.run.options.sender.overlay ?? [])
      this.run.options.onEvent?.({ kind: "note", text: `changed for the test: ${line}` });
    const running: Promise<void>[] = [];
    for (const group of groups) running.push((await this.startGroup(group)).done);
    await Promise.all(running);
    this.amend();
    const { options, environment, signal } = this.run;
    const postures = this.selected
      .map(({ id }) => this.results.get(id))
      .filter((result) => result !== undefined);
    const report: ProbeReport = {
      schemaVersion: "1",
      sender: describeSender(options.sender),
      driver: environment.driver,
      groups: this.groups,
      postures,
      summary: summarize(this.groups, postures, signal.aborted),
    };
    const logs = await options.sender.logs?.();
    const sightings = logs === undefined ? undefined : this.run.canaries.find(Buffer.from(logs));
    const logged =
      sightings === undefined ? undefined : [...new Set(sightings.map(({ canary }) => canary.part))];
    return { report, observations: this.observations.all(), logged, logs };
  }

  /** Runs the controls of a group and hands its postures over; `done` when all are judged. */
  private async startGroup(group: PostureGroup): Promise<{ readonly done: Promise<void> }> {
    const members = this.selected.filter((posture) => posture.group === group);
    const why = (posture: Posture): string | undefined =>
      whyNotRun(posture, this.run.environment, this.controls.tls, this.controls.carried);
    if (this.run.signal.aborted || members.every((posture) => why(posture) !== undefined)) {
      for (const posture of members) this.skip(posture, why(posture) ?? interrupted);
      return { done: Promise.resolve() };
    }
    const positive = await this.controls.positive(group);
    const negative = await this.controls.negative(group);
    const isCutOff = this.run.signal.aborted && !(positive.passed && negative.passed);
    // What was seen in clear text counts, whenever it was seen.
    if (isCutOff && positive.verdict !== "leaked") {
      for (const posture of members) this.skip(posture, interrupted);
      return { done: Promise.resolve() };
    }
    const result = { id: group, valid: positive.passed && negative.passed, controls: { positive, negative } };
    this.groups.push(result);
    const judged = members.map(async (posture) => {
      // The first control may have found out how the sender begins TLS.
      const reason = why(posture);
      if (reason !== undefined) this.skip(posture, reason);
      else if (this.controls.hopeless !== undefined)
        this.skip(posture, this.controls.hopeless, "inconclusive");
      else await this.runPosture(posture);
    });
    const done = Promise.all(judged).then(() => this.run.options.onEvent?.({ kind: "group", result }));
    // Whoever waits for all groups hears of a failure; until then nobody does.
    done.catch(() => undefined);
    await this.pool.idle();
    return { done };
  }

  private async runPosture(posture: Posture): Promise<void> {
    const { sender } = this.run.options;
    const exclusive = sender.fixedPort !== undefined;
    const finish = async (encounter: Encounter): Promise<void> => {
      await using _resources = encounter.resources;
      this.finish(encounter, await waitForRetries(this.run, encounter));
    };
    let encounter: Encounter | undefined;
    try {
      encounter = await this.pool.use(async () => {
        if (this.run.signal.aborted) return undefined;
        const reason = await this.controls.cannotServe(posture);
        // An interrupted control has decided nothing.
        if (this.run.signal.aborted) return undefined;
        if (reason !== undefined) throw new SandboxError("environment", "tls-unsupported", reason);
        const met = await meet(this.run, posture, sender, this.controls.tls ?? "starttls");
        // The next posture needs the port.
        if (exclusive) await finish(met);
        return met;
      });
    } catch (error) {
      if (!(error instanceof SandboxError) || error.kind !== "environment") throw error;
      return this.skip(posture, error.message);
    }
    if (encounter === undefined) return this.skip(posture, interrupted);
    if (!exclusive) await finish(encounter);
  }

  private finish(encounter: Encounter, waiting: Waiting): void {
    const { posture, server } = encounter;
    const { canaries } = this.run;
    this.run.addStrayLeaks(strayLeaks(this.run, encounter));
    const judgement = conclude(this.run, encounter, waiting);
    this.observations.add(encounter, judgement, canaries, waiting.ms);
    const { verdict, reason, leaked, tls } = judgement;
    this.record({
      ...describe(posture),
      verdict: this.run.signal.aborted && verdict !== "leaked" ? "not-run" : verdict,
      reason: this.run.signal.aborted && verdict !== "leaked" ? "interrupted while it was run" : reason,
      leaked,
      tls,
      transcript: `${writeTranscript(server.connections, (text) => canaries.mark(text))}\n--- watched for later tries for ${(waiting.ms / 1000).toFixed(1)} s`,
    });
  }

  private skip(posture: Posture, reason: string, verdict: "not-run" | "inconclusive" = "not-run"): void {
    this.record({ ...describe(posture), verdict, reason, leaked: [], tls: null, transcript: "" });
  }

  private record(result: PostureResult): void {
    this.results.set(result.id, result);
    this.run.options.onEvent?.({ kind: "posture", result });
  }

  /** Clear text that turned up at another server after its own posture had been judged. */
  private amend(): void {
    for (const [id, result] of this.results) {
      const strays = this.run
        .takeStrayLeaks(id)
        .filter((leak) => !result.leaked.some((known) => JSON.stringify(known) === JSON.stringify(leak)));
      if (strays.length === 0) continue;
      const reason = `${result.reason}; later, at the server of another posture, in clear text`;
      this.results.set(id, { ...result, verdict: "leaked", reason, leaked: [...result.leaked, ...strays] });
    }
  }
}

function describeSender({ kind, name, software, overlay }: Sender): ProbeReport["sender"] {
  return {
    kind,
    name,
    ...(software === undefined ? {} : { software }),
    ...(overlay === undefined ? {} : { overlay }),
  };
}

function describe({
  id,
  group,
  title,
  requirements,
}: Posture): Pick<PostureResult, "id" | "group" | "title" | "requirements"> {
  return { id, group, title, requirements };
}

/** A real mail server for senders of this machine; one in a container meets servers in a network of its own. */
async function startRealServer({
  driver,
  sender,
  signal,
  onEvent,
}: ProbeOptions): Promise<Sandbox | undefined> {
  if (driver !== "containers" || sender.environment !== undefined) return undefined;
  if (sender.fixedPort !== undefined) {
    const text = `the sender knows one port only and cannot be led to a container: leave the driver out`;
    throw new SandboxError("usage", "driver-unfit", text);
  }
  const { startSandbox } = await import("../start.ts");
  return await startSandbox({
    driver,
    onProgress: (text) => onEvent?.({ kind: "preparing", text }),
    ...(signal === undefined ? {} : { signal }),
  });
}

async function environmentOf({
  sender,
  contentScan,
  driver,
  ...options
}: ProbeOptions): Promise<ProbeEnvironment> {
  const { environment: own } = sender;
  // Whoever is pointed to a port by hand looks for it at the usual address.
  const address = sender.fixedPort === undefined ? await addressOfStranger() : loopbackAddress;
  const environment = options.environment ?? own ?? loopbackEnvironment(driver, address);
  if (contentScan !== true) return environment;
  return { ...environment, provides: new Set<PostureNeed>([...environment.provides, "content-scan"]) };
}

/**
 * Runs the posture suite against a sender and judges it from the wire.
 * @throws SandboxError when the run cannot begin: a posture file with a mistake, a name that is none
 */
export async function probeSender(options: ProbeOptions): Promise<ProbeOutcome> {
  await using resources = new ResourceStack();
  resources.use(options.sender);
  const postures = options.postures ?? (await loadPostures());
  const environment = await environmentOf(options);
  const realServer = await startRealServer(options);
  if (realServer !== undefined) resources.use(realServer);
  const folder = resources.use(await createTemporaryFolder("probe"));
  const authority = await Authority.create({
    hosts: [
      ...new Set([...(environment.hosts ?? []), "localhost", environment.address, loopbackAddress, "::1"]),
    ],
    recipientDomain,
  });
  const ca = await folder.write("ca.pem", authority.root);
  const signal = options.signal ?? new AbortController().signal;
  const { fixedPort: port, fixedLogIn } = options.sender;
  if (port !== undefined && fixedLogIn !== undefined) {
    const relay = { host: environment.address, port, ...fixedLogIn, ca };
    await options.sender.prepare?.(relay, signal);
  }
  const run = new Run(options, {
    environment,
    authority,
    canaries: new Canaries(),
    folder,
    ca,
    signal,
    realServer,
  });
  return await new Probe(run, postures).perform();
}
