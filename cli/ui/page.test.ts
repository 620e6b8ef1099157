import { describe, expect, test } from "vitest";
import { htmlPage } from "./page.ts";

const page = htmlPage("test", "");

/** The colours of `:root` in the page itself, in the dark, and on paper: each block adds to the first. */
function palettes(): Readonly<Record<string, ReadonlyMap<string, string>>> {
  const [light = "", dark = "", print = ""] = [...page.matchAll(/:root\{([^}]*)\}/g)].map(([, text]) => text);
  const read = (text: string) =>
    [...text.matchAll(/--(\w+):(#[0-9a-f]+)/g)].map(([, name = "", value = ""]) => [name, value] as const);
  return {
    light: new Map(read(light)),
    dark: new Map([...read(light), ...read(dark)]),
    paper: new Map([...read(light), ...read(print)]),
  };
}

/** WCAG 2.2, relative luminance. */
function luminance(colour: string): number {
  const digits =
    colour.length === 4
      ? [...colour.slice(1)].map((digit) => digit + digit)
      : (colour.slice(1).match(/../g) ?? []);
  const [red = 0, green = 0, blue = 0] = digits.map((pair) => {
    const share = Number.parseInt(pair, 16) / 255;
    return share <= 0.04045 ? share / 12.92 : ((share + 0.055) / 1.055) ** 2.4;
  });
  return 0.2126 * red + 0.7152 * green + 0.0722 * blue;
}

function contrast(one: string, other: string): number {
  const [light = 0, dark = 0] = [luminance(one), luminance(other)].sort((a, b) => b - a);
  return (light + 0.05) / (dark + 0.05);
}

describe("colours meet WCAG AA", () => {
  test("the measure is that of WCAG", () => {
    expect(contrast("#000000", "#fff")).toBeCloseTo(21);
    expect(contrast("#767676", "#ffffff")).toBeCloseTo(4.54, 2);
  });

  test.each(Object.entries(palettes()))("%s", (_name, colours) => {
    const text = ["text", "quiet", "good", "bad", "open", "one", "two", "three"];
    for (const name of text) {
      for (const ground of ["ground", "shade"]) {
        const ratio = contrast(colours.get(name) ?? "", colours.get(ground) ?? "");
        expect([name, ground, ratio >= 4.5]).toEqual([name, ground, true]);
      }
    }
  });
});
