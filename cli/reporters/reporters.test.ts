import { fileURLToPath } from "node:url";
import { describe, expect, test } from "vitest";
import { runCommand, TemporaryFolder } from "#cli/testing.ts";

const root = fileURLToPath(new URL("../..", import.meta.url));
const clinic = "docs/examples/clinic";

function render(format: string, ...words: string[]): string {
  return runCommand(["check", clinic, "--format", format, ...words], { folder: root }).stdout;
}

interface Row {
  readonly edition: string;
  readonly verdict: string;
  readonly location: { readonly file: string; readonly line: number };
}
const { results } = JSON.parse(render("json")) as { results: Row[] };
const count = (verdict: string): number => results.filter((result) => result.verdict === verdict).length;

describe("terminal", () => {
  test("lines fit the terminal", () => {
    using folder = new TemporaryFolder({
      "a.tf":
        'resource "aws_sesv2_configuration_set" "one_with_a_long_name_that_takes_room" {\n  configuration_set_name = "a"\n}\n',
      "seen.facts.json": JSON.stringify({
        schemaVersion: "1",
        producer: "test",
        recordedAt: "2026-11-25T00:00:00Z",
        evidence: "probe",
        facts: [{ kind: "mail.route", id: "sender", attributes: { "tls.mode": { value: "opportunistic" } } }],
      }),
    });
    const words = ["check", ".", "--edition", "hipaa-2013", "--edition", "hipaa-nprm-2025"];
    const { stdout } = runCommand(words, { folder: folder.path, environment: { COLUMNS: "80" } });
    expect(stdout).toContain("Evidence side by side");
    // A word that is longer than a line stays whole, so that it can be copied.
    const long = stdout.split("\n").filter((line) => line.length > 80 && !/^ *\S+$/.test(line));
    expect(long).toEqual([]);
  });

  test("a name of an input cannot make a line of its own", () => {
    using folder = new TemporaryFolder({ "a\nexit 0: nothing/main.cf": "smtp_tls_security_level = none\n" });
    const { stdout } = runCommand(["check", "."], { folder: folder.path });
    expect(stdout).toContain("a\\u000aexit 0: nothing/main.cf");
    expect(stdout).not.toMatch(/^exit 0/m);
    const facts = runCommand(["facts", "."], { folder: folder.path }).stdout;
    expect(facts).not.toMatch(/^exit 0/m);
  });
});

describe("JUnit", () => {
  test("counts each result once and fails what fails", () => {
    const xml = render("junit");
    const number = (name: string): number =>
      [...xml.matchAll(new RegExp(`<testsuite [^>]*${name}="(\\d+)"`, "g"))].reduce(
        (sum, [, value]) => sum + Number(value),
        0,
      );
    expect(number("tests")).toBe(results.length);
    expect(number("failures")).toBe(count("fail"));
    expect(number("skipped")).toBe(results.length - count("fail") - count("pass"));
    expect([...xml.matchAll(/<testcase /g)]).toHaveLength(results.length);
  });

  test("a proposed edition fails nothing", () => {
    const xml = render("junit", "--edition", "hipaa-nprm-2025");
    expect(xml).not.toContain("<failure");
    expect(xml).toContain("would not meet the proposed rule");
  });

  test("is never greener than the gate", () => {
    const failures = (...words: string[]): number =>
      [
        ...runCommand(["check", clinic, "--format", "junit", ...words], { folder: root }).stdout.matchAll(
          /<failure /g,
        ),
      ].length;
    expect(failures("--fail-on", "never")).toBe(count("fail"));
    expect(failures("--fail-on", "high")).toBe(count("fail"));
    expect(failures("--fail-on", "unknown", "--rule", "mail/inbound-ciphers", "--path", "**/ses.tf")).toBe(1);
    const proposed = ["--edition", "hipaa-nprm-2025"];
    expect(failures(...proposed)).toBe(0);
    expect(failures(...proposed, "--fail-on", "proposed")).toBeGreaterThan(0);
  });

  test("what could not be read is an error", () => {
    using folder = new TemporaryFolder({ "bad.tf": 'resource "a" "b" {\n' });
    const { stdout } = runCommand(["check", ".", "--format", "junit"], { folder: folder.path });
    expect(stdout).toMatch(/<testsuite name="input" tests="1" failures="0" errors="1"/);
  });
});

