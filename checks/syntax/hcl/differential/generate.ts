import { Random } from "./random.ts";

/** A valid file of HCL native syntax that uses every construct sooner or later; the same for a seed. */
export function generateHcl(seed: number): string {
  return new Generator(new Random(seed)).file();
}

/** Where an expression stands: in brackets newlines mean nothing, and only there or at its end can it hold a heredoc. */
type Place = "argument" | "line" | "brackets";

class Generator {
  private readonly random: Random;
  private names = 0;

  constructor(random: Random) {
    this.random = random;
  }

  file(): string {
    const body = this.body(3, "");
    const text = this.random.chance(0.1) ? body.trimEnd().replace(/\n[ \t]*E[A-Z]*$/, "$&\n") : body;
    return this.random.chance(0.1) ? text.replaceAll("\n", "\r\n") : text;
  }

  private body(depth: number, indent: string): string {
    return this.random
      .many(0, depth === 3 ? 8 : 4, () => this.item(depth, indent))
      .map((item) => `${this.random.chance(0.9) ? indent : ""}${item}${this.lineEnd()}`)
      .join("");
  }

  private lineEnd(): string {
    return this.random.pick([
      "\n",
      "\n",
      "\n",
      "\n\n",
      " \t\n",
      ' # words "${\n',
      "// more {\n",
      " /* on one line */\n",
      "\n/* on\ntwo */\n",
    ]);
  }

  private item(depth: number, indent: string): string {
    const { random } = this;
    if (depth === 0 || random.chance(0.6)) {
      return `${this.freshName()}${this.blank("line")}=${this.blank("line")}${this.expression(depth, "argument")}`;
    }
    const labels = random.many(0, 2, () => random.pick([() => `"${this.label()}"`, () => this.name()])());
    // The oracle cannot print blocks of one type that have and have no labels.
    const header = [`${this.name()}-${labels.length}`, ...labels].join(" ");
    const gap = random.pick([" ", "", "\t"]);
    if (random.chance(0.1)) return `${header}${gap}{}`;
    if (random.chance(0.15)) {
      return `${header}${gap}{ ${this.freshName()} = ${this.expression(1, "line")} }`;
    }
    return `${header}${gap}{${this.lineEnd()}${this.body(depth - 1, `${indent}  `)}${indent}}`;
  }

  private label(): string {
    return this.random.pick(["main", "a b", "x-y", "", "é", "\\u00e9", 'q\\"q', "$5", "100%", "a\\\\"]);
  }

  private name(): string {
    return this.random.pick([
      "a",
      "b2",
      "with-dash",
      "with_underscore",
      "_x",
      "été",
      "名前",
      "for",
      "if",
      "true",
      "null",
      "in",
      "E",
    ]);
  }

  /** Two arguments of one name are an error in one body. */
  private freshName(): string {
    return `${this.random.pick(["a", "enabled", "größe", "x-"])}${this.names++}`;
  }

  private blank(place: Place): string {
    const { random } = this;
    if (random.chance(0.7)) return " ";
    if (place === "brackets" && random.chance(0.4))
      return random.pick(["\n", "\n  ", " # words }\n", " // ]\n", "\n\n"]);
    return random.pick(["", "  ", "\t", " /* in ( between */ "]);
  }

  private expression(depth: number, place: Place): string {
    const { random } = this;
    if (place === "argument") {
      return random.chance(0.1) ? this.heredoc(depth) : this.expression(depth, "line");
    }
    const gap = (): string => this.blank(place);
    const inner = (): string => this.expression(depth - 1, place);
    if (depth <= 0) return this.term(0, place);
    return random.pick<() => string>([
      () => this.term(depth, place),
      () => this.term(depth, place),
      () => this.term(depth, place),
      () => `${inner()}${gap()}${this.operator()}${gap()}${inner()}`,
      () => `-${random.pick(["", " "])}${random.pick([this.number(), this.variable(), `(${inner()})`])}`,
      () =>
        `!${random.pick(["", " "])}${random.pick(["true", this.variable(), this.call(depth - 1, place)])}`,
      () => `${inner()}${gap()}?${gap()}${inner()} :${gap()}${inner()}`,
    ])();
  }

