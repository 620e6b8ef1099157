import { expect, test } from "vitest";
import { parseDuration } from "./duration.ts";

const day = 86_400;

test.each([
  ["300s", 300],
  ["200ms", 0.2],
  ["5m", 300],
  ["1.5h", 5400],
  ["5d", 5 * day],
  ["2w", 14 * day],
  ["1 second", 1],
  ["90 Days", 90 * day],
  [" 6 years ", 6 * 365.2425 * day],
  ["12 months", 365.2425 * day],
])("reads %j", (text, seconds) => {
  expect(parseDuration(text)).toBeCloseTo(seconds, 6);
});

test.each([
  "",
  "5",
  "days",
  "-5d",
  "5 5d",
  "5ds",
  "1.d",
  ".5d",
  "1h30m",
  "5 fortnights",
  "5 constructor",
  "1e3s",
])("does not take %j for a duration", (text) => {
  expect(parseDuration(text)).toBeUndefined();
});