describe("GitHub annotations", () => {
  const lines = render("github").trim().split("\n");

  test("stand at their places, at most ten of each kind, and the rest is counted", () => {
    for (const kind of ["error", "warning", "notice"]) {
      const own = lines.filter((line) => line.startsWith(`::${kind} `));
      expect(own.length).toBeLessThanOrEqual(10);
    }
    expect(lines[0]).toMatch(
      /^::error file=docs\/examples\/clinic\/[^,]+,line=\d+,endLine=\d+,col=\d+,endColumn=\d+,title=[^:]+::/,
    );
    expect(lines.some((line) => /::\d+ more: --format markdown/.test(line))).toBe(true);
  });

  test("the worst comes first, so that room for few is room for it", () => {
    using folder = new TemporaryFolder({
      "a.tf": Array.from({ length: 20 }, (_, index) => `resource "aws_db_instance" "d${index}" {}\n`).join(
        "",
      ),
      "z.tf": 'resource "aws_db_instance" "open" {\n  publicly_accessible = true\n}\n',
    });
    const { stdout } = runCommand(["check", ".", "--format", "github"], { folder: folder.path });
    expect(stdout.split("\n")[0]).toMatch(/^::error file=z\.tf,.*title=storage\/not-public::/);
    const page = runCommand(["check", ".", "--format", "html"], { folder: folder.path }).stdout;
    const [, fails = ""] = page.split("<h2>What fails");
    expect(fails).toMatch(
      /^[^<]*<\/h2><ul><li><a href="[^"]+">storage\/not-public<\/a> <code>z\.tf:2<\/code>/,
    );
  });

  test("a finding under several editions has one annotation, with the law of each", () => {
    using folder = new TemporaryFolder({ "main.cf": "smtp_tls_security_level = none\n" });
    const annotations = (...editions: string[]): string[] => {
      const words = editions.flatMap((id) => ["--edition", id]);
      const check = ["check", ".", "--rule", "mail/outbound-tls", "--format", "github", ...words];
      return runCommand(check, { folder: folder.path }).stdout.trim().split("\n");
    };
    expect(annotations("hipaa-2013", "hipaa-nprm-2025")).toEqual([
      expect.stringMatching(/^::error .*%0Ahipaa-2013: 164\.312.*%0Ahipaa-nprm-2025: 164\.312/),
    ]);
    expect(annotations("hipaa-nprm-2025")).toEqual([expect.stringMatching(/^::notice .*would not meet::/)]);
  });

  test("a file name cannot add a command", () => {
    using folder = new TemporaryFolder({ "a,line=9::x/main.cf": "smtp_tls_security_level = none\n" });
    const { stdout } = runCommand(["check", ".", "--format", "github"], { folder: folder.path });
    expect(stdout).toContain("file=a%2Cline=9%3A%3Ax/main.cf,");
    for (const line of stdout.trim().split("\n")) expect(line).toMatch(/^::(error|warning|notice) /);
  });
});

describe("GitLab", () => {
  test("Code Quality has each failure with a fingerprint of its own", () => {
    const issues = JSON.parse(render("gitlab-codequality")) as {
      fingerprint: string;
      severity: string;
      location: object;
    }[];
    expect(issues).toHaveLength(count("fail"));
    expect(new Set(issues.map(({ fingerprint }) => fingerprint)).size).toBe(issues.length);
    expect(issues[0]?.location).toEqual({
      path: expect.any(String),
      lines: { begin: expect.any(Number), end: expect.any(Number) },
    });
    for (const { severity } of issues)
      expect(["info", "minor", "major", "critical", "blocker"]).toContain(severity);
  });

  test("SAST has ids that are UUIDs of version 5 and stay the same", () => {
    const text = render("gitlab-sast", "--as-of", "2026-11-25");
    expect(render("gitlab-sast", "--as-of", "2026-11-25")).toBe(text);
    const { vulnerabilities } = JSON.parse(text) as {
      vulnerabilities: { id: string; identifiers: { type: string }[] }[];
    };
    expect(vulnerabilities).toHaveLength(count("fail"));
    for (const { id, identifiers } of vulnerabilities) {
      expect(id).toMatch(/^[0-9a-f]{8}-[0-9a-f]{4}-5[0-9a-f]{3}-[89ab][0-9a-f]{3}-[0-9a-f]{12}$/);
      expect(identifiers[0]?.type).toBe("hipaa_check_rule");
    }
  });
});

