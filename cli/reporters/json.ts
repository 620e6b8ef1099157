import type { Report } from "#engine/result.ts";

/** The contract for programs: see policies/schema/report.schema.json. One result stands on each line. */
export function* renderJson(report: Report): Generator<string> {
  const { results } = report;
  const lines = new Lines();
  let separator = "{\n  ";
  for (const [name, value] of Object.entries(report)) {
    yield `${separator}${JSON.stringify(name)}: `;
    separator = ",\n  ";
    if (name !== "results" || results.length === 0) {
      yield JSON.stringify(value, undefined, 2).replaceAll("\n", "\n  ");
      continue;
    }
    for (const [index, result] of results.entries()) {
      yield `${index === 0 ? "[" : ","}\n    ${lines.lineOf(result)}`;
    }
    yield "\n  ]";
  }
  yield "\n}\n";
}

/** Values that results of one rule share, so that each is put into words once. */
class Lines {
  private readonly texts = new Map<unknown, string>();

  lineOf(result: Report["results"][number]): string {
    let line = "";
    for (const [name, value] of Object.entries(result)) {
      if (value !== undefined) line += `${line === "" ? "{" : ","}"${name}":${this.textOf(name, value)}`;
    }
    return `${line}}`;
  }

  private textOf(name: string, value: unknown): string {
    if (!shared.has(name)) return JSON.stringify(value);
    let text = this.texts.get(value);
    if (text === undefined) {
      text = JSON.stringify(value);
      this.texts.set(value, text);
    }
    return text;
  }
}

/** What is the same value in all results of a rule, an edition or a fact. */
const shared = new Set([
  ...["edition", "verdict", "rule", "title", "severity", "why", "remedy", "profile", "controls"],
  ...["requirements", "references", "documentation", "fact", "evidence"],
]);
