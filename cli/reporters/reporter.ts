import type { Location } from "#base/location.ts";
import type { Style } from "#cli/ui/style.ts";
import type { Report } from "#engine/result.ts";
import type { Edition } from "#policy/edition.ts";

/** What a reporter may use beside the report. */
export interface ReportContext {
  readonly style: Style;
  readonly columns: number;
  /** List passes and what does not apply too. */
  readonly verbose: boolean;
  /** The text of a judged file, for code frames. */
  readonly read: (path: string) => string | undefined;
  /** Where secrets stand: their text is never shown. */
  readonly secrets: readonly Location[];
  /** What the exit code will be and why, in a few words. */
  readonly outcome: { readonly exitCode: number; readonly words: string };
  /** The editions of the report, with all their lines. */
  readonly editions: readonly Edition[];
  /** Filters that narrow the report, in words; empty when none. */
  readonly filters: readonly string[];
}

/** Turns a whole report into one text, or into the parts of one that would be large. */
export type Reporter = (report: Report, context: ReportContext) => string | Generator<string>;
