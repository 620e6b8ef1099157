/** What the figures were measured on. */
export interface Machine {
  /** ISO 8601, the day. */
  readonly measuredAt: string;
  /** `2 × AMD EPYC`. */
  readonly processors: string;
  readonly memory: string;
  readonly system: string;
  readonly queueDisk: string;
  readonly k6: string;
  readonly postfix: string;
}

/** Milliseconds. */
export interface Percentiles {
  readonly p50: number | null;
  readonly p95: number | null;
  readonly p99: number | null;
}

/** One way to send through Postfix. */
export interface SendPathWay {
  readonly tls: "none" | "starttls";
  readonly auth: "none" | "PLAIN";
  readonly connections: "kept" | "one per message" | "one per message, resumed";
  /** Octets of a message. */
  readonly size: number;
  readonly queue: "disk" | "memory";
  /** Connections of Postfix to the next hop, over TLS. */
  readonly relay: "one per message" | "kept";
}

/** One measurement of a way: a run at full speed, then one at a steady rate. */
export interface SendPathRun {
  /** Messages a second that were accepted and delivered while as many were sent as Postfix took. */
  readonly accepted: number;
  readonly delivered: number;
  /** Messages a second at which the times were taken. */
  readonly offered: number;
  readonly submit: Percentiles;
  readonly accept: Percentiles;
  readonly endToEnd: Percentiles;
  readonly lost: number;
  /** Messages that were never begun: above zero, the times leave out the worst moments. */
  readonly dropped: number;
  /** Share of the machine's processors that other programs used meanwhile, the larger one of the two runs. */
  readonly others: number;
}

export interface SendPathRow {
  readonly way: SendPathWay;
  readonly runs: readonly SendPathRun[];
}

export interface SendPathFigures {
  readonly schemaVersion: "1";
  readonly machine: Machine;
  readonly sessions: number;
  /** Seconds of each run. */
  readonly seconds: { readonly full: number; readonly steady: number };
  /** Share of what was delivered at full speed that was offered when times were taken. */
  readonly share: number;
  /** Settings of Postfix, beside its defaults, that bear on the figures. */
  readonly settings: Readonly<Record<string, string>>;
  readonly rows: readonly SendPathRow[];
}

/** What a message costs the two programs of a load, over STARTTLS with AUTH. */
export interface GeneratorRow {
  readonly connections: "kept" | "one per message";
  /** Octets of a message. */
  readonly size: number;
  /** Microseconds of processor time. */
  readonly generator: number;
  readonly sink: number;
}

export interface GeneratorFigures {
  readonly schemaVersion: "1";
  readonly machine: Omit<Machine, "postfix" | "queueDisk">;
  readonly rows: readonly GeneratorRow[];
  /** Resident memory of k6 at its peak, in megabytes, by virtual users. */
  readonly memory: readonly { readonly users: number; readonly megabytes: number }[];
}
