import { readFileSync } from "node:fs";
import { fileURLToPath } from "node:url";
import { Args, Command } from "@oclif/core";
import { UsageError } from "#cli/errors.ts";
import { interruption } from "#cli/interrupt.ts";
import { type LoadFlags, loadFlags } from "#cli/loadtest/flags.ts";
import { readPlan } from "#cli/loadtest/plan.ts";
import { openPath, readServer } from "#cli/loadtest/target.ts";
import { chooseDestinations, requireWritable } from "#cli/output.ts";
import { readOwnConfiguration } from "#cli/policies.ts";
import { Progress } from "#cli/progress.ts";
import type { LoadFormat } from "#cli/reporters/loadtest/registry.ts";
import { version } from "#cli/version.ts";
import type { Addresses, LoadReport } from "#loadtests/index.ts";

export class LoadtestRunCommand extends Command {
  static override summary = "load a send path with k6 and hold what was measured against service levels";
  static override description =
    "Sends synthetic mail at a steady arrival rate, whatever the server does, and measures what was accepted, what arrived and how late, " +
    "from the moment at which each message was to be sent. Figures that cannot be trusted make the run invalid. " +
    "Exit codes: 0 service levels met, 1 not met, 2 wrong usage, 3 invalid or not measured.";
  static override examples = [
    "<%= config.bin %> loadtest run smoke",
    "<%= config.bin %> loadtest run transactional --rate 50 --duration 30s",
    "<%= config.bin %> loadtest run marketing --smtp smtp+starttls://localhost:587 --ca ca.pem --sink 127.0.0.1:2525",
    "<%= config.bin %> loadtest run isolation --format terminal --format html --output - --output isolation.html",
  ];
  static override args = {
    profile: Args.string({ required: true, description: "id of a shipped profile, or a file" }),
  };
  static override flags = loadFlags;

  async run(): Promise<void> {
    const { args, flags } = await this.parse(LoadtestRunCommand);
    const destinations = chooseDestinations(
      (flags.format ?? []) as LoadFormat[],
      flags.output ?? [],
      "terminal",
    );
    for (const { file } of destinations) if (file !== undefined) requireWritable(file);
    const { facts: factsFile } = flags;
    if (factsFile !== undefined) (await import("#cli/loadtest/facts.ts")).requireFactsFile(factsFile);
    const load = await import("#loadtests/index.ts");
    const plan = await readPlan(args.profile, flags);
    const addresses = addressesOf(flags, load.defaultAddresses);
    load.requireSynthetic(addresses, flags["own-recipients"]);
    const owned = readOwnConfiguration(process.cwd(), flags.config)?.owned ?? [];
    const server = await readServer(flags, owned);
    const k6 = await load.findK6([process.cwd(), packageFolder()]);
    const signal = interruption();
    const progress = new Progress();
    let report: LoadReport;
    {
      await using open = await openPath(flags, server, owned, k6, signal);
      report = await load.runLoad({
        plan,
        path: open.path,
        ...(open.sink === undefined ? {} : { sink: open.sink }),
        addresses,
        k6,
        version,
        onProgress: progress.report,
        signal,
      });
    }
    progress.finish();
    if (factsFile !== undefined) {
      const { writeLoadFacts } = await import("#cli/loadtest/facts.ts");
      report = writeLoadFacts(report, factsFile);
    }
    const { writeLoadReport } = await import("#cli/reporters/loadtest/registry.ts");
    await writeLoadReport(report, destinations);
    process.exitCode = load.loadExitCode(report);
  }
}

function packageFolder(): string {
  return fileURLToPath(new URL("..", import.meta.url));
}

function addressesOf(flags: LoadFlags, usual: Addresses): Addresses {
  const list = flags["recipient-list"];
  if (list === undefined)
    return { ...usual, recipientDomain: flags["recipient-domain"] ?? usual.recipientDomain };
  let lines: string[];
  try {
    lines = readFileSync(list, "utf8").split(/\r?\n/);
  } catch (error) {
    throw new UsageError(
      `--recipient-list ${list} could not be read (${(error as NodeJS.ErrnoException).code}).`,
    );
  }
  const recipients = lines.map((line) => line.trim()).filter((line) => line !== "" && !line.startsWith("#"));
  const wrong = recipients.findIndex((address) => !/^[^\s@]+@[^\s@]+$/.test(address));
  if (wrong !== -1) throw new UsageError(`--recipient-list ${list}: "${recipients[wrong]}" is no address.`);
  if (recipients.length === 0) throw new UsageError(`--recipient-list ${list} names nobody.`);
  return { ...usual, recipients };
}
