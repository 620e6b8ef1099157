/**
 * Something that keeps the sandbox from doing what was asked. The message is one line that says what is wrong and
 * what to do. `usage`: the request itself is wrong; `environment`: this machine cannot do it now.
 */
export class SandboxError extends Error {
  readonly kind: "usage" | "environment";
  /** Stable kebab-case code: `port-in-use`, `posture-invalid`. */
  readonly code: string;

  constructor(kind: "usage" | "environment", code: string, message: string) {
    super(message);
    this.name = "SandboxError";
    this.kind = kind;
    this.code = code;
  }
}

/** One line about anything that was thrown. */
export function messageOf(error: unknown): string {
  const text = error instanceof Error ? error.message : String(error);
  return text.split("\n", 1)[0] ?? text;
}
