import type { Posture, PostureGroup } from "../posture-server/posture.ts";
import { strayTls } from "../posture-server/session.ts";
import { carriedParts } from "./arrival.ts";
import type { CanaryPart } from "./canary.ts";
import { conclude, meet, type Waiting, waitForRetries } from "./encounter.ts";
import type { Judgement } from "./judge.ts";
import type { Observations } from "./observation.ts";
import { refusedByRealServer } from "./real-server.ts";
import type { ControlResult } from "./report.ts";
import type { Run } from "./run.ts";
import { negativeControl } from "./select.ts";
import type { TlsStart } from "./sender.ts";
import { CarelessSender } from "./senders/careless.ts";

/** The careless sender tries again at once or never. */
const atOnce: Waiting = { ms: 0, queue: undefined };

/** What the sender did at a good server. */
interface GoodSeen {
  readonly judgement: Judgement;
  /** It began with TLS where a greeting was to be read first. */
  readonly beganWithTls: boolean;
  /** What came was what the sender was told to send. */
  readonly own: boolean;
  /** It went to an address that the sender was not told. */
  readonly astray: boolean;
  /** It cannot be run, or does nothing until it is ended. */
  readonly hopeless: boolean;
}

/**
 * What has to be seen before the verdicts of a group count: the sender under test delivers to a good server, and a
 * careless one is caught.
 */
export class Controls {
  /** How the sender begins TLS; undefined until the first control has found it out. */
  tls: TlsStart | undefined;
  /** Parts of the message that arrived at a good server; undefined while none has. */
  carried: ReadonlySet<CanaryPart> | undefined;
  /** Why there is no use in trying further. */
  hopeless: string | undefined;
  private readonly run: Run;
  private readonly postures: readonly Posture[];
  private readonly observations: Observations;
  private readonly careless = new CarelessSender();
  /** Why no message got to the real server; an empty text where one did. Undefined while it was not asked. */
  private refusal: string | undefined;

  constructor(run: Run, postures: readonly Posture[], observations: Observations) {
    this.run = run;
    this.postures = postures;
    this.observations = observations;
    this.tls = run.options.tls;
  }

  async positive(group: PostureGroup): Promise<ControlResult> {
    if (this.hopeless !== undefined) {
      return this.tell(group, "positive", { passed: false, verdict: "inconclusive", reason: this.hopeless });
    }
    let seen = await this.atGoodServer(group, this.tls ?? "starttls");
    if (this.tls === undefined) {
      this.tls = seen.beganWithTls && !seen.judgement.delivered ? "implicit" : "starttls";
      if (this.tls === "implicit") {
        const text = "the sender speaks TLS from the first byte; the servers now do too";
        this.run.options.onEvent?.({ kind: "note", text });
        seen = await this.atGoodServer(group, this.tls);
      }
    }
    const { verdict, delivered, reason } = seen.judgement;
    if (seen.hopeless) this.hopeless = reason;
    const passed = verdict === "held" && delivered && seen.own;
    const refusal = passed ? await this.atRealServer() : "";
    if (refusal === "") return this.tell(group, "positive", { passed, verdict, reason: describe(seen) });
    return this.tell(group, "positive", {
      passed: false,
      verdict: "inconclusive",
      reason: `${describe(seen)}; at a real Postfix in a container ${refusal}`,
    });
  }

  async negative(group: PostureGroup): Promise<ControlResult> {
    const tls = this.tls ?? "starttls";
    const posture = negativeControl(group, this.postures, this.run.environment, tls);
    const expected = posture.careless?.verdict;
    const encounter = await meet(this.run, posture, this.careless, tls);
    await using _resources = encounter.resources;
    const { verdict, reason } = conclude(this.run, encounter, atOnce);
    const passed = verdict === expected;
    const surprise = passed ? "" : `the careless sender was to be ${expected}, and was ${verdict}: `;
    return this.tell(group, "negative", { passed, verdict, reason: `${posture.id}: ${surprise}${reason}` });
  }

  /**
   * Whether this process can serve a posture of old versions or suites at all: some TLS libraries accept the setting
   * and then do not do it, and every sender would seem to hold.
   * @returns why not; undefined where it can, or where nothing depends on it
   */
  async cannotServe(posture: Posture): Promise<string | undefined> {
    const { minimum, maximum, ciphers } = posture.server?.tls ?? {};
    if ([minimum, maximum, ciphers].every((setting) => setting === undefined)) return undefined;
    const encounter = await meet(this.run, posture, this.careless, this.tls ?? "starttls");
    await using _resources = encounter.resources;
    const { verdict } = conclude(this.run, encounter, atOnce);
    if (verdict === posture.careless?.verdict) return undefined;
    return `the TLS library of this process (OpenSSL ${process.versions.openssl}) cannot serve it`;
  }

  /** Once in a run, where it was asked for. */
  private async atRealServer(): Promise<string> {
    const { realServer, options, canaries, folder, signal, timeoutMs } = this.run;
    if (realServer === undefined) return "";
    const context = { canaries, folder, signal, timeoutMs };
    this.refusal ??=
      (await refusedByRealServer(realServer, options.sender, this.tls ?? "starttls", context)) ?? "";
    return this.refusal;
  }

  private async atGoodServer(group: PostureGroup, tls: TlsStart): Promise<GoodSeen> {
    const { sender } = this.run.options;
    const posture: Posture = {
      id: `control ${group}`,
      group,
      title: "A good server",
      why: "",
      requirements: [],
    };
    const encounter = await meet(this.run, posture, sender, tls);
    await using _resources = encounter.resources;
    const judgement = conclude(this.run, encounter, await waitForRetries(this.run, encounter));
    this.observations.add(encounter, judgement, this.run.canaries);
    const { server, outcome, order } = encounter;
    const messages = server.connections.flatMap((connection) => connection.messages);
    const carried = carriedParts(messages, posture.id, this.run.canaries);
    if (carried.size > 0) this.carried = new Set([...(this.carried ?? []), ...carried]);
    const idle = server.connections.length === 0;
    return {
      judgement,
      beganWithTls: server.connections.some(({ met }) => met.includes(strayTls)),
      // Whoever cannot be told what to send is taken at its own word.
      own: sender.fixedPort !== undefined || carried.size > 0,
      // Whoever is pointed here by hand sends what it sends.
      astray:
        sender.kind !== "smtp" &&
        messages.length > 0 &&
        !messages.some(({ to }) => to.some((address) => address.toLowerCase() === order.message.to)),
      hopeless: idle && (outcome.ended === "not-started" || outcome.ended === "stopped"),
    };
  }

  private tell(group: PostureGroup, control: "positive" | "negative", result: ControlResult): ControlResult {
    this.run.options.onEvent?.({ kind: "control", group, control, result });
    return result;
  }
}

function describe({ judgement, own, astray }: GoodSeen): string {
  const { delivered, reason } = judgement;
  if (delivered && !own) return "a message came, and it held nothing of what the sender was told to send";
  return delivered && astray ? `${reason}, to another address than the sender was told` : reason;
}
