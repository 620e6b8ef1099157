import { SandboxError } from "../error.ts";
import type { ProbeEvent } from "../probe/events.ts";
import {
  type ControlResult,
  type GroupResult,
  type PostureResult,
  type ProbeReport,
  summarize,
} from "../probe/report.ts";
import { carelessFault, type Fault, faultGroup, noFault, faults as shippedFaults } from "./faults.ts";
import { type Performance, queueOverlay, Stage } from "./stage.ts";

export interface FaultOptions {
  /** Default: the shipped ones. */
  readonly faults?: readonly Fault[];
  /** Ids of faults; all when left out. */
  readonly only?: readonly string[];
  /** What the report calls the mail server; default the folder. */
  readonly name?: string;
  /** For how long messages may wait in the queue once everything works again; default 60 s. */
  readonly drainMs?: number;
  readonly onEvent?: (event: ProbeEvent) => void;
  /** Ends the run; what was seen until then is reported and marked partial. */
  readonly signal?: AbortSignal;
}

const interrupted = "interrupted before it was over";
const defaultDrainMs = 60_000;

function select(faults: readonly Fault[], only: readonly string[] | undefined): readonly Fault[] {
  const unknown = only?.find((name) => name !== faultGroup && !faults.some(({ id }) => id === name));
  if (unknown !== undefined) {
    const text = `there is no fault ${unknown}: \`hipaa-check sandbox probe --fault --list\` names them all`;
    throw new SandboxError("usage", "no-such-fault", text);
  }
  return faults.filter(({ id }) => only === undefined || only.includes(faultGroup) || only.includes(id));
}

/** One run of faults against one configuration. */
class FaultRun {
  readonly groups: GroupResult[] = [];
  readonly results: PostureResult[] = [];
  overlay: readonly string[] = [];
  software: string | undefined;
  private implicitTls = false;
  private readonly stage: Stage;
  private readonly signal: AbortSignal;
  private readonly options: FaultOptions;

  constructor(stage: Stage, signal: AbortSignal, options: FaultOptions) {
    this.stage = stage;
    this.signal = signal;
    this.options = options;
  }

  async perform(selected: readonly Fault[]): Promise<void> {
    try {
      await this.performAll(selected);
    } catch (error) {
      // What is taken away under a run breaks in its own ways.
      if (!this.signal.aborted) throw error;
      const done = new Set(this.results.map(({ id }) => id));
      for (const fault of selected) if (!done.has(fault.id)) this.skip(fault, "not-run", interrupted);
    }
  }

  private async performAll(selected: readonly Fault[]): Promise<void> {
    this.signal.throwIfAborted();
    const positive = await this.positive();
    const negative = await this.negative();
    const valid = positive.passed && negative.passed;
    const result: GroupResult = { id: faultGroup, valid, controls: { positive, negative } };
    this.groups.push(result);
    for (const fault of selected) {
      if (!positive.passed) this.skip(fault, "inconclusive", `with nothing failing: ${positive.reason}`);
      else await this.runFault(fault);
    }
    this.options.onEvent?.({ kind: "group", result });
  }

  /** With nothing failing everything arrives, once. Finds out how the mail server begins TLS. */
  private async positive(): Promise<ControlResult> {
    let { judgement, traits } = await this.stagePerform(noFault);
    this.software = traits.software;
    this.overlay = [...traits.overlay, queueOverlay];
    for (const line of this.overlay)
      this.options.onEvent?.({ kind: "note", text: `changed for the test: ${line}` });
    if (judgement.beganWithTls && judgement.messages.arrived === 0) {
      this.implicitTls = true;
      ({ judgement } = await this.stagePerform(noFault));
    }
    const { verdict, reason, messages } = judgement;
    const passed = verdict === "held" && messages.arrived === messages.accepted;
    return this.tell("positive", { passed, verdict, reason });
  }

  /** A mail server that throws messages away and doubles others is caught. */
  private async negative(): Promise<ControlResult> {
    const { judgement } = await this.stagePerform(carelessFault);
    const { verdict, reason, messages } = judgement;
    return this.tell("negative", { passed: messages.lost === 2 && messages.doubled === 1, verdict, reason });
  }

  private async runFault(fault: Fault): Promise<void> {
    const { judgement, transcript } = await this.stagePerform(fault);
    this.signal.throwIfAborted();
    const { verdict, reason, leaked, tls, messages } = judgement;
    this.record({ ...describe(fault), verdict, reason, leaked, tls, messages, transcript });
  }

  private stagePerform(fault: Fault): Promise<Performance> {
    this.options.onEvent?.({ kind: "preparing", text: fault.title });
    const { drainMs = defaultDrainMs } = this.options;
    return this.stage.perform(fault, this.implicitTls, { drainMs, signal: this.signal });
  }

  private tell(control: "positive" | "negative", result: ControlResult): ControlResult {
    this.options.onEvent?.({ kind: "control", group: faultGroup, control, result });
    return result;
  }

  private skip(fault: Fault, verdict: "not-run" | "inconclusive", reason: string): void {
    this.record({ ...describe(fault), verdict, reason, leaked: [], tls: null, transcript: "" });
  }

  private record(result: PostureResult): void {
    this.results.push(result);
    this.options.onEvent?.({ kind: "posture", result });
  }
}

function describe({
  id,
  title,
  requirements,
}: Fault): Pick<PostureResult, "id" | "group" | "title" | "requirements"> {
  return { id, group: faultGroup, title, requirements };
}

/**
 * Lets a Postfix with a user's configuration fail while it takes and passes on mail: it is killed and started again,
 * its disk filled, its network cut in the middle of messages. Nothing that it accepted may be lost or come twice.
 * @param folder holds `main.cf`, and `master.cf` and tables beside it
 * @throws SandboxError when there is no container engine, no configuration, or one that Postfix refuses
 */
export async function probeFaults(folder: string, options: FaultOptions = {}): Promise<ProbeReport> {
  const { signal = new AbortController().signal, onEvent, name = folder } = options;
  const selected = select(options.faults ?? shippedFaults, options.only);
  const onProgress = (text: string): void => onEvent?.({ kind: "preparing", text });
  const stage = await Stage.open(folder, { onProgress, signal });
  onEvent?.({ kind: "start", postures: selected.length, groups: [faultGroup] });
  const run = new FaultRun(stage, signal, options);
  await run.perform(selected);
  return {
    schemaVersion: "1",
    sender: {
      kind: "postfix",
      name,
      ...(run.software === undefined ? {} : { software: run.software, overlay: run.overlay }),
    },
    driver: "containers",
    groups: run.groups,
    postures: run.results,
    summary: summarize(run.groups, run.results, signal.aborted),
  };
}
