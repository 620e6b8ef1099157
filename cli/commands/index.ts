import type { Command } from "@oclif/core";

/** Every command, loaded when it is needed. A new one is a file beside this one and one line here. */
export const commands: Readonly<Record<string, () => Promise<Command.Class>>> = {
  "baseline:update": async () => (await import("./baseline/update.ts")).BaselineUpdateCommand,
  check: async () => (await import("./check.ts")).CheckCommand,
  decide: async () => (await import("./decide.ts")).DecideCommand,
  "decide:renew": async () => (await import("./decide/renew.ts")).DecideRenewCommand,
  "evidence:build": async () => (await import("./evidence/build.ts")).EvidenceBuildCommand,
  "evidence:diff": async () => (await import("./evidence/diff.ts")).EvidenceDiffCommand,
  "evidence:keys:new": async () => (await import("./evidence/keys/new.ts")).EvidenceKeysNewCommand,
  "evidence:show": async () => (await import("./evidence/show.ts")).EvidenceShowCommand,
  "evidence:timestamp": async () => (await import("./evidence/timestamp.ts")).EvidenceTimestampCommand,
  "evidence:verify": async () => (await import("./evidence/verify.ts")).EvidenceVerifyCommand,
  doctor: async () => (await import("./doctor.ts")).DoctorCommand,
  explain: async () => (await import("./explain.ts")).ExplainCommand,
  facts: async () => (await import("./facts.ts")).FactsCommand,
  "loadtest:build": async () => (await import("./loadtest/build.ts")).LoadtestBuildCommand,
  "loadtest:compare": async () => (await import("./loadtest/compare.ts")).LoadtestCompareCommand,
  "loadtest:export": async () => (await import("./loadtest/export.ts")).LoadtestExportCommand,
  "loadtest:merge": async () => (await import("./loadtest/merge.ts")).LoadtestMergeCommand,
  "loadtest:new": async () => (await import("./loadtest/new.ts")).LoadtestNewCommand,
  "loadtest:plan": async () => (await import("./loadtest/plan.ts")).LoadtestPlanCommand,
  "loadtest:run": async () => (await import("./loadtest/run.ts")).LoadtestRunCommand,
  "policies:diff": async () => (await import("./policies/diff.ts")).PoliciesDiffCommand,
  "policies:list": async () => (await import("./policies/list.ts")).PoliciesListCommand,
  "policies:show": async () => (await import("./policies/show.ts")).PoliciesShowCommand,
  "policies:test": async () => (await import("./policies/test.ts")).PoliciesTestCommand,
  "sandbox:down": async () => (await import("./sandbox/down.ts")).SandboxDownCommand,
  "sandbox:inbox:list": async () => (await import("./sandbox/inbox/list.ts")).SandboxInboxListCommand,
  "sandbox:inbox:show": async () => (await import("./sandbox/inbox/show.ts")).SandboxInboxShowCommand,
  "sandbox:inbox:wait": async () => (await import("./sandbox/inbox/wait.ts")).SandboxInboxWaitCommand,
  "sandbox:probe": async () => (await import("./sandbox/probe.ts")).SandboxProbeCommand,
  "sandbox:status": async () => (await import("./sandbox/status.ts")).SandboxStatusCommand,
  "sandbox:up": async () => (await import("./sandbox/up.ts")).SandboxUpCommand,
};

/** The class of a command. */
export async function loadCommand(id: string): Promise<Command.Class> {
  const load = commands[id];
  if (load === undefined) throw new Error(`There is no command ${id}.`);
  const command = await load();
  command.id = id;
  // A repeatable flag takes one value each time, so that a path may follow it.
  for (const flag of Object.values(command.flags ?? {})) {
    if (flag.type === "option" && flag.multiple === true) flag.multipleNonGreedy = true;
  }
  return command;
}
