import { existsSync, mkdirSync } from "node:fs";
import { join } from "node:path";
import { version } from "#cli/version.ts";
import { check } from "#engine/check.ts";
import type { Result } from "#engine/result.ts";
import { authorshipKey, contextName, neutralOptions } from "../build/build.ts";
import type { Manifest } from "../bundle/manifest.ts";
import { isSafePath } from "../bundle/ustar.ts";
import { EvidenceError, inauthentic } from "../error.ts";
import type { BundleParts } from "./consistency.ts";

/** What verdicts are compared by. */
function identity({ edition, rule, fact, location, verdict }: Result): string {
  return JSON.stringify([edition, rule, fact.kind, fact.id, location.file, location.line, verdict]);
}

/**
 * Runs the engine again on the inputs and policies that a bundle holds, and compares the verdicts.
 * @param inputs the folder with the inputs
 * @returns how many verdicts were found again
 * @throws EvidenceError where they differ, or where the bundle does not hold enough
 */
export async function reEvaluate(manifest: Manifest, parts: BundleParts, inputs: string): Promise<number> {
  const { context, report, editions } = parts;
  const absent = manifest.inputs.filter(({ member }) => member === null);
  if (absent.length > 0 || context.terraformVariables.length > 0) {
    const what =
      absent.length > 0
        ? `the contents of ${absent.length} of its inputs (${absent
            .slice(0, 3)
            .map(({ path }) => path)
            .join(", ")})`
        : `the values of Terraform variables (${context.terraformVariables.join(", ")})`;
    throw new EvidenceError(
      "undecided",
      "inputs-not-kept",
      `The bundle does not hold ${what}, so it cannot be evaluated again.`,
    );
  }
  const named = [...context.paths, ...context.factsFiles, ...context.varFiles];
  const outside = named.find((path) => path !== "." && !isSafePath(path));
  if (outside !== undefined) {
    throw inauthentic(
      "context-unsafe",
      `${contextName} names ${JSON.stringify(outside)}, which is outside of what was judged.`,
    );
  }
  // A path in which nothing was judged has no input, and is not there.
  mkdirSync(inputs, { recursive: true });
  const isThere = (path: string): boolean => existsSync(join(inputs, path));
  const masked = manifest.inputs.filter(({ redactions }) => redactions.length > 0);
  const originals = Object.fromEntries(masked.map(({ path, sha256 }) => [path, sha256]));
  const checked = await check({
    workingFolder: inputs,
    paths: [...context.paths, ...context.factsFiles].filter(isThere),
    factsContext: { configurations: context.configurations, originals },
    options: neutralOptions({
      varFiles: context.varFiles,
      envFiles: [],
      terraformVariables: {},
      asOf: manifest.asOf,
    }),
    version,
    policies: { rules: parts.rules, editions },
    editions,
    findAuthors: (file, lines) =>
      context.authorship[authorshipKey(file, lines)] ?? { authors: [], notKnown: "the bundle does not say" },
  });
  const before = report.results.map(identity).sort();
  const after = checked.report.results.map(identity).sort();
  const missing = before.filter((result) => !after.includes(result));
  const extra = after.filter((result) => !before.includes(result));
  if (missing.length + extra.length > 0) {
    const [example = ""] = [...missing, ...extra];
    throw inauthentic(
      "verdicts-differ",
      `Evaluated again, ${missing.length} verdicts are not found and ${extra.length} are new, for example ${example}.`,
    );
  }
  return before.length;
}
