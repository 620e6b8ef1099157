import type { PostureBehaviour } from "../../posture-server/behaviour.ts";
import type { ServerPlan } from "../../posture-server/plan.ts";

const withoutTls: ServerPlan = {
  capabilities: ["8BITMIME", "SIZE 26214400"],
  replies: { inClear: { STARTTLS: ["502 5.5.1 Error: command not implemented"] } },
};

export const behaviour: PostureBehaviour = {
  addresses: ["::1", "127.0.0.1"],
  planFor: (address) => (address === "::1" ? withoutTls : undefined),
};
