import { readFileSync } from "node:fs";
import { resolve } from "node:path";
import { Args, Command, Flags } from "@oclif/core";
import { decodeText } from "#base/files.ts";
import { type Compared, compareWithBaseline, readBaseline, writeBaseline } from "#cli/baseline.ts";
import { type Earlier, judgeEarlier, keepChanged } from "#cli/changed-since.ts";
import { creationTime, secondsText } from "#cli/evidence/build/times.ts";
import { decideOutcome, type FailOn, failOnChoices, sayNothingJudged } from "#cli/exit-code.ts";
import { applyFilters } from "#cli/filters.ts";
import { collectFlags, editionFlag, filterFlags } from "#cli/flags.ts";
import { GitAuthors } from "#cli/git/authors.ts";
import { checkRequest, requirePaths } from "#cli/input.ts";
import { chooseDestinations, print, requireWritable, writeWhole } from "#cli/output.ts";
import { chooseEditions, readPolicies } from "#cli/policies.ts";
import { Progress } from "#cli/progress.ts";
import { type Format, formats, reporters } from "#cli/reporters/registry.ts";
import { pathReference, type ReportContext } from "#cli/reporters/reporter.ts";
import { bare, columnsOf, styleFor } from "#cli/ui/style.ts";
import { printableName } from "#cli/ui/text.ts";
import { type Checked, check } from "#engine/check.ts";
import type { Severity } from "#policy/rule.ts";

export class CheckCommand extends Command {
  static override summary = "check configurations and code against HIPAA editions";
  static override description =
    "Collects facts from the given files and folders, holds every rule against them and reports each verdict. " +
    "Exit codes: 0 nothing fails, 1 something fails, 2 wrong usage or configuration, 3 could not be decided, 70 internal error.";
  static override examples = [
    "<%= config.bin %> check infrastructure mail",
    "<%= config.bin %> check . --edition hipaa-2013 --edition hipaa-nprm-2025",
    "<%= config.bin %> check . --format terminal --format sarif --output - --output hipaa-check.sarif",
    "<%= config.bin %> check . --fail-on high --fail-on unknown",
    "<%= config.bin %> check . --changed-since origin/main",
  ];
  static override strict = false;
  static override args = {
    path: Args.string({ description: "file or folder (repeatable); default: this folder" }),
  };
  static override flags = {
    edition: editionFlag,
    format: Flags.string({
      multiple: true,
      options: formats,
      helpValue: "FORMAT",
      description: `output format (repeatable): ${formats.join(", ")}; default: terminal`,
    }),
    output: Flags.string({
      multiple: true,
      helpValue: "FILE",
      description: "file for the format at the same place, - for standard output (repeatable)",
    }),
    "fail-on": Flags.string({
      multiple: true,
      options: [...failOnChoices],
      helpValue: "WHAT",
      description:
        "what fails the gate (repeatable): critical, high, medium or low and what is above it, unknown, proposed, never; default: low",
    }),
    baseline: Flags.string({
      helpValue: "FILE",
      description:
        "findings that are known and do not fail the gate; what was fixed is taken out of the file",
    }),
    "changed-since": Flags.string({
      helpValue: "REF",
      description:
        "only what changed since the work tree parted from this commit, branch or tag; both states are judged whole",
    }),
    "allow-empty": Flags.boolean({ description: "a run that judged nothing succeeds" }),
    verbose: Flags.boolean({ char: "v", description: "list passes and what does not apply too" }),
    ...collectFlags,
    ...filterFlags,
  };

