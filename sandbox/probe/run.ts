import type { DriverName } from "../connection.ts";
import type { Sandbox } from "../driver.ts";
import type { Authority } from "../pki/authority.ts";
import type { Posture } from "../posture-server/posture.ts";
import type { TemporaryFolder } from "../resources/temporary-folder.ts";
import type { Canaries } from "./canary.ts";
import type { ProbeEnvironment } from "./environment.ts";
import type { ProbeEvent } from "./events.ts";
import type { Leak, LeakOf } from "./leak.ts";
import type { Sender, TlsStart } from "./sender.ts";

export interface ProbeOptions {
  /** The sender under test; it is disposed of when the run is over. */
  readonly sender: Sender;
  /** The quick suite only. */
  readonly quick?: boolean;
  /** Ids of postures and names of groups; all when left out. */
  readonly only?: readonly string[];
  /** Default: the shipped ones. */
  readonly postures?: readonly Posture[];
  /** Mail of the sender is scanned for patient data before it leaves: the postures of that are run too. */
  readonly contentScan?: boolean;
  /** How the sender begins TLS; default: found out in the first control. */
  readonly tls?: TlsStart;
  /** After how long a sender that does not end is ended; default 60 s, 15 s in the quick suite. */
  readonly timeoutMs?: number;
  /** How long a sender that did not deliver is watched for a later try; default 8 s, 3 s in the quick suite. */
  readonly retryWaitMs?: number;
  /** Postures at a time; default 4, and always one for a sender with a port of its own. */
  readonly concurrency?: number;
  readonly environment?: ProbeEnvironment;
  /** `containers`: a real mail server in a container has to get a message too before the verdicts count. */
  readonly driver?: DriverName;
  readonly onEvent?: (event: ProbeEvent) => void;
  /** Ends the run; what was seen until then is reported and marked partial. */
  readonly signal?: AbortSignal;
}

/** What all encounters of one run share. */
export class Run {
  readonly options: ProbeOptions;
  readonly environment: ProbeEnvironment;
  readonly authority: Authority;
  readonly canaries: Canaries;
  readonly folder: TemporaryFolder;
  /** File with the authority that senders are told to trust. */
  readonly ca: string;
  readonly signal: AbortSignal;
  /** A real mail server, where one was asked for. */
  readonly realServer: Sandbox | undefined;
  readonly timeoutMs: number;
  readonly retryWaitMs: number;
  readonly longestWaitMs: number;
  private readonly strays = new Map<string, Leak[]>();

  constructor(
    options: ProbeOptions,
    parts: Pick<Run, "environment" | "authority" | "canaries" | "folder" | "ca" | "signal" | "realServer">,
  ) {
    this.options = options;
    this.environment = parts.environment;
    this.authority = parts.authority;
    this.canaries = parts.canaries;
    this.folder = parts.folder;
    this.ca = parts.ca;
    this.signal = parts.signal;
    this.realServer = parts.realServer;
    this.timeoutMs = options.timeoutMs ?? (options.quick === true ? 15_000 : 60_000);
    this.retryWaitMs = options.retryWaitMs ?? (options.quick === true ? 3000 : 8000);
    this.longestWaitMs = Math.max(10 * this.retryWaitMs, 60_000);
  }

  /** Keeps clear text that was seen where it was not looked for. */
  addStrayLeaks(leaks: readonly LeakOf[]): void {
    for (const { posture, leak } of leaks) {
      if (posture !== undefined) this.strays.set(posture, [...(this.strays.get(posture) ?? []), leak]);
    }
  }

  takeStrayLeaks(posture: string): readonly Leak[] {
    return this.strays.get(posture) ?? [];
  }
}
