import { visibleDirections } from "./text.ts";

/** A text as HTML shows it, in content and in attributes; characters that HTML does not allow are replaced. */
export function escapeHtml(text: string): string {
  const entities: Readonly<Record<string, string>> = {
    "&": "&amp;",
    "<": "&lt;",
    ">": "&gt;",
    '"': "&quot;",
    "'": "&#39;",
  };
  return visibleDirections(text)
    .toWellFormed()
    .replace(/(?![\t\n\r])\p{Cc}/gu, "\ufffd")
    .replace(/[&<>"']/g, (character) => entities[character] ?? character);
}
