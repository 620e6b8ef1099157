import { expect, test } from "vitest";
import { diffEditions } from "./diff.ts";
import type { Control, Designation, Edition } from "./edition.ts";

function control(citation: string, designation: Designation, ...origins: string[]): Control {
  return {
    citation,
    title: citation,
    designation,
    parent: null,
    derivesFrom: origins.map((origin) => ({ edition: "before", citation: origin })),
    duty: "Do it.",
    safeguard: "technical",
    verification: { grade: "own", source: "us", asOf: "2026-01-01" },
  };
}

function edition(id: string, controls: readonly Control[]): Edition {
  return {
    id,
    title: id,
    status: "organisation",
    statusAsOf: "2026-01-01",
    dates: {},
    source: {},
    derivedFrom: null,
    removed: [],
    wording: { pass: "meets", fail: "does not meet" },
    notes: [],
    controls,
    mappings: [],
  };
}

const before = edition("before", [
  control("1", "addressable"),
  control("2", "required"),
  control("3", "addressable"),
  control("4", "standard"),
]);

function changes(after: Edition): string[] {
  return diffEditions(before, after).map(({ change, before: origins, after: line, binding }) => {
    const words = [change, origins.map(({ citation }) => citation).join("+"), line?.citation ?? "-"];
    return [
      ...words,
      ...(binding === undefined ? [] : [`${binding.before.join("+")} became ${binding.after}`]),
    ].join(" ");
  });
}

test("lines are new, removed or carried on, and said to bind otherwise", () => {
  const after = edition("after", [
    control("a", "required", "1"),
    control("b", "required", "2"),
    control("c", "required", "2", "3"),
    control("d", "required"),
  ]);
  expect(changes(after)).toEqual([
    "carried 1 a addressable became required",
    "carried 2 b",
    "carried 2+3 c required+addressable became required",
    "new  d",
    "untouched 4 -",
  ]);
});

test("only what the later edition drops is removed, with its parts; the rest it does not cover", () => {
  const removal = { edition: "before", citation: "4", fate: "deleted", source: "the text", movedTo: [] };
  const earlier = edition("before", [...before.controls, { ...control("4(a)", "required"), parent: "4" }]);
  const later = { ...edition("after", [control("a", "required", "1")]), removed: [removal] };
  const words = diffEditions(earlier, later).map(
    ({ change, before: [origin] }) => `${change} ${origin?.citation}`,
  );
  expect(words).toEqual(["carried 1", "untouched 2", "untouched 3", "removed 4", "removed 4(a)"]);
});

test("a line that heads others lives on in those that are carried", () => {
  const earlier = edition("before", [
    control("4", "standard"),
    { ...control("4(a)", "required"), parent: "4" },
  ]);
  const words = diffEditions(earlier, edition("after", [control("a", "required", "4(a)")]));
  expect(words.map(({ change }) => change)).toEqual(["carried"]);
});

test("a line that derives from a third edition, or from a line that is not there, is new", () => {
  const third = { ...control("a", "required"), derivesFrom: [{ edition: "third", citation: "1" }] };
  expect(changes(edition("after", [third, control("b", "required", "9")])).slice(0, 2)).toEqual([
    "new  a",
    "new  b",
  ]);
});

test("an edition against itself is carried on line by line, whatever its lines derive from", () => {
  expect(changes(before)).toEqual(["carried 1 1", "carried 2 2", "carried 3 3", "carried 4 4"]);
});
