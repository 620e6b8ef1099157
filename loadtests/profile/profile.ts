/** The four times, never mixed. `submit` and `endToEnd` run from the intended start of a message. */
export const measures = ["submit", "accept", "delivery", "endToEnd"] as const;
export type Measure = (typeof measures)[number];

/** What the messages of a scenario are. */
export interface MessageShape {
  readonly template?: "plain" | "transactional" | "marketing";
  /** Octets, header included. */
  readonly size?: number;
  /** Recipients of each message; default 1. */
  readonly recipients?: number;
  readonly listUnsubscribe?: boolean;
}

/** One stream of messages at a steady arrival rate, whatever the server does (an open model). */
export interface Scenario {
  readonly id: string;
  /** Messages a second. */
  readonly rate: number;
  /** Share of the measured duration at which it begins and ends; default 0 and 1. */
  readonly from?: number;
  readonly to?: number;
  /** The rate is a background to another one's: `--rate` leaves it as it is. */
  readonly background?: boolean;
  readonly message?: MessageShape;
}

/** A rate that grows in steps, to find the knee. */
export interface Steps {
  readonly id: string;
  /** Messages a second in the first step. */
  readonly from: number;
  /** Each step has so many times the rate of the one before. */
  readonly factor: number;
  readonly count: number;
  readonly message?: MessageShape;
}

/** A demand on the figures. A run that does not meet one fails. */
export type Level =
  | {
      readonly kind: "latency";
      readonly scenario: string;
      readonly measure: Measure;
      /** 0 to 100. */
      readonly percentile: number;
      /** Duration: `500ms`, `2s`. */
      readonly maximum: string;
      readonly requirements: readonly string[];
    }
  | {
      /** A percentile of one scenario over that of another. */
      readonly kind: "ratio";
      readonly scenario: string;
      readonly baseline: string;
      readonly measure: Measure;
      readonly percentile: number;
      readonly maximum: number;
      /** A difference below this duration counts as none, whatever the ratio. */
      readonly unless?: string;
      readonly requirements: readonly string[];
    }
  /** Messages accepted and not delivered, of all scenarios. */
  | { readonly kind: "lost"; readonly maximum: number; readonly requirements: readonly string[] }
  /** Share of the messages tried that the server did not accept. */
  | {
      readonly kind: "refused";
      readonly scenario: string;
      readonly maximum?: number;
      readonly minimum?: number;
      readonly requirements: readonly string[];
    }
  /** The backlog at the end of the scenario is no larger than in its middle, or than a second's worth of mail. */
  | { readonly kind: "backlog"; readonly scenario: string; readonly requirements: readonly string[] }
  /** Share of the offered rate that was delivered while the scenario ran. */
  | {
      readonly kind: "throughput";
      readonly scenario: string;
      readonly minimum: number;
      readonly requirements: readonly string[];
    }
  /** Every message that arrived offers to unsubscribe. */
  | { readonly kind: "unsubscribe"; readonly requirements: readonly string[] }
  /** After a refusal with 421 or 451 the path waits: tries a second while it is throttled, at most. */
  | { readonly kind: "backOff"; readonly maximumRate: number; readonly requirements: readonly string[] };

/** Something that goes wrong in the middle of a run, on purpose. */
export interface PlannedFault {
  /** `sink-pause`: nothing is answered. `sink-down`: the port is closed. `mta-restart`: the MTA is killed and started again. */
  readonly kind: "sink-pause" | "sink-down" | "mta-restart";
  /** Share of the measured duration. */
  readonly at: number;
  /** Duration; for an MTA that restarts, how long it stays away. */
  readonly for: string;
}

/** How a send path is loaded and what is demanded of it: `loadtests/profiles/<id>.yaml`. */
export interface Profile {
  readonly id: string;
  readonly title: string;
  readonly why: string;
  readonly requirements: readonly string[];
  /** Duration of the measured part. */
  readonly duration: string;
  /** Duration before it whose figures count for nothing; default 5 s, at most 5 s. */
  readonly warmup?: string;
  /** How long messages under way are waited for; default and at most 10 s. */
  readonly drain?: string;
  /** Connections at most; default 20. */
  readonly sessions?: number;
  readonly scenarios?: readonly Scenario[];
  readonly steps?: Steps;
  readonly levels: readonly Level[];
  readonly faults?: readonly PlannedFault[];
  /** What the receiving end allows: messages a second, then 421. */
  readonly sinkLimit?: { readonly rate: number; readonly burst: number; readonly action: 421 | 451 };
}
