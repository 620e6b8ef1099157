/** Breaks text at spaces into lines of at most `width` characters; a longer word stays whole. */
export function wrap(text: string, width: number): string[] {
  const lines: string[] = [];
  for (const paragraph of text.split("\n")) {
    let line = "";
    for (const word of paragraph.split(/\s+/)) {
      if (line !== "" && line.length + 1 + word.length > width) {
        lines.push(line);
        line = word;
      } else line = line === "" ? word : `${line} ${word}`;
    }
    lines.push(line);
  }
  return lines;
}

/** Wrapped text behind a label, further lines aligned under the first. */
export function labelled(label: string, text: string, indent: number, width: number): string[] {
  const lead = " ".repeat(indent);
  const room = Math.max(20, width - indent - label.length);
  return wrap(text, room).map(
    (line, index) => `${lead}${index === 0 ? label : " ".repeat(label.length)}${line}`,
  );
}

const columnGap = 2;
/** With less room than this a last column stands below the others. */
const leastRoom = 20;

/** Columns aligned by their widest cell; the last one is not padded. */
export function alignColumns(rows: readonly (readonly string[])[]): string[] {
  const widths: number[] = [];
  for (const row of rows) {
    row.forEach((cell, column) => {
      widths[column] = Math.max(widths[column] ?? 0, cell.length);
    });
  }
  return rows.map((row) =>
    row
      .map((cell, column) =>
        column === row.length - 1 ? cell : cell.padEnd((widths[column] ?? 0) + columnGap),
      )
      .join("")
      .trimEnd(),
  );
}

/** The lines of each row, with the last column wrapped to fit a width, or below the others where they leave it little room. */
export function alignWrapped(rows: readonly (readonly string[])[], width: number): string[][] {
  const heads = alignColumns(rows.map((row) => row.slice(0, -1)));
  const offset = Math.max(0, ...heads.map((head) => head.length)) + columnGap;
  return rows.map((row, index) => {
    const head = heads[index] ?? "";
    const last = row.at(-1) ?? "";
    if (last === "") return [head];
    if (offset + leastRoom > width) return [head, ...labelled("", last, 6, width)];
    return labelled(head.padEnd(offset), last, 0, width);
  });
}

/** "1 file", "2 files". */
export function counted(count: number, noun: string, plural = `${noun}s`): string {
  return `${count} ${count === 1 ? noun : plural}`;
}

/** Control characters of untrusted text made visible, so that it cannot steer a terminal; line ends and tabs stay. */
export function printable(text: string): string {
  // biome-ignore lint/suspicious/noControlCharactersInRegex: they are what is looked for
  return visibleDirections(text).replace(/[\u0000-\u0008\u000b-\u001f\u007f-\u009f]/g, escaped);
}

/** Characters that turn the text behind them made visible, so that a name cannot reorder the words of a report. */
export function visibleDirections(text: string): string {
  return text.replace(/[\u202a-\u202e\u2066-\u2069]/g, escaped);
}

/** The same for a name, which stands on one line: a line end in it cannot begin a line of its own. */
export function printableName(name: string): string {
  return printable(name).replace(/[\t\n\u2028\u2029]/g, escaped);
}

function escaped(character: string): string {
  return `\\u${(character.codePointAt(0) ?? 0).toString(16).padStart(4, "0")}`;
}
