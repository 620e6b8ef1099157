/**
 * The text of a TXT record. A record holds several strings of at most 255 characters, which mean what they mean when
 * joined without a space (RFC 7208 section 3.3, RFC 6376 section 3.6.2.2). Text without quotation marks is one string;
 * `\"` and `\ddd` (octal, as Route 53 writes it) stand for one character.
 */
export function joinTxtStrings(text: string): string {
  const trimmed = text.trim();
  const body =
    trimmed.startsWith('"') && trimmed.endsWith('"') && trimmed.length > 1 ? trimmed.slice(1, -1) : trimmed;
  return body
    .replace(/(?<!\\)"\s*"/g, "")
    .replace(/\\([0-7]{3})/g, (_, octal: string) => String.fromCharCode(Number.parseInt(octal, 8)))
    .replace(/\\(["\\])/g, "$1");
}
