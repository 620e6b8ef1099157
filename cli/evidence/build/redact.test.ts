import { describe, expect, test } from "vitest";
import type { Location } from "#base/location.ts";
import { redact } from "./redact.ts";

function place(line: number, column: number, endColumn: number, endLine = line): Location {
  return { file: "a", line, column, endLine, endColumn };
}

describe("masking a secret", () => {
  const cases: Readonly<Record<string, readonly [text: string, at: Location, masked: string]>> = {
    "a string": ['password = "Sesam!"\n', place(1, 12, 20), 'password = "r3d4ct"\n'],
    "a property with its name": ["{ pass: 'se\\'sam', b: 1 }", place(1, 3, 18), "{ pass: 'r3d4ct3', b: 1 }"],
    "an entry of a map": ["relay.example user:sesam", place(1, 15, 25), "relay.example r3d4:r3d4c"],
    "a text over several lines": ["a = `one\ntwo`\nb", place(1, 5, 5, 2), "a = `r3d\nct3`\nb"],
    "behind a byte-order mark": ['\ufeffa = "x"\r\nb', place(1, 5, 8), '\ufeffa = "r"\r\nb'],
  };

  test.each(Object.entries(cases))("%s", (_name, [text, at, masked]) => {
    expect(redact(text, [at]).text).toBe(masked);
  });

  test("is recorded by line, once", () => {
    const { redactions } = redact('a = "x", b = "y"\n', [place(1, 5, 8), place(1, 14, 17)]);
    expect(redactions).toEqual([{ line: 1, what: "literal secret" }]);
  });
});
