import { type Manifest, nameOf, type Series, type Verified } from "#cli/evidence/index.ts";
import type { Style } from "#cli/ui/style.ts";
import { alignColumns, counted, printable } from "#cli/ui/text.ts";

function countsOf({ summary, editions }: Manifest): string {
  const { pass = 0, fail = 0, unknown = 0, excepted = 0, notApplicable = 0, errors = 0 } = summary;
  const isProposed = editions.some(({ status }) => status === "proposed");
  return `${fail} ${isProposed ? "fail or would not meet" : "fail"}, ${unknown} could not tell, ${excepted} excepted, ${pass} pass, ${notApplicable} not applicable; ${counted(errors, "error")}`;
}

/** What a bundle says of itself as a whole. */
export function headLines(manifest: Manifest): string[] {
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
  { manifest, authenticity: { signers, timeStamp }, reEvaluated, notes }: Verified,
  style: Style,
): string {
  const lines = [
    `${style(["bold", "green"], "✓ authentic and whole")}  ${printable(bundle)}`,
    ...headLines(manifest),
    `  trusted: ${signers.map(({ role, fingerprint }) => `${role} ${fingerprint}`).join(", ")}`,
    ...(reEvaluated === undefined ? [] : [`  evaluated again: all ${reEvaluated} verdicts were found again`]),
    ...notes.map((note) => `  note: ${printable(note)}`),
    timeStamp === undefined
      ? "  The time is the one that the signer's machine said. What the bundle shows was judged by hipaa-check, and is no legal advice."
      : `  It was signed by ${timeStamp.time.toISOString()}, says ${printable(nameOf(timeStamp.authority))}, whom you trust. What it shows was judged by hipaa-check, and is no legal advice.`,
  ];
  return `${lines.join("\n")}\n`;
}

/** Every bundle of a series on a line, then the times that no bundle is about. */
export function renderSeries({ entries, gaps }: Series, longestDays: number, style: Style): string {
  const lines = entries.flatMap((entry) => {
    const name = printable(entry.bundle);
    if ("error" in entry) {
      const mark =
        entry.error.kind === "undecided" ? style(["bold", "yellow"], "?") : style(["bold", "red"], "✗");
      return [`${mark} ${name}`, `    ${printable(entry.error.message)}`];
    }
    const { manifest, authenticity, notes } = entry.verified;
    const stamped =
      authenticity.timeStamp === undefined ? "" : `, stamped ${authenticity.timeStamp.time.toISOString()}`;
    return [
      `${style(["bold", "green"], "✓")} ${name}`,
      `    made ${manifest.createdAt}${stamped}, keep until ${manifest.retainUntil}: ${countsOf(manifest)}`,
      ...notes.map((note) => `    note: ${printable(note)}`),
    ];
  });
  const sound = entries.filter((entry) => "verified" in entry).length;
  const gapLines = gaps.map(({ from, to, days }) => {
    const words = to === null ? `no bundle since ${from}` : `no bundle between ${from} and ${to}`;
    return style(["bold", "red"], `✗ gap  ${words}: ${days} days, more than ${Math.floor(longestDays)}`);
  });
  const summary = `${sound} of ${counted(entries.length, "bundle")} authentic and whole, ${counted(gaps.length, "gap")} of more than ${Math.floor(longestDays)} days`;
  return `${[...lines, "", ...gapLines, summary].join("\n")}\n`;
}

/** 1 where a bundle or the series is not whole, 3 where something could not be decided. */
export function seriesExitCode({ entries, gaps }: Series): number {
  const kinds = entries.flatMap((entry) => ("error" in entry ? [entry.error.kind] : []));
  if (gaps.length > 0 || kinds.includes("inauthentic")) return 1;
  if (kinds.includes("usage")) return 2;
  return kinds.includes("undecided") ? 3 : 0;
}
