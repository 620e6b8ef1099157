import { describe, expect, test } from "vitest";
import type { Value } from "#base/value.ts";
import { collectAll, type Files } from "./testing.ts";

const head = 'import nodemailer from "nodemailer";\n';
const sound = `${head}export const sound = nodemailer.createTransport({ host: "mx.example.org", secure: true });\n`;

async function modes(files: Files): Promise<Record<string, string>> {
  const { facts } = await collectAll(files);
  const shown = (value: Value | undefined): string =>
    value?.state === "known" ? String(value.value) : (value?.state ?? "");
  const routes = facts.filter(({ kind }) => kind === "mail.route");
  return Object.fromEntries(routes.map(({ id, attributes }) => [id, shown(attributes["tls.mode"])]));
}

describe("sources that go beyond what is followed", () => {
  test("nesting 10,000 deep: one error for the file, the others are read", async () => {
    const deep = `${head}export const deep = nodemailer.createTransport({ host: ${"[".repeat(10_000)}${"]".repeat(10_000)} });\n`;
    const files = { "deep.ts": deep, "sound.ts": sound };
    expect(await modes(files)).toEqual({ sound: "required" });
    const { diagnostics } = await collectAll(files);
    expect(diagnostics).toMatchObject([
      { level: "error", code: "typescript-nesting", location: { file: "deep.ts", line: 1 } },
    ]);
  });

  test("a text of 5,000 parts", async () => {
    const host = Array.from({ length: 5000 }, () => '"a"').join(" + ");
    const long = `${head}export const long = nodemailer.createTransport({ host: ${host}, secure: true });\n`;
    expect(await modes({ "long.ts": long })).toEqual({ long: "required" });
  });

  test("values that go round in a circle over functions, fields and files", async () => {
    const circle = `${head}import { b } from "./b";
      let x = false;
      function f(): boolean { if (!x) x = g(x); return x; }
      function g(v: boolean): boolean { x = f() || v; return x; }
      class C { y = this.z; z = this.y; get w(): boolean { return this.w; } }
      export const a = b;
      export const one = nodemailer.createTransport({ host: "mx.example.org", requireTLS: f() });
      export const two = nodemailer.createTransport({ host: "mx.example.org", requireTLS: new C().w && new C().y && a });`;
    const found = await modes({ "a.ts": circle, "b.ts": 'export { a as b } from "./a";\n' });
    expect(found).toEqual({ one: "unknown", two: "unknown" });
  });

  test("more settings than are followed are said to be that", async () => {
    const conditions = Array.from(
      { length: 12 },
      (_, index) => `(process.env.A${index} === "1" ? ${index % 2} : Number(process.env.B${index}))`,
    );
    const many = `${head}export const many = nodemailer.createTransport({ host: "mx.example.org", requireTLS: (${conditions.join(" + ")}) > 3 });\n`;
    const { facts } = await collectAll({ "many.ts": many });
    const mode = facts.find(({ kind }) => kind === "mail.route")?.attributes["tls.mode"];
    expect(mode).toMatchObject({
      state: "unknown",
      reason: expect.stringContaining("more settings have a say"),
    });
  });

  test("a source that is not there, or is none", async () => {
    const missing = `${head}import { options } from "./gone";\nimport data from "./data.json";\nexport const gone = nodemailer.createTransport(options);\nexport const data_ = nodemailer.createTransport(data);\n`;
    expect(
      await modes({ "mail.ts": missing, "data.json": '{ "host": "mx.example.org", "secure": true }' }),
    ).toEqual({
      gone: "unknown",
      data_: "required",
    });
  });
});

describe("which files are looked at", () => {
  test.each<[string, Files, string[]]>([
    ["a project that names nodemailer nowhere", { "a.ts": "createTransport({});\n" }, []],
    ["a project in which nothing makes transports", { "a.ts": 'import "nodemailer";\n' }, []],
    [
      "one unit for each package.json",
      {
        "package.json": "{}",
        "a.ts": sound,
        "packages/b/package.json": "{}",
        "packages/b/src/b.ts": sound,
        "c/c.ts": sound,
      },
      [".", "packages/b"],
    ],
  ])("%s", async (_name, files, units) => {
    const { collector } = await import("./collector.ts");
    const { memoryHost } = await import("./testing.ts");
    const sources = Object.keys(files).filter((path) => path.endsWith(".ts"));
    expect(
      collector
        .group(sources.sort(), memoryHost(files))
        .map(({ id }) => id)
        .sort(),
    ).toEqual(units);
  });

  test("paths of a tsconfig, imports of a package.json, index files and built names lead to sources", async () => {
    const options = 'export const options = { host: "mx.example.org", secure: true };\n';
    const use = (specifier: string, id: string) =>
      `${head}import { options } from "${specifier}";\nexport const ${id} = nodemailer.createTransport(options);\n`;
    expect(
      await modes({
        "package.json": '{ "imports": { "#config/*": "./config/*.ts" } }',
        "tsconfig.json":
          '{ "compilerOptions": { "baseUrl": ".", "paths": { "@app/*": ["./src/*"] } } } // words',
        "config/mail.ts": options,
        "src/settings/index.ts": options,
        "src/built.ts": options,
        "src/a.ts": use("@app/settings", "a"),
        "src/b.ts": use("#config/mail", "b"),
        "src/c.ts": use("./built.js", "c"),
        "src/d.ts": use("src/settings", "d"),
      }),
    ).toEqual({ a: "required", b: "required", c: "required", d: "required" });
  });
});
