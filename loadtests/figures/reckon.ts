import { usage } from "../error.ts";
import type { GeneratorRow } from "./figures.ts";
import figures from "./generator.json" with { type: "json" };

/** Share of its processors that a generator may use, so that moments of more load do not reach the gate. */
const usableShare = 0.6;
/** A closed connection keeps its port for so long (TIME_WAIT), and so many there are for one address (Linux, as shipped). */
const portSeconds = 60;
const portsOfAddress = 28_232;
/** As many connections as are busy in the mean would make every moment of more load wait. */
const connectionReserve = 2;
/** Virtual users that k6 is given at most, as in `makePlan`: one for each message that can be under way. */
const usersOfLoad = 4000;
const usersPerRate = 4;
const smallestMemory = 256;

const rows = figures.rows as readonly GeneratorRow[];

/** Microseconds for a size between or beyond those measured, along a straight line. */
function costOf(read: (row: GeneratorRow) => number, way: GeneratorRow["connections"], size: number): number {
  const known = rows.filter(({ connections }) => connections === way).sort((a, b) => a.size - b.size);
  const above = Math.max(
    1,
    known.findIndex((row) => row.size >= size),
  );
  const last = known.length - 1;
  const index = known.every((row) => row.size < size) ? last : above;
  const [a, b] = [known[index - 1], known[index]] as [GeneratorRow, GeneratorRow];
  const slope = (read(b) - read(a)) / (b.size - a.size);
  return Math.max(read(a) / 2, read(a) + slope * (size - a.size));
}

/** Megabytes that a k6 with so many virtual users has to have, with a quarter to spare. */
export function memoryFor(users: number): number {
  const known = figures.memory.toSorted((a, b) => a.users - b.users);
  const [first, last] = [known[0], known.at(-1)];
  if (first === undefined || last === undefined) return smallestMemory;
  const perUser = (last.megabytes - first.megabytes) / (last.users - first.users);
  const needed = first.megabytes + perUser * Math.max(0, users - first.users);
  return Math.ceil(Math.max(smallestMemory, needed * 1.25) / smallestMemory) * smallestMemory;
}

export interface Demand {
  /** Messages a second. */
  readonly rate: number;
  /** Octets of a message. */
  readonly size: number;
  /** How long a connection is busy with a message, in milliseconds. */
  readonly transactionMs: number;
  readonly connectPerMessage: boolean;
  /** Processors of each pod. */
  readonly processors: number;
}

/** What a load takes. */
export interface Reckoning {
  readonly schemaVersion: "1";
  readonly demand: Demand;
  readonly pods: number;
  /** What decides how many pods there are. */
  readonly because: "processors" | "ports" | "one is enough";
  /** Microseconds of processor time that a message costs the generator and the sink. */
  readonly microseconds: { readonly generator: number; readonly sink: number };
  /** Processors of all pods together, and of the sink. */
  readonly processors: { readonly generator: number; readonly sink: number };
  /** Open at one time. */
  readonly connections: { readonly total: number; readonly perPod: number };
  /** Local ports that are in use or not free again. */
  readonly ports: { readonly perPod: number; readonly available: number };
  readonly users: { readonly total: number; readonly perPod: number };
  /** For how long the server may answer nothing before messages cannot be begun. */
  readonly standstillSeconds: number;
  readonly memoryMegabytesPerPod: number;
  readonly measured: { readonly at: string; readonly processors: string; readonly k6: string };
}

function rounded(value: number): number {
  return Math.ceil(value * 100) / 100;
}

/**
 * How many pods, connections and ports a load takes, reckoned from what was measured on one machine.
 * @throws LoadTestError for a demand that is none
 */
export function reckon(demand: Demand): Reckoning {
  const { rate, size, transactionMs, connectPerMessage, processors } = demand;
  for (const [flag, value] of [
    ["--target-rate", rate],
    ["--size", size],
    ["--transaction", transactionMs],
    ["--processors", processors],
  ] as const)
    if (!(Number.isFinite(value) && value > 0))
      throw usage("bad-demand", `${flag}: give a number above zero`);
  const way = connectPerMessage ? "one per message" : "kept";
  const generator = costOf((row) => row.generator, way, size);
  const sink = costOf((row) => row.sink, way, size);
  const needed = (rate * generator) / 1e6 / usableShare;
  const connections = Math.ceil(((rate * transactionMs) / 1000) * connectionReserve);
  const ports = connectPerMessage ? rate * portSeconds + connections : connections;
  const byProcessors = Math.ceil(needed / processors);
  const byPorts = Math.ceil(ports / portsOfAddress);
  const pods = Math.max(1, byProcessors, byPorts);
  const users = Math.min(usersOfLoad, Math.ceil(rate * usersPerRate));
  return {
    schemaVersion: "1",
    demand,
    pods,
    because: pods === 1 ? "one is enough" : byPorts > byProcessors ? "ports" : "processors",
    microseconds: { generator: Math.round(generator), sink: Math.round(sink) },
    processors: { generator: rounded(needed), sink: rounded((rate * sink) / 1e6 / usableShare) },
    connections: { total: Math.max(connections, pods), perPod: Math.max(1, Math.ceil(connections / pods)) },
    ports: { perPod: Math.ceil(ports / pods), available: portsOfAddress },
    users: { total: users, perPod: Math.ceil(users / pods) },
    standstillSeconds: Math.floor((users / rate) * 100) / 100,
    memoryMegabytesPerPod: memoryFor(Math.ceil(users / pods)),
    measured: {
      at: figures.machine.measuredAt,
      processors: figures.machine.processors,
      k6: figures.machine.k6,
    },
  };
}
