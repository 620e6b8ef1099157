import type { Files } from "./testing.ts";

/** A small generator of numbers, the same for the same seed (xorshift). */
class Numbers {
  private state: number;

  constructor(seed: number) {
    this.state = seed * 2_654_435_761 + 1;
  }

  below(limit: number): number {
    this.state ^= this.state << 13;
    this.state ^= this.state >>> 17;
    this.state ^= this.state << 5;
    return (this.state >>> 0) % limit;
  }

  pick<T>(items: readonly T[]): T {
    return items[this.below(items.length)] as T;
  }
}

const builtInNames = [
  "myhostname",
  "mydomain",
  "relayhost",
  "smtp_tls_security_level",
  "smtp_tls_mandatory_protocols",
  "smtp_tls_policy_maps",
  "smtpd_tls_security_level",
  "smtpd_banner",
  "mydestination",
  "smtpd_recipient_restrictions",
  "relay_destination_rate_delay",
  "bulk_destination_concurrency_limit",
  "mailbox_command",
  "smtp_header_checks",
];
const ownNames = ["first", "second", "third", "fourth", "empty", "smtp_banner_text", "Mixed_Case9"];
const words = [
  "encrypt",
  "may",
  "10",
  "9",
  "a.example",
  "[b.example]:587",
  "hash:/etc/x",
  ">=TLSv1.2",
  "x=y",
  "#",
  "!y",
];
const spaces = [" ", "  ", "\t", "\n  ", "\n\t", "\n# in between\n  ", "\n   \n ", "\n \t# indented\n  "];

/** A configuration that no person would write, of every form that values can have. */
export function generateConfiguration(seed: number): Files {
  const numbers = new Numbers(seed);
  const lines: string[] = ["compatibility_level = 3.6", "empty ="];
  const count = 6 + numbers.below(14);
  for (let line = 0; line < count; line += 1) {
    const name = numbers.pick([...builtInNames, ...ownNames]);
    // A name refers only to names further down its own order, so that most configurations have no circle.
    const below = ownNames.slice(ownNames.indexOf(name) + 1);
    const allowed = numbers.below(40) === 0 ? ownNames : below;
    lines.push(
      `${name}${numbers.pick(["=", " = ", " =", "\t=\t"])}${text(numbers, allowed, 3)}${numbers.pick(["", " ", "\t"])}`,
    );
    if (numbers.below(6) === 0) lines.push(numbers.pick(["# comment", "", "   ", "  # indented comment"]));
    if (numbers.below(60) === 0)
      lines.push(numbers.pick(["no equals sign", "= nothing before it", "  stray = text"]));
  }
  return { "main.cf": `${lines.join("\n")}${numbers.pick(["", "\n"])}`, "master.cf": services(numbers) };
}

function text(numbers: Numbers, names: readonly string[], depth: number): string {
  const count = numbers.below(4);
  const pieces = Array.from({ length: count }, () => piece(numbers, names, depth));
  return pieces.join(numbers.pick(spaces));
}

function piece(numbers: Numbers, names: readonly string[], depth: number): string {
  const name = numbers.pick([...names, "mail_name", "empty", "undefined_name"]);
  const plain = [numbers.pick(words), `$${name}`, `\${${name}}`, `$(${name})`, "a$$b", `\${${name}}tail`];
  if (depth === 0) return numbers.pick(plain);
  const inner = (): string => piece(numbers, names, depth - 1);
  const test = numbers.pick([name, ` ${name} `]);
  const operator = numbers.pick(["==", "!=", "<", "<=", ">", ">="]);
  return numbers.pick([
    ...plain,
    `\${${test}?${inner()}}`,
    `\${${test}:${inner()}}`,
    `\${${test}?{${inner()}}:{${inner()}}}`,
    `\${${test} ? {${inner()}} : {${inner()}} }`,
    `\${${test}?{${inner()}}}`,
    `\${{${inner()}}${operator}{${inner()}}?{${inner()}}:{${inner()}}}`,
    `\${{${inner()}} ${operator} {${inner()}} ? {${inner()}} : {${inner()}}}`,
    `\${{${inner()}} ${operator} {${inner()}}}`,
    `\${{$compatibility_level} <level {3.6} ? {old} : {new}}`,
  ]);
}

function services(numbers: Numbers): string {
  const options = Array.from({ length: numbers.below(4) }, () => {
    const name = numbers.pick([...builtInNames, ...ownNames]);
    const value = numbers.pick(words).replaceAll("#", "x");
    return numbers.pick([
      `  -o ${name}=${value}`,
      `  -o { ${name} = ${value} $mail_name }`,
      `# -o ${name}=${value}`,
    ]);
  });
  return [
    "smtp      inet  n       -       y       -       -       smtpd",
    ...options,
    "smtp      unix  -       -       y       -       -       smtp",
    "relay     unix  -       -       y       -       -       smtp",
    "bulk      unix  -       -       y       -       -       smtp",
    "",
  ].join("\n");
}
