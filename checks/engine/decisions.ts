import ignore from "ignore";
import type { Diagnostic } from "#base/diagnostic.ts";
import type { Location } from "#base/location.ts";
import type { Json } from "#base/value.ts";
import type { DecisionKind } from "#facts/compliance-file.ts";
import type { Fact } from "#facts/fact.ts";
import type { Edition } from "#policy/edition.ts";
import { findRule } from "#policy/load.ts";
import type { Rule } from "#policy/rule.ts";
import { type Authorship, type FindAuthors, isAuthor } from "./authorship.ts";
import { type DecisionComment, type DecisionState, followComments } from "./decision-comments.ts";
import { isWithin } from "./paths.ts";
import type { Result, ResultDecision } from "./result.ts";

export interface DecideRequest {
  readonly results: readonly Result[];
  readonly facts: readonly Fact[];
  readonly comments: readonly DecisionComment[];
  readonly rules: readonly Rule[];
  readonly editions: readonly Edition[];
  /** The day that counts as today, YYYY-MM-DD. */
  readonly asOf: string;
  /** Tells who wrote lines of a file, where a history can tell. */
  readonly findAuthors?: FindAuthors | undefined;
}

/** A decision as it was stated, read back from its fact. */
interface Stated {
  readonly id: string;
  readonly location: Location;
  readonly kind: DecisionKind;
  readonly rule: Rule | undefined;
  readonly ruleId: string | undefined;
  readonly control: string | undefined;
  readonly facts: readonly string[];
  readonly files: readonly string[];
  readonly folder: string;
  readonly everything: boolean;
  readonly reason: string;
  readonly measure: string;
  readonly assessment: string | undefined;
  readonly owner: string;
  readonly author: string | undefined;
  /** By the history of the file; asked only where the policy forbids that the approver is one of them. */
  readonly authorship: Authorship | undefined;
  readonly approver: string;
  readonly date: string;
  readonly until: string;
  readonly longestDays: number;
  readonly approverMayBeAuthor: boolean;
}

/** Why a decision lifts nothing at all. */
interface Void {
  readonly code: string;
  readonly why: string;
}

const millisecondsOfDay = 86_400_000;

/** The lines of a decision that say what is decided: not who approved it and when, which the approver may write. */
function decidingLines({ location, attributes }: Fact): number[] {
  const { approver, date, author, ...deciding } = attributes;
  const lines = new Set([location.line]);
  for (const value of Object.values(deciding)) {
    if (value.state !== "known" || value.location === undefined) continue;
    const { line, endLine, endColumn } = value.location;
    for (let each = line; each < endLine || (each === endLine && endColumn > 1); each++) lines.add(each);
  }
  return [...lines].sort((a, b) => a - b);
}

function read(fact: Fact, rules: readonly Rule[], findAuthors: FindAuthors | undefined): Stated {
  const value = (name: string): Json | undefined => {
    const attribute = fact.attributes[name];
    return attribute?.state === "known" ? attribute.value : undefined;
  };
  const text = (name: string): string => String(value(name) ?? "");
  const optional = (name: string): string | undefined => (value(name) === undefined ? undefined : text(name));
  const texts = (name: string): readonly string[] => (value(name) as readonly string[] | undefined) ?? [];
  const ruleId = optional("rule");
  const approverMayBeAuthor = value("approverMayBeAuthor") === true;
  return {
    id: fact.id,
    location: fact.location,
    kind: text("kind") as DecisionKind,
    rule: ruleId === undefined ? undefined : findRule(rules, ruleId),
    ruleId,
    control: optional("control"),
    facts: texts("scope.facts"),
    files: texts("scope.files"),
    folder: text("scope.folder"),
    everything: value("scope.everything") === true,
    reason: text("reason"),
    measure: text("measure"),
    assessment: optional("assessment"),
    owner: text("owner"),
    author: optional("author"),
    approver: text("approver"),
    date: text("date"),
    until: text("until"),
    longestDays: Number(value("longestDays")),
    approverMayBeAuthor,
    authorship: approverMayBeAuthor ? undefined : findAuthors?.(fact.location.file, decidingLines(fact)),
  };
}

