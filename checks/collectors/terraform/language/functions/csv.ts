import { mapping, type Origin, scalar, sequence, type TerraformValue } from "../value.ts";
import { EvaluationFailure, type FunctionDefinition, plain, text } from "./definition.ts";

/** The records of a CSV text by RFC 4180. */
function parseRecords(content: string): string[][] {
  const records: string[][] = [];
  let record: string[] = [];
  let at = 0;
  while (at < content.length) {
    const quoted = /^"((?:[^"]|"")*)"(?=,|\r?\n|$)/.exec(content.slice(at));
    const bare = /^[^,\n"]*/.exec(content.slice(at))?.[0] ?? "";
    record.push(quoted === null ? bare.replace(/\r$/, "") : (quoted[1] ?? "").replaceAll('""', '"'));
    at += quoted === null ? bare.length : quoted[0].length;
    if (content.startsWith("\r\n", at)) at++;
    const separator = content[at];
    if (separator !== undefined && separator !== "," && separator !== "\n")
      throw new EvaluationFailure("the text is no CSV");
    at++;
    if (separator === ",") {
      if (at === content.length) record.push("");
      else continue;
    }
    if (record.length > 1 || record[0] !== "") records.push(record);
    record = [];
  }
  return records;
}

function decode(content: string, origin: Origin): TerraformValue {
  const [names, ...rows] = parseRecords(content);
  if (names === undefined) throw new EvaluationFailure("the text has no header line");
  if (new Set(names).size < names.length) throw new EvaluationFailure("two columns have one name");
  const objects = rows.map((row) => {
    if (row.length !== names.length)
      throw new EvaluationFailure("a line has not as many fields as the header");
    const fields = names.map((name, index): [string, TerraformValue] => [
      name,
      scalar(row[index] ?? "", origin),
    ]);
    return mapping("object", new Map(fields), origin);
  });
  return sequence("list", objects, origin);
}

export const csvFunctions: Readonly<Record<string, FunctionDefinition>> = {
  csvdecode: plain(1, 1, ([content], origin) => decode(text(content), origin)),
};
