import type { ControlResult, GroupResult, PostureResult, ReportGroup } from "./report.ts";
import type { Relay } from "./sender.ts";

/** What a run tells while it lasts. */
export type ProbeEvent =
  | { readonly kind: "start"; readonly postures: number; readonly groups: readonly ReportGroup[] }
  /** One line that the user should see: which way to begin TLS was found, what is waited for. */
  | { readonly kind: "note"; readonly text: string }
  /** What has to be waited for before anything can be shown: an image that is built first. */
  | { readonly kind: "preparing"; readonly text: string }
  /** A server is ready for something to be pointed at it. */
  | {
      readonly kind: "waiting";
      readonly posture: string;
      readonly relay: Relay;
      readonly from: string;
      readonly to: string;
    }
  | {
      readonly kind: "control";
      readonly group: ReportGroup;
      readonly control: "positive" | "negative";
      readonly result: ControlResult;
    }
  | { readonly kind: "posture"; readonly result: PostureResult }
  | { readonly kind: "group"; readonly result: GroupResult };
