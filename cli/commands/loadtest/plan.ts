import { Command, Flags } from "@oclif/core";
import { parseDuration } from "#base/duration.ts";
import { UsageError } from "#cli/errors.ts";
import { jsonFormatFlag } from "#cli/flags.ts";
import { numberFlag } from "#cli/loadtest/flags.ts";
import { print } from "#cli/output.ts";
import { alignColumns } from "#cli/ui/text.ts";
import type { Reckoning } from "#loadtests/index.ts";

export class LoadtestPlanCommand extends Command {
  static override summary = "say how many pods, connections and ports a rate takes";
  static override description =
    "Reckons from what messages cost k6 and the sink on the machine that the figures were measured on, over STARTTLS with AUTH; " +
    "yours may be slower or faster, and the gates of the run say so. How long a connection is busy with a message stands in a report " +
    "of your send path (phases, transaction). Exit codes: 0 reckoned, 2 wrong usage.";
  static override examples = [
    "<%= config.bin %> loadtest plan --target-rate 5000",
    "<%= config.bin %> loadtest plan --target-rate 800 --size 102400 --transaction 250ms --format json",
    "<%= config.bin %> loadtest plan --target-rate 1000 --connect-per-message",
  ];
  static override flags = {
    "target-rate": numberFlag({ required: true, description: "messages a second" }),
    size: numberFlag({ default: 10_240, description: "octets of each message" }),
    transaction: Flags.string({
      default: "100ms",
      helpValue: "DURATION",
      description: "how long a connection is busy with one message",
    }),
    "connect-per-message": Flags.boolean({ description: "the sender opens a connection for each message" }),
    processors: numberFlag({ default: 1, description: "processors of each pod" }),
    format: jsonFormatFlag,
  };

  async run(): Promise<void> {
    const { flags } = await this.parse(LoadtestPlanCommand);
    const { reckon } = await import("#loadtests/index.ts");
    const reckoning = reckon({
      rate: flags["target-rate"],
      size: Math.round(flags.size),
      transactionMs: milliseconds(flags.transaction),
      connectPerMessage: flags["connect-per-message"],
      processors: flags.processors,
    });
    await print(flags.format === "json" ? `${JSON.stringify(reckoning, undefined, 2)}\n` : words(reckoning));
  }
}

function milliseconds(text: string): number {
  const short = /^(\d+(?:\.\d+)?) ?ms$/.exec(text.trim());
  const value = short === null ? (parseDuration(text) ?? Number.NaN) * 1000 : Number(short[1]);
  if (value > 0) return value;
  throw new UsageError(`--transaction ${text}: this is no length of time. Write 80ms or 1s.`);
}

const reasons: Readonly<Record<Reckoning["because"], string>> = {
  "one is enough": "one is enough",
  processors: "so that none is busy with itself",
  ports: "so that local ports do not run out: a closed connection keeps its port for a minute",
};

function words(reckoning: Reckoning): string {
  const { demand, pods, processors, microseconds, connections, ports, users, measured } = reckoning;
  const count = (value: number): string => value.toLocaleString("en-US");
  const rows = [
    ["  pods", count(pods), reasons[reckoning.because]],
    [
      "  processors",
      `${processors.generator} + ${processors.sink}`,
      `k6 and sink: ${microseconds.generator} + ${microseconds.sink} µs a message, and 40 % to spare`,
    ],
    [
      "  connections",
      count(connections.total),
      `${count(connections.perPod)} a pod, half of them idle in the mean`,
    ],
    ["  ports", count(ports.perPod), `a pod, of ${count(ports.available)}`],
    ["  memory", `${reckoning.memoryMegabytesPerPod} MB`, `a pod, for ${count(users.perPod)} virtual users`],
  ];
  const still = `The server may stand still for ${reckoning.standstillSeconds} s before messages cannot be begun, which would make the run invalid.`;
  const ceiling =
    demand.rate > 2000
      ? [`A run above 2,000 messages a second needs --ceiling-rate ${Math.ceil(demand.rate)}.`]
      : [];
  const one =
    processors.sink > 1 ? ["One sink is not enough with one processor: give its Deployment more."] : [];
  return [
    `${count(demand.rate)} messages a second of ${count(demand.size)} octets take:`,
    "",
    ...alignColumns(rows),
    "",
    still,
    ...one,
    ...ceiling,
    `Measured on ${measured.at} with ${measured.processors}, k6 ${measured.k6}.`,
    "",
  ].join("\n");
}
