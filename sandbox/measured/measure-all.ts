import { existsSync, writeFileSync } from "node:fs";
import { parseArgs } from "node:util";
import { messageOf } from "../error.ts";
import { measure } from "./measure.ts";
import { type Measurement, readResults, resultsFile, writeResults } from "./results.ts";
import { measuredSenders } from "./senders.ts";

/**
 * Measures senders and keeps what they did in `results.json`: `npm run postures [-- ID…]`, all of them without an id. Takes
 * about two minutes for each sender that runs in a container. With `--posture ID` (repeatable) they meet these postures
 * only, and what is known of the others stays.
 */
const { positionals, values } = parseArgs({
  allowPositionals: true,
  options: { posture: { type: "string", multiple: true } },
});
const unknown = positionals.find((id) => !measuredSenders.some((sender) => sender.id === id));
if (unknown !== undefined) {
  process.stderr.write(`there is no sender ${unknown}: ${measuredSenders.map(({ id }) => id).join(", ")}\n`);
  process.exit(2);
}

/** A few verdicts stand beside those of the same software only, and make them no newer. @throws Error when it is another */
function added(measurement: Measurement, known: Measurement | undefined): Measurement {
  if (values.posture === undefined) return measurement;
  if (known?.software === measurement.software) {
    const verdicts = Object.entries({ ...known.verdicts, ...measurement.verdicts }).sort();
    return { ...known, verdicts: Object.fromEntries(verdicts) };
  }
  const held = known?.software ?? "nothing";
  throw new Error(`the table holds ${held}, and this is ${measurement.software}: measure all postures`);
}

/** Keeps one measurement beside what the file holds of the others that are still in the list. */
function keep(measurement: Measurement): void {
  const known = existsSync(resultsFile) ? readResults() : [];
  const all = new Map(known.map((entry) => [entry.id, entry]));
  all.set(measurement.id, added(measurement, all.get(measurement.id)));
  const ordered = measuredSenders.map(({ id }) => all.get(id)).filter((found) => found !== undefined);
  writeFileSync(resultsFile, writeResults(ordered));
}

for (const sender of measuredSenders) {
  if (positionals.length > 0 && !positionals.includes(sender.id)) continue;
  const start = Date.now();
  try {
    const { measurement, report } = await measure(sender, values.posture);
    keep(measurement);
    const { held, weak, leaked, lost, inconclusive } = report.summary;
    const counts = `${held} held, ${weak} weak, ${leaked} leaked, ${lost} lost, ${inconclusive} inconclusive`;
    process.stdout.write(`${sender.id}: ${counts} in ${Math.round((Date.now() - start) / 1000)} s\n`);
  } catch (error) {
    process.stderr.write(`${sender.id}: ${messageOf(error)}\n`);
    process.exitCode = 1;
  }
}