function dayOf(text: string): number | undefined {
  const time = Date.parse(`${text}T00:00:00Z`);
  return Number.isNaN(time) || !new Date(time).toISOString().startsWith(text) ? undefined : time;
}

/** What is wrong with a decision as such, whatever it covers. */
function voidBecause(stated: Stated, asOf: string, editions: readonly Edition[]): Void | undefined {
  const { rule, ruleId, control, kind, date, until, approver, author, longestDays } = stated;
  if (ruleId !== undefined && rule === undefined)
    return { code: "decision-rule", why: `there is no rule "${ruleId}"` };
  if (rule?.waivable === false)
    return { code: "decision-not-waivable", why: `findings of ${rule.id} cannot be lifted` };
  if (
    control !== undefined &&
    !editions.some(({ controls }) => controls.some(({ citation }) => citation === control))
  )
    return { code: "decision-control", why: `no edition of this run has a paragraph ${control}` };
  const [from, to] = [dayOf(date), dayOf(until)];
  if (from === undefined || to === undefined)
    return { code: "decision-date", why: `${from === undefined ? date : until} is no day of the calendar` };
  if (to < from) return { code: "decision-date", why: `it ends on ${until}, before it was made on ${date}` };
  if (date > asOf) return { code: "decision-date", why: `it was made on ${date}, which is after ${asOf}` };
  if ((to - from) / millisecondsOfDay > longestDays)
    return {
      code: "decision-too-long",
      why: `it lasts longer than the ${longestDays} days that the policy grants`,
    };
  if (
    !stated.approverMayBeAuthor &&
    author !== undefined &&
    author.trim().toLowerCase() === approver.trim().toLowerCase()
  )
    return { code: "decision-self-approved", why: `${approver} wrote it and approved it` };
  if (stated.authorship !== undefined && isAuthor(approver, stated.authorship))
    return {
      code: "decision-self-approved",
      why: `${approver} wrote it, as its history in git shows, and approved it`,
    };
  if (until < asOf)
    return {
      code: "decision-expired",
      why: `${kind === "addressable" ? "its review was due" : "it expired"} on ${until}`,
    };
  return undefined;
}

/** Whether a decision speaks of a result, whatever its verdict. */
function covers(stated: Stated, result: Result, patterns: ReturnType<typeof ignore>): boolean {
  const { rule, control, facts, files, folder, everything } = stated;
  if (rule !== undefined && rule.id !== result.rule) return false;
  if (control !== undefined && !result.controls.some(({ citation }) => citation === control)) return false;
  if (!isWithin(folder, result.location.file)) return false;
  if (everything) return true;
  if (facts.length > 0 && !facts.includes(result.fact.id)) return false;
  const relative = folder === "." ? result.location.file : result.location.file.slice(folder.length + 1);
  return files.length === 0 || patterns.ignores(relative);
}

/** Why a decision on an addressable specification does not lift a result of an edition. */
function notAddressable(result: Result): string | undefined {
  const addressable = result.controls.some(({ designation }) => designation === "addressable");
  const required = result.controls.find(
    ({ designation }) => designation !== "addressable" && designation !== "standard",
  );
  if (required !== undefined) return `${required.citation} is not addressable`;
  return addressable ? undefined : "no paragraph that it bears on is addressable";
}

function dress(stated: Stated): ResultDecision {
  const { id, kind, reason, measure, assessment, owner, approver, date, until, location } = stated;
  const { author, authorship } = stated;
  const { file, line } = location;
  return {
    id,
    kind,
    reason,
    measure,
    ...(assessment === undefined ? {} : { assessment }),
    owner,
    ...(author === undefined ? {} : { author }),
    ...(authorship === undefined ? {} : { authorship }),
    approver,
    date,
    until,
    file,
    line,
  };
}

