import { describe, expect, test } from "vitest";
import {
  absent,
  defaulted,
  known,
  mapValue,
  oneOf,
  type Step,
  unknown,
  type Value,
  withStep,
} from "./value.ts";

const location = { file: "a.tf", line: 1, column: 1, endLine: 1, endColumn: 2 };
const step: Step = { location, text: "var.a is not set" };

function length(value: Value<string>): Value<number> {
  return mapValue(value, ({ value: text, location: at, chain }) => known(text.length, at, chain));
}

describe("mapValue", () => {
  test("changes what is known, with its place", () => {
    expect(length(known("abc", location, [step]))).toEqual(known(3, location, [step]));
  });

  test("leaves unknown and absent as they are", () => {
    expect(length(unknown("why", location, [step]))).toEqual(unknown("why", location, [step]));
    expect(length(absent(location))).toEqual(absent(location));
  });

  test("changes alternatives one by one, however deep", () => {
    const value = oneOf<string>(
      [known("a"), oneOf<string>([known("bcd"), unknown("open")], "inner"), absent()],
      "outer",
    );
    expect(length(value)).toEqual(
      oneOf<number>([known(1), oneOf<number>([known(3), unknown("open")], "inner"), absent()], "outer"),
    );
  });
});

describe("oneOf", () => {
  test("is the value itself when there is one", () => {
    expect(oneOf([known(1, location)], "a choice")).toEqual(known(1, location));
  });

  test("has nothing in view when there is none", () => {
    expect(oneOf([], "a choice", location)).toEqual(unknown("a choice", location));
  });

  test("keeps reason, place and chain of the choice", () => {
    const alternatives = [known(1), known(2)];
    expect(oneOf(alternatives, "a choice", location, [step])).toEqual({
      ...unknown("a choice", location, [step]),
      alternatives,
    });
  });
});

test("a default says that it is one", () => {
  expect(defaulted(true, location)).toEqual({ ...known(true, location), isDefault: true });
});

test.each<[string, Value]>([
  ["known", known(1)],
  ["unknown", unknown("why")],
  ["absent", absent()],
])("withStep puts a step in front of the chain of an %s value", (_, value) => {
  const later = { location, text: "later" };
  expect(withStep(withStep(value, later), step)).toEqual({ ...value, chain: [step, later] });
});