test("the law is named only where it is the law", () => {
  const named = (edition: string): Set<string> => {
    const { vulnerabilities } = JSON.parse(render("gitlab-sast", "--edition", edition)) as {
      vulnerabilities: { identifiers: { name: string; type: string }[] }[];
    };
    return new Set(
      vulnerabilities.flatMap(({ identifiers }) => identifiers.slice(1).map(({ type }) => type)),
    );
  };
  expect(named("hipaa-2013")).toEqual(new Set(["cfr"]));
  expect(named("strict-mail")).toEqual(new Set(["hipaa_check_edition"]));
});

test("Markdown has a row for a finding under several editions, with the paragraphs of each", () => {
  using folder = new TemporaryFolder({ "main.cf": "smtp_tls_security_level = none\n" });
  const editions = ["--edition", "hipaa-2013", "--edition", "hipaa-nprm-2025"];
  const words = ["check", ".", "--rule", "mail/outbound-tls", "--format", "markdown", ...editions];
  const { stdout } = runCommand(words, { folder: folder.path });
  expect(stdout.split("\n").filter((line) => line.includes("`mail/outbound-tls`"))).toEqual([
    expect.stringMatching(
      /^\| \*\*fail\*\*, would not meet \|.*\| hipaa-2013: 164\.312.*; hipaa-nprm-2025: 164\.312.*\|$/,
    ),
  ]);
});

test("a report of a narrowed run says so", () => {
  for (const format of ["terminal", "markdown", "html"])
    expect(render(format, "--rule", "keys/rotation")).toContain("rule keys/rotation");
});

describe("a run that judged nothing says so in each format that has a place for it", () => {
  using folder = new TemporaryFolder({ "notes.txt": "nothing\n" });
  const run = (format: string, ...words: string[]) =>
    runCommand(["check", ".", "--format", format, ...words], { folder: folder.path });
  const signs: Readonly<Record<string, RegExp>> = {
    terminal: /error {2}nothing-judged/,
    json: /"errors": 1.*"code": "nothing-judged"/s,
    sarif: /"executionSuccessful": false.*"id": "nothing-judged"/s,
    junit: /tests="1" failures="0" errors="1".*<error type="nothing-judged"/s,
    github: /^::error title=nothing-judged::/,
    "gitlab-sast": /"status": "failure"/,
    markdown: /\*\*error\*\* Nothing was judged/,
    html: /<p class="verdict open">\? Nothing was judged/,
    oscal: /"value": "not-judged"/,
  };
  const outputs = new Map(
    Object.keys(signs).map((format) => [format, [run(format), run(format, "--allow-empty")]] as const),
  );

  test.each(Object.entries(signs))("%s", (format, sign) => {
    const [refused, accepted] = outputs.get(format) ?? [];
    expect([refused?.exitCode, refused?.stdout]).toEqual([3, expect.stringMatching(sign)]);
    expect(accepted?.exitCode).toBe(0);
    if (format !== "html") expect(accepted?.stdout).not.toMatch(sign);
  });
});

test("Markdown has a row for each finding and fits a step summary", () => {
  const text = render("markdown");
  expect(text.split("\n").filter((line) => line.startsWith("| **fail** |"))).toHaveLength(count("fail"));
  expect(Buffer.byteLength(text)).toBeLessThan(1024 * 1024);
  expect(text).toContain("It gives no legal advice.");
});

describe("CSV", () => {
  test("has a line for each result", () => {
    const rows = render("csv").trim().split("\r\n");
    expect(rows.length).toBeGreaterThanOrEqual(results.length + 1);
    expect(rows[0]?.startsWith("edition,verdict,severity,rule,")).toBe(true);
  });

  test("no cell is a formula", () => {
    using folder = new TemporaryFolder({ "=cmd/main.cf": "smtp_tls_security_level = none\n" });
    const { stdout } = runCommand(["check", ".", "--format", "csv"], { folder: folder.path });
    expect(stdout).toContain(",'=cmd/main.cf,");
  });
});

