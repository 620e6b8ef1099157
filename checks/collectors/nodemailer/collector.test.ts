import { readdirSync, readFileSync } from "node:fs";
import { describe, expect, test } from "vitest";
import type { Value } from "#base/value.ts";
import { collectAll, type Example, readExamples } from "./testing.ts";

/*
 * Each fixture holds small projects, one after each line `//// title`, whose files begin with `//# path`; what comes
 * before the first of these is `mail.ts`. A file `deploy.env` is given with --env-file. Comments say what is collected:
 *
 *   //= KIND ID: ATTRIBUTE = VALUE; ATTRIBUTE = unknown(VALUE,VALUE) ~ WORDS OF THE REASON OR CHAIN @ PLACE
 *   //- KIND ID           no such fact; `//- all` no fact at all
 *   //! CODE              an error that stands in the line above
 *
 * A value stands on the line of the comment; a comment on a line of its own speaks of the line below it. `@ any` asks
 * for no place, `@ file:line` for that one. `missing` is an attribute that the fact does not have.
 */

const folder = new URL("fixtures/", import.meta.url);

interface Expectation {
  readonly words: string;
  readonly kind: string;
  readonly id: string;
  readonly attribute: string;
  readonly value: string;
  readonly reason: string | undefined;
  readonly place: string | undefined;
}

function expectationsOf({ files }: Example): Expectation[] {
  return Object.entries(files).flatMap(([path, text]) => {
    const lines = text.split("\n");
    return lines.flatMap((line, index) => {
      const [, kind = "", id = "", list] = /\/\/= (\S+) (.+?): (.*)$/.exec(line) ?? [];
      if (list === undefined) return [];
      return list.split("; ").map((words): Expectation => {
        const [, attribute = "", value = "", reason, place] =
          /^(\S+) = (.*?)(?: ~ (.*?))?(?: @ (\S+))?$/.exec(words) ?? [];
        const own = line.trimStart().startsWith("//=") ? index + 2 : index + 1;
        return { words, kind, id, attribute, value, reason, place: place ?? `${path}:${own}` };
      });
    });
  });
}

function shown(value: Value | undefined): string {
  if (value === undefined) return "missing";
  if (value.state === "absent") return "absent";
  if (value.state === "known")
    return typeof value.value === "string" ? value.value : JSON.stringify(value.value);
  const alternatives = value.alternatives?.map(shown).join(",");
  return alternatives === undefined ? "unknown" : `unknown(${alternatives})`;
}

function wordsOf(value: Value | undefined): string {
  if (value === undefined) return "";
  const chain = value.chain.map(({ text }) => text);
  return [...(value.state === "unknown" ? [value.reason] : []), ...chain].join("\n");
}

for (const name of readdirSync(folder).sort()) {
  describe(name, () => {
    test.each(readExamples(readFileSync(new URL(name, folder), "utf8")))("$title", async (example) => {
      const { facts, diagnostics } = await collectAll(example.files);
      const named = new Set<string>();
      for (const { words, kind, id, attribute, value, reason, place } of expectationsOf(example)) {
        const label = `${kind} ${id}: ${words}`;
        const found = facts.filter((fact) => fact.kind === kind && fact.id === id);
        const there = facts.filter((fact) => fact.kind === kind).map((fact) => fact.id);
        expect(found.length, `${label} (there are ${there.join(", ")})`).toBe(1);
        const seen = found[0]?.attributes[attribute];
        named.add(id);
        const state = value === "unknown" && seen?.state === "unknown" ? "unknown" : shown(seen);
        expect(`${label}: ${state}${state === value ? "" : `\n${wordsOf(seen)}`}`).toBe(`${label}: ${value}`);
        if (reason !== undefined) expect(wordsOf(seen), label).toContain(reason);
        if (place !== "any" && seen !== undefined) {
          expect(`${label} at ${seen.location?.file}:${seen.location?.line}`).toBe(`${label} at ${place}`);
        }
      }
      const text = Object.values(example.files).join("\n");
      for (const [, kind, id] of text.matchAll(/\/\/- (\S+) (\S+)$/gm)) {
        expect(facts.filter((fact) => fact.kind === kind && fact.id === id)).toEqual([]);
      }
      if (/^\/\/- all$/m.test(text)) expect(facts).toEqual([]);
      // A route that no comment speaks of is one too many.
      const routes = facts.filter(({ kind }) => kind === "mail.route").map(({ id }) => id);
      expect(routes.filter((id) => !named.has(id))).toEqual([]);
      const due = Object.entries(example.files).flatMap(([path, content]) =>
        content.split("\n").flatMap((line, index) => {
          const code = /^\s*\/\/! (\S+)$/.exec(line)?.[1];
          return code === undefined ? [] : [`${code} ${path}:${index}`];
        }),
      );
      const errors = diagnostics.filter(({ level }) => level === "error");
      expect(errors.map(({ code, location }) => `${code} ${location?.file}:${location?.line}`)).toEqual(due);
    });
  });
}
