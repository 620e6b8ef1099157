import { readFileSync, rmSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { afterAll, describe, expect, test } from "vitest";
import { clinic, Workshop } from "./testing.ts";

const work = new Workshop();
const { build, fingerprint, reseal, verify } = work;
afterAll(() => work[Symbol.dispose]());

describe("parts that do not fit each other, signed all the same", () => {
  test("a report that says something else than the results, signed all the same: 1", () => {
    const folder = build("forged", [clinic], { words: ["--folder"] });
    const sarif = join(folder, "results/report.sarif");
    writeFileSync(sarif, readFileSync(sarif, "utf8").replace('"kind": "fail"', '"kind": "pass"'));
    const resealed = reseal(folder);
    const { exitCode, stderr } = verify(resealed, "--trust", fingerprint);
    expect([exitCode, stderr]).toEqual([
      1,
      expect.stringContaining("results/report.sarif says something else than the results"),
    ]);
  });

  test("an input that was changed and signed all the same is found by the digests in a report: 1", () => {
    const folder = build("changed", [clinic], { words: ["--folder"] });
    const input = join(folder, "inputs/relay/main.cf");
    // Far below the lines that the pages show.
    writeFileSync(
      input,
      `${readFileSync(input, "utf8")}${"# one more line\n".repeat(20)}smtp_tls_security_level = encrypt\n`,
    );
    const { exitCode, stderr } = verify(reseal(folder), "--trust", fingerprint);
    expect([exitCode, stderr]).toEqual([
      1,
      expect.stringContaining("oscal/assessment-results.json says something else than the results"),
    ]);
  });

  test("verdicts that do not follow, signed all the same, are found by --re-evaluate: 1", () => {
    const folder = build("lenient", [clinic], { words: ["--folder"] });
    const rules = join(folder, "policies/rules.json");
    const text = readFileSync(rules, "utf8");
    const lenient = text.replace(
      '"assert":{"rotated":{"const":true}}',
      '"assert":{"rotated":{"const":false}}',
    );
    expect(lenient).not.toBe(text);
    writeFileSync(rules, lenient);
    const resealed = reseal(folder);
    expect(verify(resealed, "--trust", fingerprint).exitCode).toBe(0);
    const { exitCode, stderr } = verify(resealed, "--trust", fingerprint, "--re-evaluate");
    expect([exitCode, stderr]).toEqual([
      1,
      expect.stringMatching(/Evaluated again, \d+ verdicts are not found/),
    ]);
  });

  test.each([
    [
      "results/report.html",
      (text: string) => text.replaceAll("fail", "pass"),
      "results/report.html says something else",
    ],
    ["README.md", (text: string) => text.replace(/\d+ fail/, "0 fail"), "README.md says something else"],
    [
      "context.json",
      (text: string) => text.replace(/"asOf":"\d+/, '"asOf":"2020'),
      "another version, day or editions",
    ],
    [
      "manifest.json",
      (text: string) => text.replace('"in-force"', '"proposed"'),
      "is not the one that the manifest names",
    ],
    ["results/report.json", () => "[]", "does not hold the results of a check"],
    [
      "results/report.json",
      (text: string) => text.replaceAll('"controls":', '"contrls":'),
      "does not hold the results of a check",
    ],
  ])("%s: 1", (path, change, why) => {
    const folder = build(`forged-${path.replaceAll("/", "-")}`, [clinic], { words: ["--folder"] });
    const file = join(folder, path);
    const text = readFileSync(file, "utf8");
    writeFileSync(file, change(text));
    expect(readFileSync(file, "utf8")).not.toBe(text);
    const { exitCode, stderr } = verify(reseal(folder), "--trust", fingerprint);
    expect([exitCode, stderr]).toEqual([1, expect.stringContaining(why)]);
    rmSync(folder, { recursive: true });
  });

  test("a file that is neither an input nor a part of a bundle: 1", () => {
    for (const path of ["more.md", "inputs/more.cf", "dossiers/hipaa-2013/more.md"]) {
      const folder = build("more", [clinic], { words: ["--folder"] });
      writeFileSync(join(folder, path), "x");
      const { exitCode, stderr } = verify(reseal(folder), "--trust", fingerprint);
      expect([exitCode, stderr]).toEqual([
        1,
        expect.stringContaining(`${path} is neither an input nor a part`),
      ]);
      rmSync(folder, { recursive: true });
    }
  });

  test("a path that leads out is not read when the inputs are evaluated again: 1", () => {
    const folder = build("leading-out", [clinic], { words: ["--folder"] });
    const context = join(folder, "context.json");
    writeFileSync(context, readFileSync(context, "utf8").replace('"paths":["."]', '"paths":["../../.."]'));
    const { exitCode, stderr } = verify(reseal(folder), "--trust", fingerprint, "--re-evaluate");
    expect([exitCode, stderr]).toEqual([1, expect.stringContaining("outside of what was judged")]);
  });

  test("a report left out: 1", () => {
    const folder = build("less", [clinic], { words: ["--folder"] });
    rmSync(join(folder, "results/report.html"));
    const { exitCode, stderr } = verify(reseal(folder), "--trust", fingerprint);
    expect([exitCode, stderr]).toEqual([1, expect.stringContaining("The bundle lacks results/report.html")]);
  });
});
