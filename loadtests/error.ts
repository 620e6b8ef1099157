/**
 * Something that keeps a load test from being run or measured. The message is one line that says what is wrong and what
 * to do. `usage`: the request itself is wrong. `environment`: this machine or the target cannot do it now.
 */
export class LoadTestError extends Error {
  readonly kind: "usage" | "environment";
  /** Stable kebab-case code: `k6-missing`, `profile-invalid`. */
  readonly code: string;

  constructor(kind: "usage" | "environment", code: string, message: string) {
    super(message);
    this.name = "LoadTestError";
    this.kind = kind;
    this.code = code;
  }
}

export function usage(code: string, message: string): LoadTestError {
  return new LoadTestError("usage", code, message);
}

export function environment(code: string, message: string): LoadTestError {
  return new LoadTestError("environment", code, message);
}

/** What was to be loaded cannot be reached, or does not take what it is to be loaded with. */
export function targetUnusable(why: string): LoadTestError {
  return environment("target-unusable", `the target cannot be loaded: ${why}`);
}
