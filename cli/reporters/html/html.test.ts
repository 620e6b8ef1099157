import { readFileSync } from "node:fs";
import { fileURLToPath } from "node:url";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { runCommand, TemporaryFolder } from "#cli/testing.ts";
import { formatFactsFile } from "#facts/facts-file.ts";
import { type LoadReport, loadFacts } from "#loadtests/index.ts";

const root = fileURLToPath(new URL("../../..", import.meta.url));
const fixtures = `${root}sandbox/probe/fixtures/`;

function render(folder: string, ...words: string[]): string {
  return runCommand(["check", ".", "--format", "html", ...words], { folder }).stdout;
}

/** The text of a page from one heading of the second rank to the next. */
function section(page: string, heading: string): string {
  const from = page.indexOf(`<h2>${heading}`);
  return from === -1 ? "" : page.slice(from, page.indexOf("<h2>", from + 4));
}

describe("what was learned on the wire and under load", () => {
  const folder = new TemporaryFolder();
  let page = "";

  beforeAll(() => {
    const senders = {
      one: ["--module", `${fixtures}nodemailer.mjs`],
      two: ["--exec", `node ${fixtures}careful.mjs`],
    };
    for (const [name, words] of Object.entries(senders)) {
      const facts = ["--name", name, "--facts", `${name}.facts.json`];
      const { exitCode } = runCommand(
        ["sandbox", "probe", ...words, "--only", "P01", "--only", "P14", ...facts],
        {
          folder: folder.path,
          environment: { TEST_NODEMAILER_OPTIONS: "{}" },
        },
      );
      expect(exitCode).toBe(name === "one" ? 1 : 0);
    }
    // A run that took place.
    const run = JSON.parse(readFileSync(`${root}loadtests/fixtures/before.json`, "utf8")) as LoadReport;
    folder.write(
      "load.facts.json",
      formatFactsFile({
        producer: "hipaa-check loadtest run",
        recordedAt: run.startedAt,
        evidence: "load",
        facts: loadFacts(run),
      }),
    );
    page = render(folder.path);
  });
  afterAll(() => folder[Symbol.dispose]());

  test("each sender has a column, each posture a row with its title", () => {
    const matrix = section(page, "On the wire");
    expect([...matrix.matchAll(/<th scope="col">([^<]+)/g)].map(([, name]) => name)).toEqual([
      "posture",
      "one",
      "two",
    ]);
    const row = /<strong>P01<\/strong> STARTTLS is not offered.*?<\/tr>/s.exec(matrix)?.[0] ?? "";
    expect(row).toMatch(/✗ leaked.*✓ held/s);
    // No rule asks about this one by itself: it goes into what is known of the sender.
    expect(matrix).toMatch(/<strong>P14<\/strong> A self-signed certificate/);
  });

  test("service levels say what was measured and demanded, and the run has its pictures", () => {
    const load = section(page, "Under load");
    expect(load).toMatch(/accept p99.*?<span class="(good|bad)">(✓ pass|✗ fail)<.*? ms<.*?>at most \d+ ms/s);
    expect(
      [...load.matchAll(/<svg [^>]*role="img" aria-label="([^"]+)"/g)].map(([, title]) => title),
    ).toEqual(["Latency over time", "Messages a second", "Backlog: accepted and not yet delivered"]);
  });

  test("what is missing is on the first page", () => {
    const missing = section(page, "What was not looked at");
    expect(missing).toContain("no record or statement was given");
    expect(missing).not.toContain("on the wire");
    expect(missing).toMatch(/hipaa-2013: \d+ of 216 lines have no evidence here .*physical 13/);
  });
});

describe("the answer in one line", () => {
  const good = "smtp_tls_security_level = secure\nsmtp_tls_mandatory_protocols = >=TLSv1.2\n";
  const lineOf = (files: Readonly<Record<string, string>>, ...words: string[]): string => {
    using folder = new TemporaryFolder(files);
    const page = render(folder.path, "--rule", "mail/outbound-tls", ...words);
    return /<p class="verdict [^<]*/.exec(page)?.[0] ?? "";
  };

  test("is green only where nothing is open", () => {
    expect(lineOf({ "main.cf": good })).toBe('<p class="verdict good">✓ Nothing fails.');
    expect(lineOf({ "main.cf": good, "bad.tf": 'resource "a" "b" {\n' })).toBe(
      '<p class="verdict open">? Nothing fails. 1 input could not be judged.',
    );
    expect(lineOf({ "main.cf": "smtp_tls_security_level = {{ level }}\n" })).toContain("could not be told");
    expect(lineOf({ "main.cf": "smtp_tls_security_level = none\n" })).toContain("✗ 1 result fails.");
    expect(
      lineOf({ "main.cf": "smtp_tls_security_level = none\n" }, "--edition", "hipaa-nprm-2025"),
    ).toContain("bind nobody");
    expect(lineOf({ "notes.txt": "nothing\n" })).toContain("Nothing was judged.");
  });
});

test("a finding under several editions is shown once, with the law of each", () => {
  using folder = new TemporaryFolder({ "main.cf": "smtp_tls_security_level = none\n" });
  const editions = ["--edition", "hipaa-2013", "--edition", "hipaa-nprm-2025"];
  const page = render(folder.path, "--rule", "mail/outbound-tls", ...editions);
  expect([...page.matchAll(/<article /g)]).toHaveLength(1);
  expect(page).toContain("✗ fail, would not meet");
  expect(page).toMatch(/<dt>law<\/dt><dd>hipaa-2013: 164\.312.*<br>hipaa-nprm-2025: 164\.312/);
  const anchors = [...page.matchAll(/ id="([^"]+)"/g)].map(([, id]) => id);
  expect(new Set(anchors).size).toBe(anchors.length);
});
