import { readFileSync } from "node:fs";

/** Linux counts processor time of a process in hundredths of a second, whatever the kernel was built with. */
const ticksPerSecond = 100;

/** Processor seconds that a process has used so far; undefined where the system does not say. */
export function processorSeconds(pid: number): number | undefined {
  try {
    const stat = readFileSync(`/proc/${pid}/stat`, "utf8");
    // The name of the program may hold anything but ends at the last parenthesis.
    const fields = stat.slice(stat.lastIndexOf(")") + 2).split(" ");
    return (Number(fields[11]) + Number(fields[12])) / ticksPerSecond;
  } catch {
    return undefined;
  }
}
