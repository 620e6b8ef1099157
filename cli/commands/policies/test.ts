import { existsSync, readFileSync } from "node:fs";
import { dirname, resolve } from "node:path";
import { Args, Command } from "@oclif/core";
import { diagnosticLine, UsageError } from "#cli/errors.ts";
import { configFlag } from "#cli/flags.ts";
import { print } from "#cli/output.ts";
import { chooseEditions, type Policies, readPolicies } from "#cli/policies.ts";
import { styleFor } from "#cli/ui/style.ts";
import { counted } from "#cli/ui/text.ts";
import { type Case, readCases, runCase } from "#engine/cases.ts";
import { findRule } from "#policy/load.ts";
import type { Rule } from "#policy/rule.ts";

export class PoliciesTestCommand extends Command {
  static override summary = "run the cases of own rules";
  static override description =
    "Runs cases.yaml beside each rule.yaml of the given folders, or of the folders that hipaa-check.yaml names. " +
    "Exit codes: 0 all as expected, 1 a case differs, 2 wrong usage, 3 a rule has no cases or a policy file is broken.";
  static override examples = [
    "<%= config.bin %> policies test",
    "<%= config.bin %> policies test our-policies",
  ];
  static override strict = false;
  static override args = { folder: Args.string({ description: "folder of rules (repeatable)" }) };
  static override flags = { config: configFlag };

  async run(): Promise<void> {
    const { argv, flags } = await this.parse(PoliciesTestCommand);
    const workingFolder = process.cwd();
    const policies = readPolicies(workingFolder, flags.config, argv as string[]);
    if (policies.ownRules.size + policies.diagnostics.length === 0) {
      throw new UsageError(
        "There are no own rules to test. Name a folder, or list one under policies in hipaa-check.yaml.",
      );
    }
    const style = styleFor(process.stdout);
    const lines: string[] = policies.diagnostics.map(
      (diagnostic) => `${style("red", "error")}  ${diagnosticLine(diagnostic)}`,
    );
    const counts = { passed: 0, failed: 0 };
    let undecided = policies.diagnostics.length;
    for (const [id, file] of policies.ownRules) {
      const { cases, problems } = readRuleCases(workingFolder, file);
      lines.push(...problems);
      undecided += problems.length;
      const rule = findRule(policies.rules, id);
      if (rule === undefined) continue;
      for (const example of cases) {
        const differences = await differencesOf(policies, rule, example);
        counts[differences.length === 0 ? "passed" : "failed"] += 1;
        const mark = differences.length === 0 ? style("green", "pass") : style("red", "fail");
        lines.push(`${mark}  ${id}: ${example.name}`, ...differences.map((words) => `      ${words}`));
      }
    }
    lines.push(`${counted(counts.passed, "case")} passed, ${counts.failed} failed`);
    await print(`${lines.join("\n")}\n`);
    process.exitCode = counts.failed > 0 ? 1 : undecided > 0 || counts.passed === 0 ? 3 : 0;
  }
}

async function differencesOf(policies: Policies, rule: Rule, example: Case): Promise<readonly string[]> {
  const [edition] = chooseEditions(policies, example.edition === undefined ? [] : [example.edition]);
  if (edition === undefined) throw new UsageError("There is no edition to judge the cases under.");
  return (await runCase(rule, edition, example)).differences;
}

function readRuleCases(
  workingFolder: string,
  rulePath: string,
): { cases: readonly Case[]; problems: string[] } {
  const path = `${dirname(rulePath)}/cases.yaml`;
  const absolute = resolve(workingFolder, path);
  if (!existsSync(absolute)) {
    return {
      cases: [],
      problems: [`${rulePath}: the rule has no cases. Add ${path} with a pass, a fail and an unknown.`],
    };
  }
  const { cases, diagnostics } = readCases({ path, text: readFileSync(absolute, "utf8") });
  return { cases, problems: diagnostics.map(diagnosticLine) };
}
