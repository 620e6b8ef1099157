import { SandboxError } from "../error.ts";
import { Authority } from "../pki/authority.ts";
import { loadPostures } from "../posture-server/load.ts";
import { type Posture, type PostureGroup, postureGroups } from "../posture-server/posture.ts";
import { strayTls } from "../posture-server/session.ts";
import { loopbackAddress } from "../resources/listen.ts";
import { ResourceStack } from "../resources/stack.ts";
import { createTemporaryFolder } from "../resources/temporary-folder.ts";
import { writeTranscript } from "../wire/transcript.ts";
import { Canaries } from "./canary.ts";
import { conclude, type Encounter, meet, strayLeaks, waitForRetries } from "./encounter.ts";
import { loopbackEnvironment } from "./environment.ts";
import type { Judgement } from "./judge.ts";
import { recipientDomain } from "./message.ts";
import { type Observation, Observations } from "./observation.ts";
import { Pool } from "./pool.ts";
import type { ControlResult, GroupResult, PostureResult, ProbeReport } from "./report.ts";
import { summarize } from "./report.ts";
import { type ProbeOptions, Run } from "./run.ts";
import { negativeControl, selectPostures, whyNotRun } from "./select.ts";
import type { Sender, TlsStart } from "./sender.ts";
import { CarelessSender } from "./senders/careless.ts";

export interface ProbeOutcome {
  readonly report: ProbeReport;
  /** What was seen beside the verdicts; facts are written from it. */
  readonly observations: readonly Observation[];
}

const parallelPostures = 4;
const interrupted = "interrupted before it was run";

/** A server that departs from a good one in nothing. */
function goodPosture(id: string, group: PostureGroup): Posture {
  return { id, group, title: "A good server", why: "", requirements: [] };
}

/** One run of the suite against one sender. */
class Probe {
  private readonly run: Run;
  private readonly all: readonly Posture[];
  private readonly selected: readonly Posture[];
  private readonly groups: GroupResult[] = [];
  private readonly results = new Map<string, PostureResult>();
  private readonly observations = new Observations();
  private readonly pool: Pool;
  private readonly careless = new CarelessSender();
  private tls: TlsStart;

  constructor(run: Run, all: readonly Posture[]) {
    const { options } = run;
    this.run = run;
    this.all = all;
    this.selected = selectPostures(all, options);
    this.pool = new Pool(
      options.sender.fixedPort === undefined ? (options.concurrency ?? parallelPostures) : 1,
    );
    this.tls = options.tls ?? "starttls";
  }

