import { Args, Command, Flags } from "@oclif/core";
import { parseDuration } from "#base/duration.ts";
import { UsageError } from "#cli/errors.ts";
import { jsonFormatFlag } from "#cli/flags.ts";
import { print } from "#cli/output.ts";
import { styleFor } from "#cli/ui/style.ts";

export class EvidenceVerifyCommand extends Command {
  static override summary = "verify a bundle, offline";
  static override description =
    "Every octet listed and signed, nothing missing and nothing extra, parts that agree with each other, by signers whom you trust. " +
    "Trust comes from you: give a fingerprint or public key that you got from the signer by another way than the bundle. " +
    "Of a series it says, too, where more time than --interval lies between two bundles, or since the last. " +
    "Exit codes: 0 authentic and whole, whatever the verdicts in it, 1 not, or a series with a gap, 2 wrong usage, 3 undecided, such as a signer whom nobody named.";
  static override examples = [
    "<%= config.bin %> evidence verify clinic.tar --trust 3f6c…",
    "<%= config.bin %> evidence verify audits --trust assessors.txt --interval '3 months'",
    "<%= config.bin %> evidence verify clinic.tar --trust assessor.pub --trust approver.pub --re-evaluate",
    "<%= config.bin %> evidence verify clinic.tar --trust assessor.pub --format json",
  ];
  static override strict = false;
  static override args = {
    bundle: Args.string({
      required: true,
      description: "the archive, or the folder form; several, or a folder of them, are a series",
    }),
  };
  static override flags = {
    trust: Flags.string({
      multiple: true,
      helpValue: "KEY|FINGERPRINT",
      description:
        "signer to trust: a fingerprint, a public key in PEM, or a file with one fingerprint a line (repeatable; each must have signed)",
    }),
    "trust-timestamp": Flags.string({
      multiple: true,
      helpValue: "CERT",
      description:
        "certificate (PEM) of an authority whose time stamps to believe, or of who certifies it; the bundle must have one (repeatable)",
    }),
    interval: Flags.custom<number>({
      helpValue: "DURATION",
      description: "longest time that your policy admits between two bundles of a series; default: 1 year",
      parse: async (text) => {
        const seconds = parseDuration(text);
        if (seconds !== undefined && seconds > 0) return seconds / 86_400;
        throw new UsageError(`--interval ${text}: this is no duration. Write for example 90d or '3 months'.`);
      },
    })(),
    format: jsonFormatFlag,
    "re-evaluate": Flags.boolean({
      description: "judge the inputs in the bundle again and compare the verdicts",
    }),
  };

  async run(): Promise<void> {
    const { argv, flags } = await this.parse(EvidenceVerifyCommand);
    const { bundlesAt, readAuthorities, readTrust, verificationOf, verifyBundle, verifySeries } =
      await import("#cli/evidence/index.ts");
    const request = {
      trust: {
        signers: (flags.trust ?? []).map(readTrust),
        authorities: (flags["trust-timestamp"] ?? []).flatMap(readAuthorities),
        now: new Date(),
      },
      reEvaluate: flags["re-evaluate"],
    };
    const paths = argv as string[];
    const bundles = bundlesAt(paths);
    const { renderSeries, renderVerified, seriesExitCode } = await import("#cli/reporters/bundles.ts");
    const [bundle = ""] = bundles;
    const style = styleFor(process.stdout);
    const isSeries = bundles.length > 1 || bundle !== paths[0] || flags.interval !== undefined;
    const longest = flags.interval ?? usualIntervalDays;
    if (flags.format === "json") {
      const series = await verifySeries(bundles, request, isSeries ? longest : Number.POSITIVE_INFINITY);
      const [only] = series.entries;
      if (!isSeries && only !== undefined && "error" in only && only.error.kind === "usage") throw only.error;
      const verification = verificationOf(series, isSeries ? longest : undefined);
      await print(`${JSON.stringify(verification, undefined, 2)}\n`);
      process.exitCode = seriesExitCode(series);
      return;
    }
    if (!isSeries) {
      await print(renderVerified(bundle, await verifyBundle({ ...request, bundle }), style));
      return;
    }
    const series = await verifySeries(bundles, request, longest);
    await print(renderSeries(series, longest, style));
    process.exitCode = seriesExitCode(series);
  }
}

/** No rule that is in force names a number: a year, and a day for the leap. */
const usualIntervalDays = 366;
