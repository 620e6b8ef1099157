import { join } from "node:path";
import { readText } from "#base/files.ts";
import { diagnosticLine, UsageError } from "#cli/errors.ts";
import { type Compliance, complianceName, readCompliance } from "#policy/compliance.ts";

/**
 * The `compliance.yaml` of a folder; undefined where there is none.
 * @throws UsageError where it cannot be used
 */
export function readOwnCompliance(folder: string): Compliance | undefined {
  const found = readText(join(folder, complianceName), complianceName);
  if (found === undefined) return undefined;
  if ("problem" in found) throw new UsageError(diagnosticLine(found.problem));
  const { compliance, diagnostics } = readCompliance({ path: complianceName, text: found.text });
  if (compliance === undefined) throw new UsageError(diagnostics.map(diagnosticLine).join("\n"));
  return compliance;
}
