import type { StatedValue } from "#facts/facts-file.ts";
import type { Verdict } from "../posture-server/posture.ts";
import type { ServerTarget } from "./target.ts";

/** What a check found at a receiving server. */
export interface CheckResult {
  readonly verdict: Extract<Verdict, "held" | "weak" | "inconclusive" | "not-run">;
  /** In words, for every verdict. */
  readonly reason: string;
  /** What it says about the listener, by attribute of the fact kind `mail.listener`. */
  readonly learned?: Readonly<Record<string, StatedValue>>;
  readonly tls?: { readonly version: string; readonly cipher: string };
}

/** One question put to a receiving server. @throws NoReply when the server does not answer */
export type ServerCheck = (target: ServerTarget) => Promise<CheckResult>;
