import type { Collected, CollectHost, Collector, CollectUnit } from "#facts/collector.ts";
import { readFactsFile } from "./read.ts";

/** Takes over the facts that probes, load runs and users' own programs wrote. Each file is a unit. */
export const collector: Collector = {
  group: (files) => files.map((file): CollectUnit => ({ id: file, files: [file] })),
  async collect(unit: CollectUnit, host: CollectHost): Promise<Collected> {
    const collected = await Promise.all(
      unit.files.map(async (file): Promise<Collected> => {
        const text = host.read(file);
        if (text === undefined || text.trim() === "") return { facts: [], diagnostics: [] };
        return await readFactsFile(file, text);
      }),
    );
    return {
      facts: collected.flatMap(({ facts }) => facts),
      diagnostics: collected.flatMap(({ diagnostics }) => diagnostics),
    };
  },
};
