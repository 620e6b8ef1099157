import type { Diagnostic } from "#base/diagnostic.ts";
import { mapValue, unknown, type Value } from "#base/value.ts";

/**
 * Maps the words that an argument takes. Any other word is refused by the provider (they are case-sensitive), so what
 * holds is not known and the file is told about it.
 */
export function readWord<T>(
  value: Value<string>,
  words: Readonly<Record<string, T>>,
  argument: string,
  diagnostics: Diagnostic[],
): Value<T> {
  const taken = Object.keys(words).map((word) => `"${word}"`);
  const choices = `${taken.slice(0, -1).join(", ")} or ${taken.at(-1)}`;
  const result = mapValue(value, (written): Value<T> => {
    const meaning = Object.hasOwn(words, written.value) ? words[written.value] : undefined;
    if (meaning !== undefined) return { ...written, value: meaning };
    return unknown(
      `"${written.value}" is refused by the provider: ${argument} takes ${choices}`,
      written.location,
      written.chain,
    );
  });
  if (value.state === "known" && result.state === "unknown" && value.location !== undefined) {
    const message = `${argument} is "${value.value}", which the provider refuses. Write ${choices}.`;
    diagnostics.push({ level: "error", code: "terraform-refused-value", message, location: value.location });
  }
  return result;
}
