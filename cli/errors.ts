import type { Diagnostic } from "#base/diagnostic.ts";

/** Wrong usage or configuration: one clear line, exit code 2. */
export class UsageError extends Error {}

/** "file:line:column: message", as editors and terminals link it. */
export function diagnosticLine({ location, message }: Diagnostic): string {
  return location === undefined
    ? message
    : `${location.file}:${location.line}:${location.column}: ${message}`;
}
