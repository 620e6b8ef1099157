import type { Command } from "@oclif/core";
import { BaselineUpdateCommand } from "./baseline/update.ts";
import { CheckCommand } from "./check.ts";
import { EvidenceBuildCommand } from "./evidence/build.ts";
import { EvidenceDiffCommand } from "./evidence/diff.ts";
import { EvidenceKeysNewCommand } from "./evidence/keys/new.ts";
import { EvidenceShowCommand } from "./evidence/show.ts";
import { EvidenceVerifyCommand } from "./evidence/verify.ts";
import { ExplainCommand } from "./explain.ts";
import { FactsCommand } from "./facts.ts";
import { LoadtestBuildCommand } from "./loadtest/build.ts";
import { LoadtestCompareCommand } from "./loadtest/compare.ts";
import { LoadtestMergeCommand } from "./loadtest/merge.ts";
import { LoadtestNewCommand } from "./loadtest/new.ts";
import { LoadtestRunCommand } from "./loadtest/run.ts";
import { PoliciesDiffCommand } from "./policies/diff.ts";
import { PoliciesListCommand } from "./policies/list.ts";
import { PoliciesShowCommand } from "./policies/show.ts";
import { PoliciesTestCommand } from "./policies/test.ts";
import { SandboxDownCommand } from "./sandbox/down.ts";
import { SandboxInboxListCommand } from "./sandbox/inbox/list.ts";
import { SandboxInboxShowCommand } from "./sandbox/inbox/show.ts";
import { SandboxInboxWaitCommand } from "./sandbox/inbox/wait.ts";
import { SandboxProbeCommand } from "./sandbox/probe.ts";
import { SandboxStatusCommand } from "./sandbox/status.ts";
import { SandboxUpCommand } from "./sandbox/up.ts";

/** Every command. A new one is a file beside this one and one line here. */
export const COMMANDS = {
  "baseline:update": BaselineUpdateCommand,
  check: CheckCommand,
  "evidence:build": EvidenceBuildCommand,
  "evidence:diff": EvidenceDiffCommand,
  "evidence:keys:new": EvidenceKeysNewCommand,
  "evidence:show": EvidenceShowCommand,
  "evidence:verify": EvidenceVerifyCommand,
  explain: ExplainCommand,
  facts: FactsCommand,
  "loadtest:build": LoadtestBuildCommand,
  "loadtest:compare": LoadtestCompareCommand,
  "loadtest:merge": LoadtestMergeCommand,
  "loadtest:new": LoadtestNewCommand,
  "loadtest:run": LoadtestRunCommand,
  "policies:diff": PoliciesDiffCommand,
  "policies:list": PoliciesListCommand,
  "policies:show": PoliciesShowCommand,
  "policies:test": PoliciesTestCommand,
  "sandbox:down": SandboxDownCommand,
  "sandbox:inbox:list": SandboxInboxListCommand,
  "sandbox:inbox:show": SandboxInboxShowCommand,
  "sandbox:inbox:wait": SandboxInboxWaitCommand,
  "sandbox:probe": SandboxProbeCommand,
  "sandbox:status": SandboxStatusCommand,
  "sandbox:up": SandboxUpCommand,
};

// A repeatable flag takes one value each time, so that a path may follow it.
for (const { flags = {} } of Object.values<Command.Class>(COMMANDS)) {
  for (const flag of Object.values(flags)) {
    if (flag.type === "option" && flag.multiple === true) flag.multipleNonGreedy = true;
  }
}
