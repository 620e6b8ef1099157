import { realpathSync } from "node:fs";
import { resolve } from "node:path";
import { UsageError } from "#cli/errors.ts";
import { writeWhole } from "#cli/output.ts";
import { type CheckRequest, check } from "#engine/check.ts";
import type { Result } from "#engine/result.ts";
import { currentText, type Decided, tried } from "./decide.ts";
import { replaceInDecision } from "./replace.ts";

export interface RenewRequest {
  readonly id: string;
  readonly approver: string;
  readonly author?: string | undefined;
  readonly reason?: string | undefined;
  /** The new last day, YYYY-MM-DD; which of the two depends on the kind. */
  readonly expires?: string | undefined;
  readonly review?: string | undefined;
  /** YYYY-MM-DD. */
  readonly date?: string | undefined;
}

/**
 * Gives a decision a new day, approver and last day, in its place: comments that point to it stay right. It is tried first, as
 * `decide` does.
 * @throws UsageError where it would not lift all that it lifts or has lifted; nothing is written then
 */
export async function renew(request: CheckRequest, renewal: RenewRequest): Promise<Decided> {
  const { id, approver, author, reason } = renewal;
  const empty = Object.entries(renewal).find(([, value]) => value?.trim() === "");
  if (empty !== undefined) throw new UsageError(`--${empty[0]} is empty. Write it out.`);
  const checked = await check(request);
  const place = checked.decisions.find((decision) => decision.id === id);
  if (place === undefined) {
    const ids = checked.decisions.map((decision) => decision.id);
    const there = ids.length === 0 ? "There are none." : `There are: ${ids.join(", ")}.`;
    throw new UsageError(`There is no decision ${id} here. ${there}`);
  }
  const findings = checked.report.results.filter((result) => isAbout(id, result));
  const [first] = findings;
  if (first === undefined)
    throw new UsageError(`Decision ${id} lifts nothing here, so there is nothing to renew.`);
  const last = place.kind === "addressable" ? "review" : "expires";
  const until = renewal[last];
  if (until === undefined || (renewal.expires !== undefined && renewal.review !== undefined))
    throw new UsageError(
      `Decision ${id} is of the kind ${place.kind}: give its new last day with --${last}.`,
    );
  if (until <= place.until)
    throw new UsageError(`--${last} ${until}: decision ${id} lasts until ${place.until} already.`);
  const { file } = place;
  const absolute = resolve(request.workingFolder, file);
  const text = replaceInDecision(currentText(absolute, file) ?? "", id, {
    ...(reason === undefined ? {} : { reason }),
    ...(author === undefined ? {} : { author }),
    approver,
    date: renewal.date ?? request.options.asOf ?? new Date().toISOString().slice(0, 10),
    [last]: until,
  });
  if (text === undefined)
    throw new UsageError(`${file} cannot be changed: decision ${id} is not where it was read.`);
  const warnings = await tried(request, checked, { id, file, text, findings });
  writeWhole(realpathSync(absolute), text, "decide renew");
  return { id, kind: place.kind, until, file, rule: first.rule, findings, warnings };
}

/** A finding that the decision lifts, or would but for what is wrong with it. */
function isAbout(id: string, { verdict, decision, message }: Result): boolean {
  if (verdict === "excepted") return decision?.id === id;
  return verdict === "fail" && message.includes(`Decision ${id} does not lift it`);
}
