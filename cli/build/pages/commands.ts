import type { Command } from "@oclif/core";
import { COMMANDS } from "../../commands/all.ts";
import { heading, table } from "./markdown.ts";

/** Every command with its arguments, flags and examples. */
export function commandsPage(): string {
  const sections = Object.entries(COMMANDS).map(([id, command]) =>
    section(id, command as unknown as typeof Command),
  );
  const codes = table(
    ["exit code", "meaning"],
    [
      ["0", "nothing fails"],
      ["1", "something fails"],
      ["2", "wrong usage or configuration"],
      [
        "3",
        "could not be decided: input that does not parse, nothing judged at all, or unknowns under `--fail-on unknown`",
      ],
      ["70", "internal error"],
    ],
  );
  const words = `A bare \`hipaa-check PATH…\` is \`hipaa-check check PATH…\`.\n\n${codes}`;
  return `${heading("Commands", words)}\n${sections.join("\n\n")}\n`;
}

function section(id: string, command: typeof Command): string {
  const flags = Object.entries(command.flags ?? {}).map(([name, flag]) => {
    const value = flag.type === "option" ? ` ${flag.helpValue ?? (flag.options ?? []).join("|")}` : "";
    return [`\`--${`${name}${value}`.trim()}\``, flag.description ?? ""];
  });
  const parameters = Object.entries(command.args ?? {}).map(([name, argument]) => [
    `\`${name.toUpperCase()}\`${argument.required === true ? "" : " (optional)"}`,
    argument.description ?? "",
  ]);
  const examples = (command.examples ?? []).map((example) =>
    String(example).replaceAll("<%= config.bin %>", "hipaa-check"),
  );
  return [
    `## ${id.replaceAll(":", " ")}`,
    capitalized(`${command.summary ?? ""}. ${command.description ?? ""}`.trim()),
    ...(parameters.length > 0 ? [table(["argument", "meaning"], parameters)] : []),
    ...(flags.length > 0 ? [table(["flag", "meaning"], flags)] : []),
    `\`\`\`\n${examples.join("\n")}\n\`\`\``,
  ].join("\n\n");
}

function capitalized(sentence: string): string {
  return `${sentence.charAt(0).toUpperCase()}${sentence.slice(1)}`;
}
