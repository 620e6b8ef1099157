const notShown = "[not shown]";

/** What a value has to begin with to be a placeholder or a variable, and no secret. */
const reference = String.raw`[{$'"]*[{$]`;

const secrets: readonly (readonly [RegExp, string])[] = [
  // --auth-password x, --password=x, SMTP_PASSWORD=x
  [
    new RegExp(
      String.raw`((?:--?[\w.-]*|\b\w*)(?:password|passwd|passphrase|pass|pwd|secret|token|api[-_]?key)(?:=|(?<=\s--?[\w.-]+)\s+))(?!${reference})('[^']*'|"[^"]*"|[^\s'"]+)`,
      "gi",
    ),
    `$1${notShown}`,
  ],
  // curl -u name:x
  [
    new RegExp(String.raw`(\s(?:-u|--user)[ =]?\s*['"]?[^\s:'"{$]+:)(?!${reference})[^\s'"]+`, "g"),
    `$1${notShown}`,
  ],
  // swaks -ap x
  [new RegExp(String.raw`(\s-ap\s+)(?!${reference})\S+`, "g"), `$1${notShown}`],
  // smtp://name:x@host
  [new RegExp(String.raw`(:\/\/[^\s/:@]+:)(?!${reference})[^\s/@]+(?=@)`, "g"), `$1${notShown}`],
];

/** What a sender is called that is known by its command or its address: the same without the passwords in it. */
export function nameOf(text: string): string {
  return secrets.reduce((name, [pattern, replacement]) => name.replace(pattern, replacement), text).trim();
}
