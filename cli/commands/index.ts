import { CheckCommand } from "./check.ts";
import { ExplainCommand } from "./explain.ts";
import { FactsCommand } from "./facts.ts";
import { PoliciesDiffCommand } from "./policies/diff.ts";
import { PoliciesListCommand } from "./policies/list.ts";
import { PoliciesShowCommand } from "./policies/show.ts";
import { PoliciesTestCommand } from "./policies/test.ts";

/** Every command. A new one is a file beside this one and one line here. */
export const COMMANDS = {
  check: CheckCommand,
  explain: ExplainCommand,
  facts: FactsCommand,
  "policies:diff": PoliciesDiffCommand,
  "policies:list": PoliciesListCommand,
  "policies:show": PoliciesShowCommand,
  "policies:test": PoliciesTestCommand,
};