  async perform(): Promise<ProbeOutcome> {
    const groups = postureGroups.filter((group) => this.selected.some((posture) => posture.group === group));
    this.run.options.onEvent?.({ kind: "start", postures: this.selected.length, groups });
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
      sender: { kind: options.sender.kind, name: options.sender.name },
      driver: environment.driver,
      groups: this.groups,
      postures,
      summary: summarize(this.groups, postures, signal.aborted),
    };
    return { report, observations: this.observations.all() };
  }

  /** Runs the controls of a group and hands its postures over; `done` when all are judged. */
  private async startGroup(group: PostureGroup): Promise<{ readonly done: Promise<void> }> {
    const members = this.selected.filter((posture) => posture.group === group);
    const why = (posture: Posture): string | undefined => whyNotRun(posture, this.run.environment, this.tls);
    if (members.every((posture) => why(posture) !== undefined)) {
      for (const posture of members) this.skip(posture, why(posture) ?? interrupted);
      return { done: Promise.resolve() };
    }
    const positive = await this.positiveControl(group);
    const negative = await this.negativeControl(group);
    const result = { id: group, valid: positive.passed && negative.passed, controls: { positive, negative } };
    this.groups.push(result);
    const judged = members.map(async (posture) => {
      // The first control may have found out how the sender begins TLS.
      const reason = this.run.signal.aborted ? interrupted : why(posture);
      if (reason !== undefined) this.skip(posture, reason);
      else await this.runPosture(posture);
    });
    const done = Promise.all(judged).then(() => this.run.options.onEvent?.({ kind: "group", result }));
    // Whoever waits for all groups hears of a failure; until then nobody does.
    done.catch(() => undefined);
    await this.pool.idle();
    return { done };
  }

  private async positiveControl(group: PostureGroup): Promise<ControlResult> {
    const { sender, tls } = this.run.options;
    if (this.run.signal.aborted)
      return this.control(group, "positive", { passed: false, verdict: "not-run", reason: interrupted });
    const first = await this.observeGood(group, sender);
    const retry =
      tls === undefined && this.tls === "starttls" && !first.judgement.delivered && first.spokeTls;
    if (retry) {
      this.tls = "implicit";
      this.run.options.onEvent?.({
        kind: "note",
        text: "the sender speaks TLS from the first byte; the servers now do too",
      });
    }
    const { judgement, own } = retry ? await this.observeGood(group, sender) : first;
    const { verdict, delivered, reason } = judgement;
    const passed = verdict === "held" && delivered && own;
    const why =
      delivered && !own ? "a message came, and it held nothing of what the sender was told to send" : reason;
    return this.control(group, "positive", { passed, verdict, reason: why });
  }

  private async observeGood(
    group: PostureGroup,
    sender: Sender,
  ): Promise<{ judgement: Judgement; spokeTls: boolean; own: boolean }> {
    const posture = goodPosture(`control ${group}`, group);
    const encounter = await meet(this.run, posture, sender, this.tls);
    await using _resources = encounter.resources;
    const judgement = conclude(this.run, encounter, await waitForRetries(this.run, encounter));
    this.observations.add(encounter, judgement, this.run.canaries);
    const { connections } = encounter.server;
    const contents = connections.flatMap(({ messages }) =>
      messages.map(({ content, to }) => `${to.join(" ")}\n${content.toString("latin1")}`),
    );
    return {
      judgement,
      spokeTls: connections.some(({ met }) => met.includes(strayTls)),
      // Whoever cannot be told what to send is taken at its own word.
      own:
        sender.fixedPort !== undefined ||
        contents.some((text) => this.run.canaries.find(Buffer.from(text, "latin1")).length > 0),
    };
  }

  private async negativeControl(group: PostureGroup): Promise<ControlResult> {
    const posture = negativeControl(group, this.all, this.run.environment, this.tls);
    const expected = posture.careless?.verdict;
    const encounter = await meet(this.run, posture, this.careless, this.tls);
    await using _resources = encounter.resources;
    const { verdict, reason } = conclude(this.run, encounter, 0);
    const passed = verdict === expected;
    const why = passed
      ? `${posture.id}: ${reason}`
      : `${posture.id}: the careless sender was to be ${expected}, and was ${verdict}: ${reason}`;
    return this.control(group, "negative", { passed, verdict, reason: why });
  }

  private control(
    group: PostureGroup,
    control: "positive" | "negative",
    result: ControlResult,
  ): ControlResult {
    this.run.options.onEvent?.({ kind: "control", group, control, result });
    return result;
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
        const met = await meet(this.run, posture, sender, this.tls);
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

  private finish(encounter: Encounter, waitedMs: number): void {
    const { posture, server } = encounter;
    const { canaries } = this.run;
    this.run.addStrayLeaks(strayLeaks(this.run, encounter));
    const judgement = conclude(this.run, encounter, waitedMs);
    this.observations.add(encounter, judgement, canaries, waitedMs);
    const { verdict, reason, leaked, tls } = judgement;
    this.record({
      ...describe(posture),
      verdict: this.run.signal.aborted && verdict !== "leaked" ? "not-run" : verdict,
      reason: this.run.signal.aborted && verdict !== "leaked" ? "interrupted while it was run" : reason,
      leaked,
      tls,
      transcript: writeTranscript(server.connections, (text) => canaries.mark(text)),
    });
  }

  private skip(posture: Posture, reason: string): void {
    this.record({ ...describe(posture), verdict: "not-run", reason, leaked: [], tls: null, transcript: "" });
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

function describe({
  id,
  group,
  title,
  requirements,
}: Posture): Pick<PostureResult, "id" | "group" | "title" | "requirements"> {
  return { id, group, title, requirements };
}

/**
 * Runs the posture suite against a sender and judges it from the wire.
 * @throws SandboxError when the run cannot begin: a posture file with a mistake, a name that is none
 */
export async function probeSender(options: ProbeOptions): Promise<ProbeOutcome> {
  await using resources = new ResourceStack();
  resources.use(options.sender);
  const postures = options.postures ?? (await loadPostures());
  const environment = options.environment ?? loopbackEnvironment();
  const folder = resources.use(await createTemporaryFolder("probe"));
  const authority = await Authority.create({
    hosts: [
      "localhost",
      loopbackAddress,
      "::1",
      ...(environment.host === undefined ? [] : [environment.host]),
    ],
    recipientDomain,
  });
  const ca = await folder.write("ca.pem", authority.root);
  const signal = options.signal ?? new AbortController().signal;
  const run = new Run(options, { environment, authority, canaries: new Canaries(), folder, ca, signal });
  return await new Probe(run, postures).perform();
}