  async run(): Promise<void> {
    const { argv, flags } = await this.parse(CheckCommand);
    const workingFolder = process.cwd();
    const paths = requirePaths(workingFolder, argv as string[]);
    const destinations = chooseDestinations((flags.format ?? []) as Format[], flags.output ?? [], "terminal");
    for (const { file } of destinations) if (file !== undefined) requireWritable(file);
    const baseline = flags.baseline === undefined ? undefined : await readBaseline(flags.baseline);
    const policies = readPolicies(workingFolder, flags.config);
    const editions = chooseEditions(policies, flags.edition ?? []);
    const since = flags["changed-since"];
    const question = { workingFolder, paths, edition: flags.edition, config: flags.config, flags };
    const earlier = since === undefined ? undefined : await judgeEarlier(since, question);
    const progress = new Progress();
    using authors = new GitAuthors(workingFolder);
    const checked = await check({
      ...checkRequest(workingFolder, paths, flags, policies, editions),
      findAuthors: authors.find,
      onProgress: progress.report,
    });
    const { report: judged, secrets } = checked;
    const compared = baseline === undefined ? undefined : compareWithBaseline(judged, baseline);
    const full = compared?.report ?? judged;
    const filters = {
      rule: flags.rule ?? [],
      control: flags.control ?? [],
      requirement: flags.requirement ?? [],
      severity: flags.severity as Severity | undefined,
      path: flags.path ?? [],
    };
    const { report: filtered, words } = applyFilters(full, filters, policies.rules);
    const kept = earlier === undefined ? filtered : keepChanged(filtered, earlier);
    progress.finish();
    if (earlier !== undefined) sayUnusable(earlier);
    if (compared !== undefined && flags.baseline !== undefined) shrink(flags.baseline, compared);
    const isJudged = earlier !== undefined && filtered.results.length > 0;
    const failOn = (flags["fail-on"] ?? []) as FailOn[];
    const outcome = decideOutcome(kept, failOn, flags["allow-empty"] || isJudged);
    const report = sayNothingJudged(kept, outcome);
    const input = inputReferences(checked);
    for (const { format, file } of destinations) {
      const context: ReportContext = {
        style: file === undefined ? styleFor(process.stdout) : bare,
        columns: columnsOf(process.stdout),
        verbose: flags.verbose,
        read: (path) => readForFrame(workingFolder, path),
        secrets,
        outcome,
        isCounted: (result) => outcome.counted.has(result),
        editions,
        rules: policies.rules,
        get time() {
          return timeOf(flags["as-of"]);
        },
        input,
        filters: since === undefined ? words : [...words, `changed since ${since}`],
      };
      const render = await reporters[format]();
      const content = render(report, context);
      if (file === undefined) await print(content);
      else writeWhole(file, content);
    }
    process.exitCode = outcome.exitCode;
  }
}

function sayUnusable({ unusable }: Earlier): void {
  if (unusable === undefined) return;
  process.stderr.write(
    `hipaa-check: --changed-since: the files of then could not be judged, so everything counts as changed: ${unusable}\n`,
  );
}

/** Takes what was fixed, or is lifted by a decision, out of the baseline, and says so. */
function shrink(file: string, { fixed, decided, remaining }: Compared): void {
  const takenOut = fixed.length + decided.length;
  if (takenOut === 0) return;
  writeBaseline(file, remaining);
  for (const [word, findings] of [
    ["fixed", fixed],
    ["decided", decided],
  ] as const)
    for (const { rule, fact, file: place } of findings)
      process.stderr.write(`hipaa-check: ${word}: ${rule} ${printableName(`${fact} (${place})`)}\n`);
  const left = remaining.findings.length;
  process.stderr.write(`hipaa-check: ${file}: ${takenOut} taken out, ${left} left\n`);
}

/** `SOURCE_DATE_EPOCH`, the beginning of the day that counts as today, or now. */
function timeOf(asOf: string | undefined): string {
  const { SOURCE_DATE_EPOCH: epoch } = process.env;
  if (asOf !== undefined && (epoch === undefined || epoch === "")) return `${asOf}T00:00:00Z`;
  return secondsText(creationTime());
}

/** Judged files where they stand, with their digests; these are made when the first is asked for. */
function inputReferences(checked: Checked): ReportContext["input"] {
  let digests: ReadonlyMap<string, string> | undefined;
  return (path) => {
    digests ??= new Map(checked.inputs.map((each) => [each.path, each.sha256]));
    const sha256 = digests.get(path);
    const href = pathReference(path);
    return sha256 === undefined ? { href } : { href, sha256, judgedSha256: sha256 };
  };
}

function readForFrame(workingFolder: string, path: string): string | undefined {
  try {
    return decodeText(readFileSync(resolve(workingFolder, path)));
  } catch {
    return undefined;
  }
}
