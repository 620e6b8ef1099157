import { posix } from "node:path";
import type { Diagnostic } from "#base/diagnostic.ts";
import type { Collected, CollectHost, Collector, CollectUnit } from "#facts/collector.ts";
import type { Fact } from "#facts/fact.ts";
import { decisionFacts } from "./decisions.ts";
import { demandFacts } from "./demands.ts";
import { readParts } from "./parts.ts";
import { recordFacts } from "./records.ts";
import { vendorFacts } from "./vendors.ts";

/** Takes over what an organisation states about itself. Each `compliance.yaml`, with what it includes, is a unit. */
export const collector: Collector = {
  group: (files) => files.map((file): CollectUnit => ({ id: file, files: [file] })),
  async collect(unit: CollectUnit, host: CollectHost): Promise<Collected> {
    const facts: Fact[] = [];
    const diagnostics: Diagnostic[] = [];
    for (const file of unit.files) {
      const read = await readParts(file, host);
      diagnostics.push(...read.diagnostics);
      const [own] = read.parts;
      if (own === undefined) continue;
      const ids = new Set<string>();
      const today = host.options.asOf ?? new Date().toISOString().slice(0, 10);
      for (const part of read.parts) {
        const decided = decisionFacts(part, own.content.decisionPolicy ?? {}, posix.dirname(file), ids);
        facts.push(...decided.facts, ...vendorFacts(part, host, today), ...demandFacts(part));
        diagnostics.push(...decided.diagnostics);
      }
      facts.push(...recordFacts(read.parts, host, today));
    }
    return { facts, diagnostics };
  },
};
