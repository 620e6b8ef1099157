import { readdirSync, readFileSync } from "node:fs";
import { describe, expect, test } from "vitest";
import type { Json, Value } from "#base/value.ts";
import type { Collected } from "#facts/collector.ts";
import type { Fact } from "#facts/fact.ts";
import { collectAll } from "../testing.ts";

/*
 * Each fixture holds modules, one after each line `#### title`. Comments say what the readers make of them:
 *
 *   #= KIND ID: ATTRIBUTE = VALUE; ATTRIBUTE = unknown(VALUE,VALUE) ~ WORDS OF THE REASON @ PLACE | KIND ID: …
 *   #- KIND ID           no such fact
 *   #! CODE WORDS        a diagnostic at the line above
 *
 * A value stands on the line of the comment; a comment on a line of its own speaks of the line below it, and of no
 * place where that is empty. `@ any` asks for no place, `@ aws_s3_bucket.a` for the header of that block. `missing` is
 * an attribute that the fact does not have.
 */

const folder = new URL("fixtures/", import.meta.url);

interface Expectation {
  readonly words: string;
  readonly kind: string;
  readonly id: string;
  readonly attribute: string;
  readonly value: string;
  readonly reason: string | undefined;
  readonly line: number | undefined;
}

interface Example {
  readonly title: string;
  readonly text: string;
}

function examplesOf(text: string): Example[] {
  return text
    .split(/^#### /m)
    .slice(1)
    .map((part) => ({ title: part.slice(0, part.indexOf("\n")), text: part.slice(part.indexOf("\n") + 1) }));
}

function headerLine(lines: readonly string[], address: string): number {
  const [type, name] = address.replace(/^data\./, "").split(".");
  return lines.findIndex((line) => line.includes(`"${type}" "${name}"`)) + 1;
}

function expectationsOf(text: string): Expectation[] {
  const lines = text.split("\n");
  return lines.flatMap((line, index) => {
    const comment = /#= (.*)$/.exec(line)?.[1];
    if (comment === undefined) return [];
    return comment.split(" | ").flatMap((part) => {
      const [, kind = "", id = "", list = ""] = /^(\S+) (.+?): (.*)$/.exec(part) ?? [];
      return list.split("; ").map((words): Expectation => {
        const [, attribute = "", value = "", reason, place] =
          /^(\S+) = (.*?)(?: ~ (.*?))?(?: @ (\S+))?$/.exec(words) ?? [];
        const at =
          place === undefined
            ? spokenOf(lines, index)
            : place === "any"
              ? undefined
              : headerLine(lines, place);
        return { words, kind, id, attribute, value, reason, line: at };
      });
    });
  });
}

/** The line (from 1) that a comment speaks of. */
function spokenOf(lines: readonly string[], index: number): number | undefined {
  if (!lines[index]?.trimStart().startsWith("#")) return index + 1;
  let at = index + 1;
  while (lines[at]?.trimStart().startsWith("#")) at++;
  return (lines[at] ?? "").trim() === "" ? undefined : at + 1;
}

function shown(value: Value | undefined): string {
  if (value === undefined) return "missing";
  if (value.state === "absent") return "absent";
  if (value.state === "known")
    return typeof value.value === "string" ? value.value : JSON.stringify(value.value as Json);
  const alternatives = value.alternatives?.map(shown).join(",");
  return alternatives === undefined ? "unknown" : `unknown(${alternatives})`;
}

function findFact({ facts }: Collected, kind: string, id: string): Fact | undefined {
  const found = facts.filter((fact) => fact.kind === kind && fact.id === id);
  expect(found.length, `facts ${kind} ${id}`).toBeLessThanOrEqual(1);
  return found[0];
}

function wordsOf(value: Value | undefined): string {
  if (value?.state !== "unknown") return "";
  return [value.reason, ...value.chain.map((step) => step.text)].join("\n");
}

for (const name of readdirSync(folder).filter((file) => file.endsWith(".tf"))) {
  const examples = examplesOf(readFileSync(new URL(name, folder), "utf8"));
  describe(name, () => {
    test.each(examples)("$title", async ({ text }) => {
      const collected = await collectAll({ "main.tf": text });
      for (const { words, kind, id, attribute, value, reason, line } of expectationsOf(text)) {
        const fact = findFact(collected, kind, id);
        const label = `${kind} ${id}: ${words}`;
        expect(fact, label).toBeDefined();
        const found = fact?.attributes[attribute];
        // `unknown` alone leaves open which alternatives there are.
        const seen = value === "unknown" && found?.state === "unknown" ? "unknown" : shown(found);
        expect(`${label}: ${seen}`).toBe(`${label}: ${value}`);
        if (reason !== undefined) expect(wordsOf(found), label).toContain(reason);
        if (line !== undefined && found !== undefined) {
          expect(`${label} in line ${found.location?.line}`).toBe(`${label} in line ${line}`);
        }
      }
      for (const [, kind = "", id = ""] of text.matchAll(/#- (\S+) (.*)$/gm)) {
        expect(findFact(collected, kind, id), `${kind} ${id}`).toBeUndefined();
      }
      const due = text.split("\n").flatMap((line, index) => {
        const [, code = "", words = ""] = /^\s*#! (\S+) (.*)$/.exec(line) ?? [];
        return code === "" ? [] : [{ code, words, line: index }];
      });
      const said = collected.diagnostics
        .filter(({ level }) => level === "error")
        .sort((a, b) => (a.location?.line ?? 0) - (b.location?.line ?? 0));
      expect(said.map(({ code, location }) => ({ code, line: location?.line }))).toEqual(
        due.map(({ code, line }) => ({ code, line })),
      );
      for (const [index, { words }] of due.entries()) expect(said[index]?.message).toContain(words);
    });
  });
}
