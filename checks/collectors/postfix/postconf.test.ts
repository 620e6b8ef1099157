import { spawnSync } from "node:child_process";
import { mkdirSync, mkdtempSync, readdirSync, rmSync, utimesSync, writeFileSync } from "node:fs";
import { hostname, tmpdir } from "node:os";
import { dirname, join } from "node:path";
import { fileURLToPath } from "node:url";
import { describe, expect, test } from "vitest";
import { readMasterFile } from "#syntax/conf/master-file.ts";
import { readTableFile } from "#syntax/conf/table-file.ts";
import { generateConfiguration } from "./generated-configurations.ts";
import { readInstance } from "./instance.ts";
import { collectFiles, type Files, folderFiles, memoryHost } from "./testing.ts";

const path = `${process.env.PATH}:/usr/sbin:/usr/local/sbin`;
const isInstalled = spawnSync("postconf", ["-d", "-h", "mail_name"], { env: { PATH: path } }).status === 0;
const reason = isInstalled ? "" : " (left out: no postconf is installed)";

class TemporaryFolder implements Disposable {
  readonly path = mkdtempSync(join(tmpdir(), "hipaa-check-postconf-"));

  constructor(files: Files) {
    // Postfix waits until a file is a few seconds old before it reads it.
    const past = Date.now() / 1000 - 60;
    for (const [name, text] of Object.entries(files)) {
      const file = join(this.path, name);
      mkdirSync(dirname(file), { recursive: true });
      writeFileSync(file, text);
      utimesSync(file, past, past);
    }
  }

  /** What `postconf` prints, by name; undefined where it refuses the files. */
  postconf(...words: string[]): Record<string, string> | undefined {
    const { status, stdout } = spawnSync("postconf", ["-c", this.path, ...words], {
      encoding: "utf8",
      env: { PATH: path },
    });
    if (status !== 0) return undefined;
    const lines = stdout.split("\n").filter((line) => line !== "");
    return Object.fromEntries(
      lines.map((line) => {
        const equals = line.indexOf("=");
        return [line.slice(0, equals).trim(), line.slice(equals + 1).trim()];
      }),
    );
  }

  /** The lines that a program prints. */
  lines(program: string, ...words: string[]): string[] {
    const { stdout } = spawnSync(program, words, { encoding: "utf8", env: { PATH: path } });
    return stdout.split("\n").filter((line) => line !== "");
  }

  [Symbol.dispose](): void {
    rmSync(this.path, { recursive: true, force: true });
  }
}

/** Holds what the collector says of the files against what `postconf` prints of them. */
async function compare(files: Files): Promise<void> {
  using folder = new TemporaryFolder(files);
  const expanded = folder.postconf("-x");
  const set = folder.postconf("-n");
  const collected = await collectFiles(files, hostname());
  // What a level means is the client's business: postconf prints any text.
  const errors = collected.diagnostics.filter(
    ({ level, code }) => level === "error" && code !== "postfix-level-refused",
  );
  if (expanded === undefined || set === undefined) {
    expect(errors, "postconf refuses these files").not.toEqual([]);
    return;
  }
  expect(errors, "postconf takes these files").toEqual([]);
  const { parameters } = collected.fact("postfix.configuration", "postfix").attributes;
  const own = parameters?.state === "known" ? (parameters.value as Record<string, string>) : {};
  // The folder that -c names counts as a setting.
  const names = Object.keys(set).filter((name) => name !== "config_directory");
  expect(Object.keys(own).sort()).toEqual(names.sort());
  for (const [name, value] of Object.entries(own)) {
    const shown = secretText.test(name) ? "" : value;
    if (shown !== "") expect(`${name} = ${value}`).toBe(`${name} = ${expanded[name]}`);
  }
  await compareServices(files, folder);
}

/** Name, type and program of each service, as `postconf -M` prints them. */
function printedServices(folder: TemporaryFolder): string[] {
  return folder.lines("postconf", "-c", folder.path, "-M").map((line) => {
    const words = line.split(/\s+/);
    return `${words[0]}/${words[1]} ${words[7]?.split("/").at(-1)}`;
  });
}

/** Parameters that may hold a password: those are the only ones that are not shown as they are. */
const secretText = /^(?:smtp|lmtp)_sasl_password_maps$|_(?:password|bind_pw)$/;

/** Each `-o` of each service, expanded with what the service itself sets. */
async function compareServices(files: Files, folder: TemporaryFolder): Promise<void> {
  const printed = folder.postconf("-P", "-x") ?? {};
  const { parameters } = readInstance(".", memoryHost(files, hostname()));
  const { services } = readMasterFile("master.cf", files["master.cf"] ?? "");
  const own = Object.fromEntries(
    services.flatMap((service) =>
      service.overrides.map((override) => {
        const setting = parameters.setting(override.name, service) ?? override;
        const { result } = parameters.expand(setting.value, service);
        const text = "text" in result ? result.text.split(/\s+/).filter(Boolean).join(" ") : "";
        return [`${service.name}/${service.type}/${override.name}`, text];
      }),
    ),
  );
  expect(own).toEqual(printed);
  const names = services.map(({ name, type, program }) => `${name}/${type} ${program}`);
  expect(names).toEqual(printedServices(folder));
}

const fixtures = fileURLToPath(new URL("./fixtures/", import.meta.url));
const generated = 50;

describe.skipIf(!isInstalled)(`the same effective values as postconf -x${reason}`, () => {
  test.each(readdirSync(fixtures))("%s", async (name) => {
    await compare(folderFiles(join(fixtures, name)));
  });

  test.each(Array.from({ length: generated }, (_, seed) => seed))(
    "generated configuration %i",
    async (seed) => {
      await compare(generateConfiguration(seed));
    },
  );

  test("the same keys and values of a table as postmap", () => {
    const text =
      '# c\na.example  secure\n  match=x\n"b c" may\nB.Example none \nlonely\na.example none\n\\\\x y\n"q\\"r" z\n \n#d\nlast\tvalue  with spaces';
    using folder = new TemporaryFolder({ "main.cf": "", table: text });
    const printed = folder.lines("postmap", "-c", folder.path, "-s", `texthash:${folder.path}/table`);
    const { entries } = readTableFile("table", text);
    const own = new Map(entries.toReversed().map(({ key, value }) => [key.toLowerCase(), value]));
    expect([...own].map(([key, value]) => `${key}\t${value}`).sort()).toEqual(printed.sort());
    expect(printed.length).toBeGreaterThan(4);
  });
});
