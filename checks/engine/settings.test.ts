import { describe, expect, test } from "vitest";
import type { Rule } from "#policy/rule.ts";
import { type Configuration, readConfiguration } from "./configuration.ts";
import { RuleSettings } from "./settings.ts";

function rule(id: string, ...aliases: string[]): Rule {
  return {
    id,
    aliases,
    title: id,
    severity: "high",
    what: "",
    why: "",
    do: "",
    select: { kind: "mail.route" },
    requirements: ["TLS-01"],
  };
}

const rules = [rule("mail/outbound-tls", "mail/starttls"), rule("logs/retention")];

function settings(texts: Readonly<Record<string, string>>): RuleSettings {
  const configurations = Object.entries(texts).map(([folder, text]): [string, Configuration] => {
    const path = folder === "." ? "hipaa-check.yaml" : `${folder}/hipaa-check.yaml`;
    const { configuration, diagnostics } = readConfiguration(path, text);
    if (configuration === undefined) throw new Error(diagnostics[0]?.message);
    return [folder, configuration];
  });
  return new RuleSettings(new Map(configurations), rules);
}

/** What counts for outbound TLS in a file: `off`, a severity, or nothing. */
function forFile(read: RuleSettings, file: string): string | undefined {
  const setting = read.find("mail/outbound-tls", file)?.setting;
  return typeof setting === "object" ? setting.severity : setting;
}

describe("what hipaa-check.yaml says of a rule", () => {
  test("counts for all files below its folder, the nearer file deciding", () => {
    const read = settings({
      ".": "rules: { mail/outbound-tls: { severity: low } }",
      "a/b": "rules: { mail/outbound-tls: { severity: critical } }",
      "a/b/c": "rules: { logs/retention: off }",
    });
    expect(
      ["x.tf", "a/x.tf", "a/bb/x.tf", "a/b/x.tf", "a/b/c/d/x.tf"].map((file) => forFile(read, file)),
    ).toEqual(["low", "low", "low", "critical", "critical"]);
    expect(read.find("logs/retention", "a/b/c/x.tf")?.location).toMatchObject({
      file: "a/b/c/hipaa-check.yaml",
      line: 1,
    });
  });

  test("counts under an earlier id of the rule", () => {
    expect(forFile(settings({ ".": "rules: { mail/starttls: off }" }), "x.tf")).toBe("off");
  });

  test("is narrowed by paths, relative to its folder, the last that fits deciding", () => {
    const read = settings({
      a: [
        "rules: { mail/outbound-tls: { severity: low } }",
        "paths:",
        "  - { files: [old/, '!old/kept.tf', '*.gen.tf'], rules: { mail/outbound-tls: off } }",
        "  - { files: [/top.tf], rules: { mail/outbound-tls: { severity: critical } } }",
      ].join("\n"),
    });
    const files = ["x.tf", "a/x.tf", "a/old/x.tf", "a/b/x.gen.tf", "a/top.tf", "a/b/top.tf"];
    expect(files.map((file) => forFile(read, file))).toEqual([
      undefined,
      "low",
      "off",
      "off",
      "critical",
      "low",
    ]);
  });

  test("counts outside the working folder, but for paths, which cannot fit there", () => {
    const read = settings({
      ".": "rules: { mail/outbound-tls: off }\npaths: [{ files: ['*'], rules: { mail/outbound-tls: { severity: low } } }]",
      "../other": "rules: { mail/outbound-tls: { severity: critical } }",
    });
    expect(
      ["../x.tf", "../../x/y.tf", "/etc/x.tf", "../other/x.tf", "x.tf"].map((file) => forFile(read, file)),
    ).toEqual(["off", "off", "off", "critical", "low"]);
  });

  test("does nothing for a rule that there is not, and says so", () => {
    const read = settings({ ".": "rules:\n  mail/outbound: off\n" });
    expect(read.diagnostics).toMatchObject([
      { level: "warning", code: "configuration-rule", location: { file: "hipaa-check.yaml", line: 2 } },
    ]);
    expect(forFile(read, "x.tf")).toBeUndefined();
  });
});