  private operator(): string {
    return this.random.pick(["+", "-", "*", "/", "%", "==", "!=", "<", "<=", ">", ">=", "&&", "||"]);
  }

  private term(depth: number, place: Place): string {
    const { random } = this;
    const simple = [
      () => this.number(),
      () => random.pick(["true", "false", "null"]),
      () => this.quoted(0),
      () => this.variable(),
    ] as const;
    if (depth <= 0) return random.pick<() => string>([...simple])();
    const inside = "brackets";
    return random.pick<() => string>([
      ...simple,
      () => this.quoted(depth - 1),
      () => this.quoted(depth - 1),
      () => `(${this.blank(inside)}${this.expression(depth - 1, inside)}${this.blank(inside)})`,
      () => this.tuple(depth - 1, inside),
      () => this.object(depth - 1),
      () => this.call(depth - 1, inside),
      () => `${this.source(depth - 1, inside)}${this.steps(depth - 1, inside)}`,
      () => this.forExpression(depth - 1, inside),
      () => (place === "brackets" && random.chance(0.5) ? this.heredoc(depth - 1) : this.number()),
    ])();
  }

  private source(depth: number, place: Place): string {
    return this.random.pick<() => string>([
      () => this.variable(),
      () => this.variable(),
      () => this.call(depth, place),
      () => this.tuple(depth, place),
      () => `(${this.expression(depth, "brackets")})`,
    ])();
  }

  private variable(): string {
    return this.random.pick(["var", "local", "aws_s3_bucket", "each", "été", "data-x", "fort", "iff", "_"]);
  }

  private number(): string {
    return this.random.pick([
      "0",
      "1",
      "42",
      "3.14",
      "0.5",
      "1e3",
      "1E+2",
      "2.5e-3",
      "007",
      "1000000",
      "1.0",
    ]);
  }

  private steps(depth: number, place: Place): string {
    const { random } = this;
    const names = (): string => random.many(0, 2, () => `.${this.name()}`).join("");
    const step = random.pick<() => string>([
      () => `[${this.blank("brackets")}${this.expression(depth, place)}${this.blank("brackets")}]`,
      () => "[0]",
      () => `["k"]`,
      () => "[*]",
      () => `.*${names()}`,
      () => ".0",
      () => "",
    ]);
    return `${names()}${step()}${names()}${random.pick(["", "", "[1]", "[*]", '["a"]'])}` || ".a";
  }

  private tuple(depth: number, place: Place): string {
    const items = this.random.many(0, 3, () => `${this.blank(place)}${this.expression(depth, place)}`);
    const open = items[0]?.trimStart().startsWith("for") === true ? "[(null)," : "[";
    const comma = items.length > 0 && this.random.chance(0.3) ? `${this.blank(place)},` : "";
    return `${open}${this.separated(items)}${comma}${this.blank(place)}]`;
  }

  /** Joined by commas; a heredoc ends with its line. */
  private separated(items: readonly string[]): string {
    return items
      .map((item, index) => (index === 0 ? item : `${this.random.pick(["", " "])},${item}`))
      .join("");
  }

  private object(depth: number): string {
    const { random } = this;
    const entries = random.many(0, 3, () => {
      const key = random.pick<() => string>([
        () => random.pick(["k", "with-dash", "été", "true", "fort"]),
        () => this.quoted(0),
        () => `(${this.expression(depth, "brackets")})`,
        () => "5",
        () => `"\${var.k}"`,
      ])();
      return `${key}${random.pick([" = ", "=", " : ", ": "])}${this.expression(depth, "argument")}`;
    });
    const open = random.pick(["{", "{ ", "{\n", "{ # words\n"]);
    const between = (): string => random.pick([", ", ",\n", "\n", "\n\n", ",  # words\n", "\n/* x */\n"]);
    const close = random.pick([" }", "\n}", entries.length > 0 ? ",\n}" : "}"]);
    const inside = entries.reduce((text, entry) => {
      // Only a new line can follow a heredoc.
      const separator = text === "" || text.endsWith("\n") ? "" : between();
      return `${text}${separator}${entry}`;
    }, "");
    return `${open}${inside}${inside.endsWith("\n") ? "}" : close}`;
  }

