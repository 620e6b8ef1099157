import type { BundleDifference, Manifest, OpenedBundle, Verified } from "#cli/evidence/index.ts";
import type { Style } from "#cli/ui/style.ts";
import { alignColumns, counted, printable } from "#cli/ui/text.ts";

function countsOf({ summary }: Manifest): string {
  const { pass = 0, fail = 0, unknown = 0, excepted = 0, notApplicable = 0, errors = 0 } = summary;
  return `${fail} fail, ${unknown} could not tell, ${excepted} excepted, ${pass} pass, ${notApplicable} not applicable; ${counted(errors, "error")}`;
}

function headLines(manifest: Manifest): string[] {
  const kept = manifest.inputs.filter(({ member }) => member !== null).length;
  const masked = manifest.inputs.reduce((sum, { redactions }) => sum + redactions.length, 0);
  return alignColumns([
    ["  made", `${manifest.createdAt} by hipaa-check ${manifest.tool.version}, as of ${manifest.asOf}`],
    ["  keep until", manifest.retainUntil],
    ["  editions", manifest.editions.map(({ id, status }) => `${id} (${status})`).join(", ")],
    ["  results", countsOf(manifest)],
    [
      "  inputs",
      `${manifest.inputs.length}, ${kept} kept whole or masked, ${masked === 0 ? "no" : masked} lines masked`,
    ],
    ["  files", String(manifest.files.length)],
    ...manifest.signers.map(({ role, fingerprint }) => [`  ${role}`, fingerprint]),
  ]);
}

export function renderBuilt(output: string, manifest: Manifest, style: Style): string {
  const lines = [
    `${style(["bold", "green"], "✓ written")}  ${printable(output)}`,
    ...headLines(manifest),
    `  Verify it with: hipaa-check evidence verify ${printable(output)} --trust ${manifest.signers[0]?.fingerprint ?? ""}`,
  ];
  return `${lines.join("\n")}\n`;
}

export function renderVerified(
  bundle: string,
  { manifest, signers, reEvaluated, notes }: Verified,
  style: Style,
): string {
  const lines = [
    `${style(["bold", "green"], "✓ authentic and whole")}  ${printable(bundle)}`,
    ...headLines(manifest),
    `  trusted: ${signers.map(({ role, fingerprint }) => `${role} ${fingerprint}`).join(", ")}`,
    ...(reEvaluated === undefined ? [] : [`  evaluated again: all ${reEvaluated} verdicts were found again`]),
    ...notes.map((note) => `  note: ${printable(note)}`),
    "  The time is the one that the signer's machine said. What the bundle shows was judged by hipaa-check, and is no legal advice.",
  ];
  return `${lines.join("\n")}\n`;
}

export function renderShown({ manifest, parts }: OpenedBundle, style: Style): string {
  const shown = parts.report.results.filter(
    ({ verdict }) => verdict === "fail" || verdict === "excepted" || verdict === "unknown",
  );
  const proposed = new Set(parts.editions.filter(({ status }) => status === "proposed").map(({ id }) => id));
  const looks = { fail: "red", excepted: "cyan", unknown: "yellow" } as const;
  const rows = shown.map((result) => {
    const words =
      result.verdict === "fail" && proposed.has(result.edition) ? "would not meet" : result.verdict;
    return [
      `  ${words}`,
      result.edition,
      result.rule,
      `${printable(result.location.file)}:${result.location.line}`,
      result.controls.map(({ citation }) => citation).join(" "),
    ];
  });
  const lines = alignColumns(rows).map((line, index) =>
    style(looks[shown[index]?.verdict as keyof typeof looks], line),
  );
  return `${[...headLines(manifest), "", ...lines].join("\n")}\n`;
}

export function renderDifference(difference: BundleDifference, style: Style): string {
  const { before, after } = difference;
  const lines = [
    `from ${before.createdAt} (as of ${before.asOf}) to ${after.createdAt} (as of ${after.asOf})`,
  ];
  const sections = [
    ["new", "red"],
    ["expired", "red"],
    ["unclear", "yellow"],
    ["decided", "cyan"],
    ["fixed", "green"],
  ] as const;
  for (const [name, look] of sections) {
    const changes = difference[name];
    lines.push("", style(["bold", look], `${name}: ${changes.length}`));
    lines.push(
      ...alignColumns(
        changes.map((change) => [
          `  ${change.rule}`,
          `${printable(change.file)}:${change.line}`,
          printable(change.fact),
          `${change.before ?? "not there"} → ${change.after ?? "gone"}`,
          change.edition,
        ]),
      ),
    );
  }
  for (const { id, change } of difference.editions) lines.push("", `edition ${id}: ${change}`);
  return `${lines.join("\n")}\n`;
}