function unused(refused: string | undefined, otherwise: string | undefined): string {
  if (refused !== undefined) return refused;
  return otherwise === undefined
    ? "no finding is in its scope. Remove it"
    : `decision ${otherwise} already lifts what is in its scope. Remove one of them`;
}

/** What a scope names that no result is about: it may become one, and would be lifted unseen. */
function idleScope(stated: Stated, results: readonly Result[]): string | undefined {
  const { facts, files, everything } = stated;
  if (everything) return undefined;
  const idle = (narrowed: Partial<Stated>): boolean => {
    const alone = { ...stated, ...narrowed };
    const patterns = ignore().add([...alone.files]);
    return !results.some((result) => covers(alone, result, patterns));
  };
  const patterns = files.filter((file) => !file.startsWith("!"));
  return (
    facts.find((fact) => idle({ facts: [fact] })) ??
    (patterns.length === files.length ? files.find((file) => idle({ files: [file] })) : undefined)
  );
}

/**
 * Lifts findings by the decisions that are in force. What is lifted stays in the report with everything about the decision; a
 * decision that is void, lifts nothing, or covers more than it lifts is reported. A proposed edition needs no decisions.
 */
export function applyDecisions(request: DecideRequest): {
  readonly results: readonly Result[];
  readonly diagnostics: readonly Diagnostic[];
} {
  const { facts, rules, editions, asOf } = request;
  const decisions = facts
    .filter(({ kind }) => kind === "decision")
    .map((fact) => read(fact, rules, request.findAuthors));
  const proposed = new Set(editions.filter(({ status }) => status === "proposed").map(({ id }) => id));
  const diagnostics: Diagnostic[] = [];
  const warn = ({ id, location }: Stated, code: string, words: string): void => {
    diagnostics.push({ level: "warning", code, message: `Decision ${id} ${words}.`, location });
  };
  let results = request.results;
  const states: DecisionState[] = [];
  for (const stated of decisions) {
    const patterns = ignore().add([...stated.files]);
    const reason = voidBecause(stated, asOf, editions);
    states.push({ id: stated.id, folder: stated.folder, voidBecause: reason?.why });
    let lifted = 0;
    let passing = 0;
    let otherwise: string | undefined;
    let refused: string | undefined;
    results = results.map((result) => {
      if (proposed.has(result.edition) || !covers(stated, result, patterns)) return result;
      if (result.verdict === "pass") passing++;
      if (result.verdict === "excepted") otherwise ??= result.decision?.id;
      if (result.verdict !== "fail") return result;
      const why = reason?.why ?? (stated.kind === "addressable" ? notAddressable(result) : undefined);
      if (why !== undefined) {
        refused ??= why;
        return { ...result, message: `${result.message} Decision ${stated.id} does not lift it: ${why}.` };
      }
      lifted++;
      return { ...result, verdict: "excepted", decision: dress(stated) };
    });
    if (reason !== undefined)
      warn(stated, reason.code, `lifts nothing: ${reason.why}. Correct it, renew it or remove it`);
    // A proposed edition needs no decisions, so a run under such editions alone tells nothing of them.
    else if (editions.every(({ status }) => status === "proposed")) continue;
    else if (lifted === 0) warn(stated, "decision-unused", `lifts nothing: ${unused(refused, otherwise)}`);
    else if (passing > 0)
      warn(
        stated,
        "decision-wide",
        `covers ${passing} ${passing === 1 ? "result that passes" : "results that pass"} beside the ${lifted} that it lifts. Narrow its scope, so that they are noticed when they fail`,
      );
    else {
      const idle = idleScope(stated, results);
      if (idle !== undefined)
        warn(
          stated,
          "decision-wide",
          `names ${idle}, where there is nothing that it could lift. Take it out of its scope`,
        );
    }
  }
  const { comments } = request;
  const followed = followComments({ comments, decisions: states, facts, results, proposed });
  return { results: followed.results, diagnostics: [...diagnostics, ...followed.diagnostics] };
}
