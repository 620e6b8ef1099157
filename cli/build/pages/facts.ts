import { factKinds } from "#facts/registry.ts";
import { show } from "#policy/assertion.ts";
import type { PolicySet } from "#policy/load.ts";
import { heading, table } from "./markdown.ts";

/** Every kind of fact with its attributes. */
export function factsPage({ rules }: PolicySet): string {
  const sections = factKinds.map((kind) => {
    const rows = Object.entries(kind.attributes).map(([name, { doc, schema }]) => [
      `\`${name}\``,
      schema.enum === undefined
        ? String(schema.type ?? "any")
        : schema.enum.map((value) => `\`${show(value)}\``).join(", "),
      doc,
    ]);
    const asking = rules.filter((rule) => rule.select.kind === kind.kind).map(({ id }) => `\`${id}\``);
    return [
      `## ${kind.kind}`,
      `**${kind.title}.** ${kind.doc}`,
      table(["attribute", "values", "meaning"], rows),
      `Rules that ask about it: ${asking.join(", ") || "none"}.`,
    ].join("\n\n");
  });
  const words = "What collectors, probes and load runs learn, and what rules ask about.";
  return `${heading("Facts", words)}\n${sections.join("\n\n")}\n`;
}
