import { existsSync, writeFileSync } from "node:fs";
import { parseArgs } from "node:util";
import { messageOf } from "../error.ts";
import { measure } from "./measure.ts";
import { type Measurement, readResults, resultsFile, writeResults } from "./results.ts";
import { measuredSenders } from "./senders.ts";

/**
 * Measures senders in every posture and keeps what they did in `results.json`: `npm run postures [-- ID…]`, all of them
 * without an id. Takes about two minutes for each sender that runs in a container.
 */
const { positionals } = parseArgs({ allowPositionals: true });
const unknown = positionals.find((id) => !measuredSenders.some((sender) => sender.id === id));
if (unknown !== undefined) {
  process.stderr.write(`there is no sender ${unknown}: ${measuredSenders.map(({ id }) => id).join(", ")}\n`);
  process.exit(2);
}

/** Keeps one measurement, and what the file holds of others that are still in the list. */
function keep(measurement: Measurement): void {
  const known = existsSync(resultsFile) ? readResults() : [];
  const all = new Map([...known, measurement].map((entry) => [entry.id, entry]));
  const ordered = measuredSenders.map(({ id }) => all.get(id)).filter((found) => found !== undefined);
  writeFileSync(resultsFile, writeResults(ordered));
}

for (const sender of measuredSenders) {
  if (positionals.length > 0 && !positionals.includes(sender.id)) continue;
  const start = Date.now();
  try {
    const { measurement, report } = await measure(sender);
    keep(measurement);
    const { held, weak, leaked, lost, inconclusive } = report.summary;
    const counts = `${held} held, ${weak} weak, ${leaked} leaked, ${lost} lost, ${inconclusive} inconclusive`;
    process.stdout.write(`${sender.id}: ${counts} in ${Math.round((Date.now() - start) / 1000)} s\n`);
  } catch (error) {
    process.stderr.write(`${sender.id}: ${messageOf(error)}\n`);
    process.exitCode = 1;
  }
}
