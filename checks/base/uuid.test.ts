import { expect, test } from "vitest";
import { uuidOfUrl } from "./uuid.ts";

test("is what Python's uuid.uuid5(uuid.NAMESPACE_URL, …) gives", () => {
  expect(uuidOfUrl("https://hipaa-check.dev/")).toBe("b76090f7-f7d3-5a49-91c7-18831119bcfb");
  expect(uuidOfUrl("https://hipaa-check.dev/é")).toBe("800d7da7-1854-56b9-a6f9-7fba9030a269");
});
