import type { Location } from "./location.ts";

/**
 * Something that kept input from being judged (error) or that a reader should know (warning).
 * An error means that the run can no longer be "all decided": exit code 3 unless something fails.
 */
export interface Diagnostic {
  readonly level: "error" | "warning";
  /** Stable kebab-case code: `hcl-syntax`, `file-not-utf8`. */
  readonly code: string;
  /** One sentence that says what is wrong and what to do. */
  readonly message: string;
  readonly location?: Location;
}
