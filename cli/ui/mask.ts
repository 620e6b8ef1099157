import type { Location } from "#base/location.ts";

const name =
  "(?:pass(?:word|wd|phrase)?|secret|token|api[_-]?key|access[_-]?key|private[_-]?key|credentials?)";

/** What looks like a secret, as the last group: a text beside such a name, and credentials in addresses and tables. */
const secretLike = [
  new RegExp(`(${name}["'\\]]*\\s*[:=]\\s*)("[^"]*"|'[^']*'|\`[^\`]*\`)`, "gi"),
  new RegExp(`(^\\s*(?:export )?[A-Z0-9_]*${name.toUpperCase()}[A-Z0-9_]*=)(\\S+)`, "g"),
  /(:\/\/[^\s/:@"'`]*:)([^\s/@"'`]+)(?=@)/g,
  /(static:[^\s:]+:)(\S+)/g,
];

/**
 * A line of a file with what is, or looks like, a secret made unreadable. Every character keeps its column.
 * @param secrets places where secrets are known to stand in this file
 */
export function maskSecrets(line: string, number: number, secrets: readonly Location[]): string {
  const masked = secrets.reduce((text, secret) => maskSpan(text, number, secret), line);
  return secretLike.reduce(
    (text, pattern) => text.replace(pattern, (_, kept: string, value: string) => kept + hidden(value)),
    masked,
  );
}

function maskSpan(
  line: string,
  number: number,
  { line: first, column, endLine, endColumn }: Location,
): string {
  if (number < first || number > endLine) return line;
  const start = number === first ? column - 1 : 0;
  const end = number === endLine ? endColumn - 1 : line.length;
  const text = line.slice(start, end);
  const name = /^\s*["']?[\w.-]+["']?\s*[:=]\s*(?=\S)/.exec(text)?.[0] ?? "";
  return `${line.slice(0, start)}${name}${hidden(text.slice(name.length))}${line.slice(end)}`;
}

function hidden(text: string): string {
  return text.replaceAll(/[^\s"'`]/g, "•");
}
