import { setTimeout as pause } from "node:timers/promises";
import type { RunningContainer } from "../containers/container.ts";
import type { Network, Targets } from "../network/network.ts";
import { plainZones } from "../network/zones.ts";
import type { ServerPlan } from "../posture-server/plan.ts";
import type { Postman } from "./postman.ts";

export interface FaultScene {
  readonly postman: Postman;
  readonly container: RunningContainer;
  readonly network: Network;
  readonly targets: Targets;
}

/** Something that fails while mail goes through. */
export interface Fault {
  readonly id: string;
  readonly title: string;
  /** How the next server behaves. */
  readonly plan: ServerPlan;
  run(scene: FaultScene): Promise<void>;
}

/** Slow enough that messages are under way when something happens. */
const slow: ServerPlan = { slowGreeting: { bytes: 4, everyMs: 100 } };

const programs = "master qmgr smtp cleanup pickup trivial-rewrite bounce tlsmgr scache showq";

export const faults: readonly Fault[] = [
  {
    id: "F01",
    title: "The mail server is killed, and started again",
    plan: slow,
    async run({ postman, container }) {
      await postman.hand(8);
      // No program gets a chance to end well, as in a loss of power.
      await container.execute(["sh", "-c", `busybox killall -9 ${programs}`]);
      await postman.hand(4);
      await container.execute(["postfix", "start"]);
      await postman.hand(8);
    },
  },
  {
    id: "F02",
    title: "Its disk is full for a while",
    plan: slow,
    async run({ postman, container }) {
      await postman.hand(6);
      await container.execute(["dd", "if=/dev/zero", "of=/var/spool/postfix/filler", "bs=4k"]);
      await postman.hand(8);
      await container.execute(["rm", "/var/spool/postfix/filler"]);
      await postman.hand(6);
    },
  },
  {
    id: "F03",
    title: "The network is cut in the middle of messages",
    plan: { disconnect: { at: "message", in: "tls", how: "reset", times: 6 } },
    async run({ postman, network, targets }) {
      await postman.hand(6);
      network.withdraw();
      network.cut();
      await postman.hand(6);
      await pause(2000);
      await network.publish(plainZones, targets);
      await postman.hand(6);
    },
  },
];
