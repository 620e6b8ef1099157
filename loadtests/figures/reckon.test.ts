import { describe, expect, test } from "vitest";
import figures from "./generator.json" with { type: "json" };
import { type Demand, memoryFor, reckon } from "./reckon.ts";

const usual: Demand = {
  rate: 1000,
  size: 10_240,
  transactionMs: 100,
  connectPerMessage: false,
  processors: 1,
};

/** What was measured of a way and a size. */
function measured(connections: string, size: number): { generator: number; sink: number } {
  const row = figures.rows.find((each) => each.connections === connections && each.size === size);
  if (row === undefined) throw new Error(`${connections}, ${size} was not measured`);
  return row;
}

describe("what a load takes", () => {
  test("is what was measured, where it was measured", () => {
    for (const { connections, size, generator, sink } of figures.rows) {
      const found = reckon({ ...usual, size, connectPerMessage: connections === "one per message" });
      expect(found.microseconds, `${connections}, ${size}`).toEqual({ generator, sink });
    }
  });

  test("lies between the neighbours for a size between them", () => {
    const [small, large] = [measured("kept", 10_240), measured("kept", 102_400)];
    const { generator } = reckon({ ...usual, size: 56_320 }).microseconds;
    expect(generator).toBeCloseTo((small.generator + large.generator) / 2, -1);
    expect(reckon({ ...usual, size: 4_194_304 }).microseconds.generator).toBeGreaterThan(
      measured("kept", 1_048_576).generator,
    );
  });

  test("grows with the rate, and the pods are enough for it", () => {
    let before = 0;
    for (const rate of [1, 10, 100, 1000, 10_000, 100_000]) {
      const { pods, processors, connections, ports } = reckon({ ...usual, rate });
      expect(pods).toBeGreaterThanOrEqual(before);
      expect(pods).toBeGreaterThanOrEqual(processors.generator - 0.01);
      expect(connections.perPod * pods).toBeGreaterThanOrEqual(connections.total);
      expect(ports.perPod).toBeLessThanOrEqual(ports.available);
      before = pods;
    }
    expect(before).toBeGreaterThan(10);
  });

  test("is connections by Little's law, twice", () => {
    expect(reckon({ ...usual, rate: 500, transactionMs: 200 }).connections.total).toBe(200);
  });

  test("is more pods where ports run out before processors do", () => {
    const { pods, because, ports } = reckon({
      ...usual,
      rate: 4000,
      connectPerMessage: true,
      processors: 16,
    });
    expect({ pods, because }).toEqual({ pods: 9, because: "ports" });
    expect(ports.perPod).toBeLessThanOrEqual(ports.available);
    expect(reckon({ ...usual, rate: 4000, processors: 16 }).because).toBe("one is enough");
  });

  test("is memory by virtual users, never less than was measured", () => {
    for (const { users, megabytes } of figures.memory)
      expect(memoryFor(users)).toBeGreaterThanOrEqual(megabytes);
    expect(memoryFor(1)).toBe(256);
  });
});

test.each([
  [{ rate: 0 }, "--target-rate"],
  [{ rate: Number.NaN }, "--target-rate"],
  [{ size: -1 }, "--size"],
  [{ transactionMs: 0 }, "--transaction"],
  [{ processors: 0 }, "--processors"],
] as const)("a demand that is none is refused: %s", (change, flag) => {
  expect(() => reckon({ ...usual, ...change })).toThrow(`${flag}: give a number above zero`);
});
