import { existsSync, readFileSync } from "node:fs";
import { availableParallelism } from "node:os";
import type { SinkReport } from "../measure/engine-report.ts";

const ticksPerSecond = 100;

/** Processor seconds that all programs of the machine have used. */
function usedByAll(): number {
  const [, user, nice, system, , , irq, softirq, steal] = (
    readFileSync("/proc/stat", "utf8").split("\n", 1)[0] ?? ""
  )
    .split(/\s+/)
    .map(Number);
  return (
    [user, nice, system, irq, softirq, steal].reduce<number>((sum, ticks) => sum + (ticks ?? 0), 0) /
    ticksPerSecond
  );
}

/** Processor seconds of a container; by the first or the second version of control groups. */
function usedByContainer(id: string): number {
  const first = `/sys/fs/cgroup/cpuacct/docker/${id}/cpuacct.usage`;
  if (existsSync(first)) return Number(readFileSync(first, "utf8")) / 1e9;
  const paths = [`/sys/fs/cgroup/docker/${id}`, `/sys/fs/cgroup/system.slice/docker-${id}.scope`];
  const second = paths.find(existsSync);
  if (second === undefined) throw new Error("the control group of Postfix is not where it was looked for");
  return Number(/^usage_usec (\d+)/m.exec(readFileSync(`${second}/cpu.stat`, "utf8"))?.[1]) / 1e6;
}

/** What programs that are no part of a measurement use while it is made. */
export class Others {
  readonly #container: string;
  readonly #sink: string;
  readonly #started = performance.now();
  readonly #before: number;

  private constructor(container: string, sink: string, before: number) {
    this.#container = container;
    this.#sink = sink;
    this.#before = before;
  }

  /** @param sink its control address */
  static async watch(container: string, sink: string): Promise<Others> {
    return new Others(container, sink, usedByAll() - (await Others.#own(container, sink)));
  }

  static async #own(container: string, sink: string): Promise<number> {
    const report = (await (await fetch(`${sink}/report`)).json()) as SinkReport;
    return usedByContainer(container) + (report.process.cpuSeconds ?? Number.NaN);
  }

  /**
   * The share of the machine's processors that others used.
   * @param generator processor seconds of k6
   */
  async share(generator: number): Promise<number> {
    const seconds = (performance.now() - this.#started) / 1000;
    const after = usedByAll() - (await Others.#own(this.#container, this.#sink)) - generator;
    const share = (after - this.#before) / (seconds * availableParallelism());
    return Math.max(0, Math.round(share * 100) / 100);
  }
}
