import { type Manifest, nameOf, type Verified } from "#cli/evidence/index.ts";
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
