import { fileURLToPath } from "node:url";
import { version } from "#cli/version.ts";

const topics = {
  baseline: { description: "findings that are known" },
  evidence: { description: "bundles that an auditor can verify alone" },
  "evidence:keys": { description: "keys for signing bundles" },
  loadtest: { description: "load tests of the send path" },
  policies: { description: "editions and rules" },
  sandbox: { description: "a mail server for tests, and proof on the wire" },
  "sandbox:inbox": { description: "what arrived in the sandbox" },
};

/** What oclif is told of this program. */
export const program = {
  root: fileURLToPath(new URL(".", import.meta.url)),
  pjson: {
    name: "hipaa-check",
    version,
    oclif: { bin: "hipaa-check", dirname: "hipaa-check", topicSeparator: " " as const, topics },
  },
};
