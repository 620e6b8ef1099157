import { describe, expect, test } from "vitest";
import { absent, defaulted, known, unknown, type Value } from "#base/value.ts";
import type { Fact } from "#facts/fact.ts";
import { factKinds } from "#facts/registry.ts";
import type { Finding } from "#policy/conditions.ts";
import { actualWords, expectedWords, fillWords } from "./words.ts";

function finding(attribute: string, value: Value): Finding {
  return { attribute, assertion: { const: "required" }, value, outcome: "fail" };
}

describe("words of values", () => {
  test.each<[string, Value, string]>([
    ["known", known("none"), "tls.mode is none"],
    ["a default", defaulted("opportunistic"), "tls.mode is opportunistic (the default)"],
    ["a truth", known(false), "tls.mode is false"],
    ["a list", known(["a", 1]), "tls.mode is a, 1"],
    ["an empty list", known([]), "tls.mode is empty"],
    ["absent", absent(), "tls.mode is not set"],
    ["unknown", unknown("var.a has no default"), "tls.mode could not be told: var.a has no default"],
  ])("%s", (_, value, words) => {
    expect(actualWords("mail.route", [finding("tls.mode", value)])).toBe(words);
  });

  test("are short, also of a long list", () => {
    for (const value of ["x".repeat(10_000), Array.from({ length: 10_000 }, (_, at) => `entry ${at}`)]) {
      expect(actualWords("mail.route", [finding("tls.mode", known(value))]).length).toBeLessThan(160);
    }
  });

  test("never show what an attribute keeps secret", () => {
    const sensitive = factKinds.flatMap(({ kind, attributes }) =>
      Object.entries(attributes).flatMap(([name, attribute]) =>
        attribute.sensitive === true ? [{ kind, name }] : [],
      ),
    );
    const location = { file: "a.tf", line: 1, column: 1, endLine: 1, endColumn: 2 };
    for (const { kind, name } of sensitive) {
      for (const secret of ["hunter2", ["hunter2"]]) {
        const fact: Fact = { kind, id: "a", location, attributes: { [name]: known(secret) } };
        const words = [actualWords(kind, [finding(name, known(secret))]), fillWords(`{${name}}`, fact)];
        expect(words.join(" ")).not.toContain("hunter2");
      }
    }
  });
});

test("expectations are joined as the rule joins them", () => {
  const mode = finding("tls.mode", known("none"));
  const verification = finding("tls.verification", known("none"));
  const [first, second] = ["tls.mode must be required", "tls.verification must be required"];
  expect(expectedWords([mode, verification], [])).toBe(`${first} and ${second}`);
  expect(expectedWords([], [[mode], [verification]])).toBe(`${first}, or ${second}`);
  expect(expectedWords([mode], [[mode, verification], [verification]])).toBe(
    `${first}; and ${first} and ${second}, or ${second}`,
  );
});

test("a sentence is filled with what is known, and says what is not", () => {
  const location = { file: "a.tf", line: 1, column: 1, endLine: 1, endColumn: 2 };
  const attributes = { a: known("x {b}"), b: unknown("why"), c: absent() };
  const fact: Fact = { kind: "mail.route", id: "smtp/unix", location, attributes };
  expect(fillWords(" {fact}: {a}, {b}, {c}, {d}, {} ", fact)).toBe(
    "smtp/unix: x {b}, not known, not set, {d}, {}",
  );
});
