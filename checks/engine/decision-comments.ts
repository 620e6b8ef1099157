import type { Diagnostic } from "#base/diagnostic.ts";
import type { Location } from "#base/location.ts";
import type { Fact } from "#facts/fact.ts";
import { isWithin } from "./paths.ts";
import type { Result } from "./result.ts";

/** `# hipaa-check: decision D-12` in a file that was read: it points to a decision, and is none. */
export interface DecisionComment {
  /** Undefined where the comment names none. */
  readonly id: string | undefined;
  readonly location: Location;
  /** The line that it speaks of: its own, or the next one that is more than a comment. */
  readonly about: number;
}

const words = "hipaa-check: decision";
/** What opens a comment, and is all that may stand before the words. */
const opening = /(?:^|\s)(?:#|\/\/|\/\*+|\*|;)[\t ]*$/;
const longestOpening = 80;
const pointed = /^(?:[\t ]+([A-Za-z0-9][A-Za-z0-9._-]{0,99}))?(?=[\t ,.;]|\*\/|\r?$)/;
const nothingButComment = /^\s*(?:#|\/\/|\/\*|\*|;|$)/;

/** The comments of a text that point to decisions. */
export function findDecisionComments(file: string, text: string): DecisionComment[] {
  if (!text.includes(words)) return [];
  const lines = text.split("\n");
  const comments: DecisionComment[] = [];
  let nextCode: number | undefined;
  for (let index = lines.length - 1; index >= 0; index--) {
    const line = lines[index] ?? "";
    const isAlone = nothingButComment.test(line);
    const own = index + 1;
    const at = line.indexOf(words);
    const end = at + words.length;
    const match = pointed.exec(line.slice(end, end + longestOpening * 2));
    if (at !== -1 && match !== null && opening.test(line.slice(Math.max(0, at - longestOpening), at))) {
      const location = {
        file,
        line: own,
        column: at + 1,
        endLine: own,
        endColumn: end + match[0].length + 1,
      };
      comments.push({ id: match[1], location, about: isAlone ? (nextCode ?? own) : own });
    }
    if (!isAlone) nextCode = own;
  }
  return comments.reverse();
}

/** A decision as comments see it. */
export interface DecisionState {
  readonly id: string;
  /** The folder that it is confined to. */
  readonly folder: string;
  /** Why it lifts nothing at all; absent while it is in force. */
  readonly voidBecause?: string | undefined;
}

export interface PointRequest {
  readonly comments: readonly DecisionComment[];
  readonly decisions: readonly DecisionState[];
  readonly facts: readonly Fact[];
  readonly results: readonly Result[];
  /** Editions under which there is nothing to lift. */
  readonly proposed: ReadonlySet<string>;
}

/** Says at each finding which comment points to a decision about it, and reports comments that point to nothing that lifts. */
export function followComments({ comments, decisions, facts, results, proposed }: PointRequest): {
  readonly results: readonly Result[];
  readonly diagnostics: readonly Diagnostic[];
} {
  if (comments.length === 0) return { results, diagnostics: [] };
  const places = Map.groupBy(facts, ({ kind, id }) => `${kind}\n${id}`);
  const diagnostics: Diagnostic[] = [];
  const said = new Map<Result, string[]>();
  for (const { id, location, about } of comments) {
    const warn = (code: string, message: string): void => {
      diagnostics.push({ level: "warning", code, message, location });
    };
    if (id === undefined) {
      warn(
        "decision-comment-unknown",
        "This comment names no decision. Write its id, such as D-1, or remove it.",
      );
      continue;
    }
    const isHere = (place: Location): boolean =>
      place.file === location.file && place.line <= about && about <= place.endLine;
    const here = results.filter(
      ({ edition, verdict, fact, location: place }) =>
        !proposed.has(edition) &&
        (verdict === "fail" || verdict === "excepted") &&
        (isHere(place) || (places.get(`${fact.kind}\n${fact.id}`) ?? []).some((one) => isHere(one.location))),
    );
    const meant = decisions.filter((one) => one.id === id && isWithin(one.folder, location.file));
    const why = meant[0]?.voidBecause;
    const notLifted =
      meant.length === 0
        ? "which is not there"
        : why === undefined
          ? "which does not cover it"
          : `which lifts nothing: ${why}`;
    for (const result of here) {
      const lifted = result.decision?.id === id;
      if (!lifted && result.verdict === "excepted") continue;
      const sentence = `Line ${location.line} points to decision ${id}${lifted ? "" : `, ${notLifted}`}.`;
      said.set(result, [...(said.get(result) ?? []), sentence]);
    }
    if (meant.length === 0)
      warn(
        "decision-comment-unknown",
        `There is no decision ${id} for this file, so the comment does nothing. Write the decision into compliance.yaml (hipaa-check decide), or remove the comment.`,
      );
    else if (why !== undefined)
      warn("decision-comment-void", `This comment points to decision ${id}, which lifts nothing: ${why}.`);
    else if (!here.some(({ decision }) => decision?.id === id))
      warn(
        "decision-comment-idle",
        `This comment points to decision ${id}, which lifts nothing on line ${about}. Move the comment to what it lifts, or remove it.`,
      );
  }
  return {
    diagnostics,
    results: results.map((result) => {
      const more = said.get(result);
      return more === undefined ? result : { ...result, message: [result.message, ...more].join(" ") };
    }),
  };
}
