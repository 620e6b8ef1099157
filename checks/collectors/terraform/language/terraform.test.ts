import { readFileSync } from "node:fs";
import { describe, expect, test } from "vitest";
import { Random } from "#syntax/hcl/differential/random.ts";
import { parseHclExpression } from "#syntax/hcl/parser.ts";
import { SourceFile } from "../files/source-file.ts";
import { againstTerraform, isTerraformHere, terraformJson } from "../testing.ts";
import { evaluate } from "./evaluate.ts";
import { jsonText } from "./functions/json.ts";
import { loadYamlReader } from "./functions/yaml.ts";
import { randomExpression } from "./random-expression.ts";
import type { References } from "./scope.ts";
import { failure, originAt, unknownsIn } from "./value.ts";

/** Expressions whose value is compared with what the real Terraform makes of them, one on each line. */
const expressions = readFileSync(new URL("fixtures/expressions.txt", import.meta.url), "utf8")
  .trim()
  .split("\n");

/** No names: only what an expression says by itself. */
const references: References = {
  variable: (name, place) => failure(name, originAt(place)),
  local: (name, place) => failure(name, originAt(place)),
  resource: () => undefined,
  moduleOutput: (name, _output, place) => failure(name, originAt(place)),
  readFile: () => undefined,
  hasFile: () => undefined,
  filesIn: () => undefined,
};

/** The value as JSON, `refused` where it has none, `unknown: …` where it is not evaluated. */
function resultOf(text: string): string {
  const { expression, problems } = parseHclExpression(text);
  if (problems.length > 0) return "refused";
  const value = evaluate(expression, { source: new SourceFile("main.tf", text), references });
  const [open] = unknownsIn(value);
  if (open === undefined) return jsonText(value);
  return open.isFailure === true ? "refused" : `unknown: ${open.reasons.join("; ")}`;
}

/** What Terraform makes of all the expressions, asked at once. */
function terraformResults(texts: readonly string[]): readonly string[] {
  const items = texts.map(
    (text) => `    try(nonsensitive(jsonencode(${text})), try(jsonencode(${text}), "refused")),\n`,
  );
  const files = { "main.tf": `locals {\n  results = [\n${items.join("")}  ]\n}\n` };
  const answer = terraformJson(files, "jsonencode(nonsensitive(local.results))");
  if ("refused" in answer) throw new Error(answer.refused);
  return answer.value as string[];
}

test.skipIf(!isTerraformHere)(againstTerraform("evaluates expressions as Terraform does"), async () => {
  await loadYamlReader();
  const wanted = terraformResults(expressions);
  const beside = (text: string, value: string): string => `${text}  →  ${value}`;
  expect(expressions.map((text) => beside(text, resultOf(text)))).toEqual(
    expressions.map((text, index) => beside(text, wanted[index] ?? "")),
  );
});

describe.skipIf(!isTerraformHere)(
  againstTerraform("gives made-up expressions the value that Terraform gives them"),
  () => {
    test.each(Array.from({ length: 8 }, (_, seed) => seed))("%i", (seed) => {
      const random = new Random(seed);
      const texts = Array.from({ length: 150 }, () => randomExpression(random, 3));
      const wanted = terraformResults(texts);
      // Of what Terraform refuses, much is refused for the type that a value would have, which is not followed here.
      const compared = texts.map((text, index) => [text, wanted[index] ?? ""] as const);
      const allowed = compared.filter(([, result]) => result !== "refused");
      expect(allowed.length).toBeGreaterThan(40);
      const own = allowed.map(([text]) => [text, resultOf(text)] as const);
      expect(own.filter(([, result]) => !result.startsWith("unknown"))).toEqual(
        allowed.filter((_, index) => !own[index]?.[1].startsWith("unknown")),
      );
      expect(own.filter(([, result]) => result.startsWith("unknown")).length).toBeLessThan(5);
    });
  },
);