describe("a baseline", () => {
  const files = {
    "a.tf": 'resource "aws_kms_key" "a" {\n  deletion_window_in_days = 30\n}\n',
    "b.tf": "locals {}\n",
  };
  const rotation = ["--rule", "keys/rotation"];

  test("lets known findings pass and blocks the same finding in another file", () => {
    using folder = new TemporaryFolder(files);
    const run = (...words: string[]) => runCommand(words, { folder: folder.path });
    expect(run("check", ".", ...rotation).exitCode).toBe(1);
    expect(run("baseline", "update", "known.json").exitCode).toBe(0);
    const known = run("check", ".", ...rotation, "--baseline", "known.json");
    expect([known.exitCode, known.stdout]).toEqual([0, expect.stringContaining("1 known from the baseline")]);
    const shownAs = (format: string): string =>
      run("check", ".", ...rotation, "--baseline", "known.json", "--format", format).stdout;
    expect(shownAs("html")).toContain("fail, known from the baseline");
    expect(shownAs("csv")).toMatch(/^edition,.*,known\r\n.*,yes\r\n$/);
    folder.write("b.tf", files["a.tf"].replace('"a"', '"b"'));
    expect(run("check", ".", ...rotation, "--baseline", "known.json").exitCode).toBe(1);
  });

  test("shrinks by itself and says what was fixed; what was not asked stays", () => {
    using folder = new TemporaryFolder({ ...files, "relay/main.cf": "smtp_tls_security_level = none\n" });
    const run = (...words: string[]) => runCommand(words, { folder: folder.path });
    run("baseline", "update", "known.json");
    const before = run("check", ".", "--baseline", "known.json");
    expect(before.exitCode).toBe(0);
    folder.write("a.tf", files["a.tf"].replace("{\n", "{\n  enable_key_rotation = true\n"));
    const narrow = run("check", "relay", "--baseline", "known.json");
    expect(narrow.stderr).not.toContain("fixed");
    const { stderr } = run("check", ".", "--baseline", "known.json");
    expect(stderr).toContain("fixed: keys/rotation aws_kms_key.a (a.tf)");
    expect(run("check", ".", "--baseline", "known.json").stderr).not.toContain("fixed");
    folder.write("a.tf", files["a.tf"]);
    expect(run("check", ".", ...rotation, "--baseline", "known.json").exitCode).toBe(1);
  });

  test("that is none is refused", () => {
    using folder = new TemporaryFolder({ ...files, "known.json": "[]" });
    const run = (file: string) => runCommand(["check", ".", "--baseline", file], { folder: folder.path });
    expect(run("known.json")).toMatchObject({
      exitCode: 2,
      stderr: expect.stringContaining("this is no baseline"),
    });
    expect(run("none.json")).toMatchObject({
      exitCode: 2,
      stderr: expect.stringContaining("there is no such file"),
    });
  });
});

describe("HTML", () => {
  const page = render("html", "--as-of", "2026-11-25");

  test("says when it was made", () => {
    expect(page).toContain('<time datetime="2026-11-25T00:00:00Z">2026-11-25 00:00 UTC</time>');
  });

  test("is one page without script, and nothing in it is fetched", () => {
    expect(page).toMatch(
      /<meta http-equiv="Content-Security-Policy" content="default-src 'none'; style-src 'sha256-[^']+'">/,
    );
    expect(page).not.toMatch(/<script|<link|<img|<iframe|\son\w+=|url\(/i);
  });

  test("shows each finding in its frame, and each link leads somewhere", () => {
    expect([...page.matchAll(/<article /g)]).toHaveLength(
      count("fail") + count("unknown") + count("excepted"),
    );
    expect(page).toContain("smtp_tls_security_level = may");
    const anchors = new Set([...page.matchAll(/ id="([^"]+)"/g)].map(([, id]) => id));
    for (const [, target] of page.matchAll(/href="#([^"]+)"/g)) expect(anchors).toContain(target);
  });

  test("says what was not looked at before it says what fails", () => {
    expect(page.indexOf("not looked at")).toBeLessThan(page.indexOf("What fails"));
  });

  test("text of an input cannot become markup, and no secret is shown", () => {
    using folder = new TemporaryFolder({
      "main.cf": "smtp_tls_security_level = <script>alert(1)</script>\n",
      "db.tf": 'resource "aws_db_instance" "a" {\n  password = "Lakeside2019!"\n}\n',
    });
    const { stdout } = runCommand(["check", ".", "--format", "html"], { folder: folder.path });
    expect(stdout).not.toContain("<script");
    expect(stdout).not.toContain("Lakeside2019");
  });
});