  private call(depth: number, place: Place): string {
    const { random } = this;
    const name = random.pick(["upper", "join", "provider::aws::arn_parse", "core::max", "x-y"]);
    const items = random.many(0, 3, () => `${this.blank(place)}${this.expression(depth, place)}`);
    const last = items.length > 0 ? random.pick(["", "", ",", "..."]) : "";
    return `${name}(${this.separated(items)}${last}${this.blank(place)})`;
  }

  private forExpression(depth: number, place: Place): string {
    const { random } = this;
    const names = random.pick(["v", "k, v", "k,v"]);
    const head = `${this.blank(place)}for ${names} in ${this.expression(depth, place)}${this.blank(place)}:`;
    const condition = random.chance(0.3) ? ` if ${this.expression(depth, place)}` : "";
    const value = ` ${this.expression(depth, place)}`;
    if (random.chance(0.5)) return `[${head}${value}${condition}${this.blank(place)}]`;
    const key = ` ${this.expression(depth, place)}`;
    return `{${head}${key}${this.blank(place)}=>${value}${random.pick(["", "..."])}${condition}${this.blank(place)}}`;
  }

  private quoted(depth: number): string {
    return `"${joined(this.random.many(0, 4, () => this.quotedPart(depth)))}"`;
  }

  private quotedPart(depth: number): string {
    const { random } = this;
    const plain = () =>
      random.pick([
        "text",
        " ",
        "é",
        "💊",
        "\\n",
        "\\t",
        '\\"',
        "\\\\",
        "\\u00e9",
        "\\U0001F48A",
        "$",
        "%",
        "$$",
        "$${x}",
        "%%{if}",
        "{",
        "}",
        "#",
        "//",
        "'",
        "\t",
        "~",
      ]);
    if (depth < 0 || random.chance(0.6)) return plain();
    return this.sequence(depth, random.pick(["", "text", " ", "  \\n "]));
  }

  private sequence(depth: number, text: string): string {
    const { random } = this;
    const left = (): string => random.pick(["{", "{ ", "{~ "]);
    const right = (): string => random.pick(["}", " }", " ~}"]);
    const inner = (): string => this.expression(depth, "brackets");
    return random.pick<() => string>([
      () => `$${left()}${inner()}${right()}`,
      () => `$${left()}${inner()}${right()}`,
      () => `%${left()}if ${inner()}${right()}${text}%${left()}endif${right()}`,
      () => `%${left()}if ${inner()}${right()}${text}%${left()}else${right()}x%${left()}endif${right()}`,
      () => `%${left()}for k, v in ${inner()}${right()}${text}%${left()}endfor${right()}`,
      () => `%${left()}for v in ${inner()}${right()}$${left()}v${right()}%${left()}endfor${right()}`,
    ])();
  }

  private heredoc(depth: number): string {
    const { random } = this;
    const marker = random.pick(["EOT", "E", "été"]);
    const dash = random.pick(["", "-"]);
    const lines = random.many(0, 4, () => {
      const indent = random.pick(["", "  ", "    ", "\t"]);
      const parts = random.many(0, 3, () =>
        random.chance(0.5)
          ? random.pick(["text", " ", '"', "\\n", "$${x}", "%%{", "$", "#", "é", "EOTX", "}"])
          : this.sequence(depth, random.pick(["", "text", "\n", "  \n text"])),
      );
      return `${indent}${joined(parts)}`;
    });
    const safe = lines.filter((line) => !line.split("\n").some((part) => part.trim() === marker));
    return `<<${dash}${marker}\n${safe.map((line) => `${line}\n`).join("")}${random.pick(["", "  "])}${marker}\n`;
  }
}

/** Puts parts of a template together, so that none becomes a sequence with the next. */
function joined(parts: readonly string[]): string {
  return parts.reduce(
    (text, part) => text + (/[$%]$/.test(text) && /^[{$%]/.test(part) ? " " : "") + part,
    "",
  );
}
