import { join } from "node:path";
import { readText } from "#base/files.ts";
import { diagnosticLine, UsageError } from "#cli/errors.ts";
import { complianceName, complianceSchema, type StatedServiceLevels } from "#facts/compliance-file.ts";
import { readValidated } from "#policy/validate.ts";

/**
 * The service levels that the `compliance.yaml` of a folder states; undefined where there is none.
 * @throws UsageError where the file cannot be used
 */
export function readServiceLevels(folder: string): StatedServiceLevels | undefined {
  const found = readText(join(folder, complianceName), complianceName);
  if (found === undefined) return undefined;
  if ("problem" in found) throw new UsageError(diagnosticLine(found.problem));
  const file = { path: complianceName, text: found.text };
  const { document, diagnostics } = readValidated(file, "compliance", complianceSchema);
  if (document === undefined) throw new UsageError(diagnostics.map(diagnosticLine).join("\n"));
  return (document.value as { serviceLevels?: StatedServiceLevels }).serviceLevels;
}
