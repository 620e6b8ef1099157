import { describe, expect, test } from "vitest";
import { parseHcl } from "../parser.ts";
import { walk } from "../tree.ts";
import { asJson } from "./as-json.ts";
import { generateHcl } from "./generate.ts";
import { readByOracle, skeletonByOracle } from "./oracle.ts";
import { Random } from "./random.ts";
import { skeletonOf } from "./skeleton.ts";

const seeds = Array.from({ length: 100 }, (_, seed) => seed);
const damagesPerFile = 12;

/** What breaks a file, or does not. */
const insertions = [
  ...[
    '"',
    "{",
    "}",
    "[",
    "]",
    "(",
    ")",
    "\n",
    "$",
    "%",
    "~",
    "=",
    "<",
    ">",
    "-",
    "+",
    ".",
    ",",
    ":",
    "#",
    "/",
  ],
  ...["*", "\\", "a", "0", "E", "é", " ", "!", "&", "|", "?", "\t", "\r", "'", "`", "@", "^", ";", "\u0000"],
  ...["\u00a0", "...", "${", "%{", "/*", "<<E\n", "::", "=>", "\ufeff"],
] as unknown as readonly [string, ...string[]];

/** The file with one character removed, added or replaced. */
function damage(text: string, random: Random): string {
  const characters = [...text];
  const at = random.below(characters.length + 1);
  const added = random.chance(1 / 3) ? [] : [random.pick(insertions)];
  const removed = added.length === 0 || random.chance(0.5) ? 1 : 0;
  return characters.toSpliced(at, removed, ...added).join("");
}

describe("Terraform's own parser agrees", { timeout: 120_000 }, () => {
  test.each(seeds)("on the content of file %i", async (seed) => {
    const text = generateHcl(seed);
    const { body, problems } = parseHcl(text);
    const { content, error } = await readByOracle(text);
    expect({ text, error, problems }).toEqual({ text, error: undefined, problems: [] });
    if (content !== undefined) expect(asJson(text, body)).toEqual(content);
    for (const node of walk(body)) {
      if (node.kind !== "attribute") continue;
      const source = `${text.slice(node.expression.start, node.expression.end)}\n`;
      expect([source, skeletonOf(text, node.expression)]).toEqual([source, await skeletonByOracle(source)]);
    }
  });

  test.each(seeds)(
    "on what is no longer valid, or means something else, in file %i after damage",
    async (seed) => {
      const whole = generateHcl(seed);
      const random = new Random(seed);
      for (const text of random.many(damagesPerFile, damagesPerFile, () => damage(whole, random))) {
        const { body, problems } = parseHcl(text);
        const { content, error } = await readByOracle(text);
        const isOurs = problems.length === 0;
        expect({ text, isValid: isOurs, problems, error }).toEqual({
          text,
          isValid: error === undefined,
          problems,
          error,
        });
        if (content !== undefined) expect({ text, content: asJson(text, body) }).toEqual({ text, content });
      }
    },
  );
});
