import { parseEnv } from "node:util";
import { describe, expect, test } from "vitest";
import { readEnvironmentFile } from "./environment-file.ts";

function valuesOf(text: string): Record<string, string> {
  return Object.fromEntries(
    readEnvironmentFile("a.env", text).entries.map(({ name, value }) => [name, value]),
  );
}

describe("readEnvironmentFile", () => {
  test.each([
    "A=1\nB = 2 \n# words\nexport C=3",
    'A="x # y" # words',
    "A=x # words\nB=x#words",
    "A='a\\nb'\nB=\"a\\nb\"\nC=`q\"'`",
    'A="more\nlines"\nB=1',
    "A=\nC=''\nB=  ",
    'A=" spaces "',
    'A="not closed\nB=2',
    "A='not closed\nB=2",
    'A=$B\nC="${B}"',
    "A=a=b\nB=smtp://u:p@host:25/?x=y",
    'A="x"y',
    "A=1\nA=2",
    "SMTP.HOST=a\nSMTP-PORT=1\n1A=2",
    "A=un'quo'ted\nB= 'x'\nC=x\\ny",
    "\n\n  A=1\n\t\n",
    "",
  ])("reads %j as Node.js does", (text) => {
    expect(valuesOf(text)).toEqual({ ...parseEnv(text) });
  });

  test("reads NAME: value as dotenv does", () => {
    expect(valuesOf("A: 1\nB: 'two'")).toEqual({ A: "1", B: "two" });
  });

  test("says where each assignment stands", () => {
    const { entries } = readEnvironmentFile("deploy.env", "# words\n  A=1 # one\nB='x'\n");
    expect(entries.map(({ location }) => location)).toEqual([
      { file: "deploy.env", line: 2, column: 3, endLine: 2, endColumn: 6 },
      { file: "deploy.env", line: 3, column: 1, endLine: 3, endColumn: 6 },
    ]);
  });

  test("tells apart what a loader may replace", () => {
    const { entries } = readEnvironmentFile("a.env", "A=$X\nB='$X'\nC=\"${X}\"\nD=5$\n");
    expect(entries.map(({ expands }) => expands)).toEqual([true, false, true, false]);
  });

  test("reports a line that no loader reads, and goes on", () => {
    const { entries, diagnostics } = readEnvironmentFile("a.env", "set the host\nA=1\n");
    expect(entries.map(({ name }) => name)).toEqual(["A"]);
    expect(diagnostics).toMatchObject([
      { level: "warning", code: "env-line-ignored", location: { line: 1 } },
    ]);
  });
});
