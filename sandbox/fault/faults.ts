import { setTimeout as pause } from "node:timers/promises";
import type { RunningContainer } from "../containers/container.ts";
import type { Network, Targets } from "../network/network.ts";
import { plainZones } from "../network/zones.ts";
import type { ServerPlan } from "../posture-server/plan.ts";
import type { ConnectionRecord } from "../wire/record.ts";
import type { Postman } from "./postman.ts";

/** What the report calls all of them together. */
export const faultGroup = "fault" as const;

export interface FaultScene {
  readonly postman: Postman;
  readonly container: RunningContainer;
  readonly network: Network;
  readonly targets: Targets;
  /** What the next server has seen so far. */
  readonly connections: readonly ConnectionRecord[];
}

/** Something that fails while mail goes through. */
export interface Fault {
  readonly id: string;
  readonly title: string;
  /** What happens, and what a mail server has to do about it. */
  readonly why: string;
  readonly requirements: readonly string[];
  /** How the next server behaves. */
  readonly plan: ServerPlan;
  /** @returns why the fault did not happen after all; undefined when it did */
  run(scene: FaultScene): Promise<string | undefined>;
}

/** Slow enough that messages are under way when something happens. */
const slow: ServerPlan = { slowGreeting: { bytes: 4, everyMs: 100 } };

/** The file system that is filled. */
export const queueFolder = "/var/spool/postfix";
const filler = `${queueFolder}/filler`;
const keepFull = "/run/keep-full";
const fill = `dd if=/dev/zero of=${filler} bs=4k oflag=append conv=notrunc`;

/** Each delivery frees some room, so filling once is not enough. Ends by itself after some minutes. */
const stayFull = `touch ${keepFull}; ${fill} 2>/dev/null
{ for round in $(seq 3000); do [ -e ${keepFull} ] || break; ${fill}; sleep 0.05; done; rm ${filler}; } >/dev/null 2>&1 &`;
const becomeEmpty = `rm ${keepFull}; while [ -f ${filler} ]; do sleep 0.05; done`;

const programs = "master qmgr smtp cleanup pickup trivial-rewrite bounce tlsmgr scache showq";

export const faults: readonly Fault[] = [
  {
    id: "F01",
    title: "The mail server is killed, and started again",
    why: "Twenty messages are handed in; after the eighth every program of the mail server is killed at once, as in a loss of power, and started again after the twelfth. What it had taken over must still arrive, and once.",
    requirements: ["AVL-02"],
    plan: slow,
    async run({ postman, container }) {
      await postman.hand(8);
      // No program gets a chance to end well.
      await container.execute(["sh", "-c", `busybox killall -9 ${programs}`]);
      const { status } = await container.execute(["postfix", "status"]);
      await postman.hand(4);
      await container.execute(["postfix", "start"]);
      await postman.hand(8);
      return status === 0 ? "the mail server was still there after it was killed" : undefined;
    },
  },
  {
    id: "F02",
    title: "Its disk is full for a while",
    why: "The file system of the queue is filled while messages are handed in, and emptied again. A message that cannot be kept must be refused, so that whoever hands it in is told; what was taken over must arrive.",
    requirements: ["AVL-02"],
    plan: slow,
    async run({ postman, container }) {
      await postman.hand(6);
      await container.execute(["sh", "-c", stayFull]);
      const before = postman.refused;
      await postman.hand(8);
      const refused = postman.refused - before;
      await container.execute(["sh", "-c", becomeEmpty]);
      await postman.hand(6);
      return refused === 0 ? "every message found room although the disk was full" : undefined;
    },
  },
  {
    id: "F03",
    title: "The network is cut in the middle of messages",
    why: "The next server resets connections in the middle of DATA, and then nothing can be reached for a while. The mail server keeps each message until somebody has said 250, and tries again.",
    requirements: ["AVL-02"],
    plan: { disconnect: { at: "message", in: "tls", how: "reset", times: 6 } },
    async run({ postman, network, targets, connections }) {
      await postman.hand(6);
      const wasCut = (): boolean => connections.some(({ met }) => met.length > 0);
      for (let attempt = 0; attempt < 100 && !wasCut(); attempt++) await pause(100);
      const missed = wasCut() ? undefined : "no connection was cut in the middle of a message";
      network.withdraw();
      network.cut();
      await postman.hand(6);
      await pause(2000);
      await network.publish(plainZones, targets);
      await postman.hand(6);
      return missed;
    },
  },
];

/** Nothing fails. What does not arrive here says nothing about faults. */
export const noFault: Fault = {
  id: "control",
  title: "Nothing fails, as a control",
  why: "",
  requirements: [],
  plan: {},
  async run({ postman }) {
    await postman.hand(3);
    return undefined;
  },
};

/** What has to be found: two messages that were taken over are thrown away, and one is sent once more. */
export const carelessFault: Fault = {
  id: "careless",
  title: "Messages are thrown away and doubled, as a control",
  why: "",
  requirements: [],
  plan: {},
  async run({ postman, container }) {
    await container.execute(["postfix", "stop"]);
    await postman.hand(2);
    await container.execute(["postsuper", "-d", "ALL"]);
    await container.execute(["postfix", "start"]);
    await postman.hand(1);
    for (let attempt = 0; attempt < 100 && !(await postman.nothingLeft()); attempt++) await pause(100);
    await postman.repeat();
    return undefined;
  },
};
