import { mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { afterAll, describe, expect, test } from "vitest";
import { mergeParts } from "./merge.ts";
import { readParts } from "./read-report.ts";

/** What four processes of an exported load and their sink left. */
const fixtures = fileURLToPath(new URL("../fixtures/segments/", import.meta.url));
const log = (at: number): string => join(fixtures, `segment-${at}.log`);
const sink = join(fixtures, "sink.json");
const folder = mkdtempSync(join(tmpdir(), "hipaa-check-parts-"));
afterAll(() => rmSync(folder, { recursive: true, force: true }));

/** A file whose content is that of another one, changed. */
function changed(name: string, from: string, change: (text: string) => string): string {
  const path = join(folder, name);
  writeFileSync(path, change(readFileSync(from, "utf8")));
  return path;
}

test("the result of a segment is found among other lines of its log", async () => {
  const noisy = changed("noisy.log", log(2), (text) => `time="…" level=warning msg="slow"\n${text}more\n`);
  const parts = await readParts([log(1), noisy, log(3), log(4), sink]);
  expect(mergeParts(parts, "test").verdict).toBe("met");
  expect(parts.map(({ label }) => label)).toEqual([
    "segment 0:1/4",
    "segment 1/4:1/2",
    "segment 1/2:3/4",
    "segment 3/4:1",
  ]);
});

test("what k6 complained about stands in the notes", async () => {
  const line = 'time="…" level=error msg="the sink answers \\"503\\"" source=console\n';
  const failing = changed("failing.log", log(1), (text) => `${line}${text}`);
  const { notes } = mergeParts(await readParts([failing, log(2), log(3), log(4), sink]), "test");
  expect(notes).toContain('k6 complained: the sink answers "503"');
});

describe("bad input gets one line", () => {
  const cases: Readonly<Record<string, readonly [files: () => string[], complaint: RegExp]>> = {
    "a log that is cut off": [
      () => [changed("cut.log", log(1), (text) => text.slice(0, text.length / 2)), sink],
      /cut\.log: the result of the segment is cut off: fetch the whole log$/,
    ],
    "a log without a result": [
      () => [changed("none.log", log(1), () => "pulling\n")],
      /none\.log holds no result of a segment: its process ended before its test did$/,
    ],
    "a result without its figures": [
      () => [changed("bare.log", log(1), (text) => text.replace('"histograms"', '"histogram"')), sink],
      /bare\.log is no result of a segment: \/engine\/scenarios\/.* must have required property 'histograms'$/,
    ],
    "a segment that was never held against the sink": [
      () => [
        changed("lone.log", log(1), (text) => text.replace(/"collected":\{.*?\}\}/, '"collected":null')),
        sink,
      ],
      /lone\.log was never held against the sink/,
    ],
    "a segment without the report of its sink": [() => [log(1)], /segment-1\.log delivered to a sink/],
    "two sinks": [() => [log(1), sink, sink], /are both of a sink: segments share one/],
    "a sink alone": [() => [sink], /sink\.json is of a sink: name what the segments left, too$/],
    "something else": [
      () => [changed("other.json", sink, () => '{"a":1}')],
      /other\.json is no load report: .* must have required property 'schemaVersion'$/,
    ],
    "no JSON": [() => [changed("text.json", sink, () => "text")], /text\.json is not JSON/],
    "no file": [() => [join(folder, "missing.json")], /missing\.json: there is no such file or folder$/],
  };
  test.each(Object.entries(cases))("%s", async (_name, [files, complaint]) => {
    await expect(readParts(files())).rejects.toThrow(complaint);
  });
});
