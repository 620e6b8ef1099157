import { isNamedPlaceholder, isPlaceholder } from "#facts/secret-text.ts";

/** Where the text that stands for a secret gets its value, and whether it is plainly none. */
export function sourceOf(text: string): {
  readonly source: "literal" | "environment" | "variable";
  readonly isPlaceholder: boolean;
} {
  const trimmed = text.trim();
  if (/^\$(?:\w+|\{\w+\})$|^%[A-Z_]\w*%$/.test(trimmed))
    return { source: "environment", isPlaceholder: false };
  if (
    /^(?:\{\{.*\}\}|\{%.*%\}|<%.*%>|%\(\w+\)s|%%\w+%%|@[A-Z]\w*@|__[A-Za-z]\w*__|[%#]\{.*\})$/s.test(trimmed)
  ) {
    return { source: "variable", isPlaceholder: false };
  }
  return { source: "literal", isPlaceholder: isPlaceholder(trimmed) || isNamedPlaceholder(trimmed) };
}
