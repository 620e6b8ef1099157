import { expect, test } from "vitest";
import { formatFactsFile, type StatedFact } from "#facts/facts-file.ts";
import { reportOf, runCommand, TemporaryFolder } from "./testing.ts";

/** A probe of the relay that `mail/` configures, which saw what it states. */
function probeOf(mode: string): string {
  const route: StatedFact = {
    kind: "mail.route",
    id: "relay",
    attributes: {
      product: { value: "postfix" },
      "tls.mode": { value: mode, because: ["P01 leaked: body in clear text (message)"] },
    },
  };
  const head = { producer: "test", recordedAt: "2026-11-01T09:00:00Z", evidence: "probe" } as const;
  return formatFactsFile({ ...head, configuration: "mail", facts: [route] });
}

function folderWith(mode: string): TemporaryFolder {
  return new TemporaryFolder({
    "mail/main.cf": "smtp_tls_security_level = encrypt\n",
    "mail/master.cf": "smtp unix - - n - - smtp\n",
    "probe.facts.json": probeOf(mode),
  });
}

test("a setting that does not take effect is a finding of its own, on the line that claims it", () => {
  using folder = folderWith("opportunistic");
  const { report, exitCode } = reportOf(folder, "--rule", "probe/agrees-with-configuration");
  expect(exitCode).toBe(1);
  expect(report.results).toHaveLength(1);
  const [result] = report.results;
  expect(result).toMatchObject({
    verdict: "fail",
    evidence: "probe",
    message: expect.stringMatching(/the configuration says required, and opportunistic was seen/),
    location: { file: "mail/main.cf", line: 1 },
  });
  expect(result?.chain.map(({ file, text }) => `${file}: ${text}`)).toEqual([
    "mail/main.cf: smtp/unix is configured with tls.mode required",
    expect.stringMatching(/^probe\.facts\.json: relay was seen with tls\.mode opportunistic/),
    "probe.facts.json: P01 leaked: body in clear text (message)",
  ]);
});

test("a setting that takes effect agrees", () => {
  using folder = folderWith("required");
  const { report } = reportOf(folder, "--rule", "probe/agrees-with-configuration");
  expect(report.results.map(({ verdict }) => verdict)).toEqual(["pass"]);
});

test("a paragraph shows what is configured beside what was seen", () => {
  using folder = folderWith("opportunistic");
  const { report } = reportOf(folder, "--rule", "mail/outbound-tls");
  expect(report.results.map(({ evidence, verdict }) => `${evidence} ${verdict}`).sort()).toEqual([
    "probe fail",
    "static pass",
  ]);
  expect(report.evidence).toEqual(
    ["164.312(e)(1)", "164.312(e)(2)(ii)"].map((citation) => ({
      edition: "hipaa-2013",
      citation,
      title: expect.any(String),
      evidence: [
        { kind: "static", pass: 1, fail: 0, unknown: 0 },
        { kind: "probe", pass: 0, fail: 1, unknown: 0 },
      ],
    })),
  );
  const { stdout } = runCommand(["check", ".", "--rule", "mail/outbound-tls"], { folder: folder.path });
  expect(stdout).toMatch(
    /Evidence side by side\n.*\n\n +hipaa-2013 +configured +on the wire\n +164\.312\(e\)\(1\) +1 ✓ +1 ✗ +Transmission security\n/,
  );
});

test("facts about a configuration that has changed since are not used, and that is said", () => {
  using folder = new TemporaryFolder({
    "send.sh": "exit 3\n",
    "mail/main.cf": "smtp_tls_security_level = encrypt\n",
  });
  const probe = ["sandbox", "probe", "--exec", "sh send.sh", "--only", "P01", "--configuration", "mail"];
  runCommand([...probe, "--wait", "0.2s"], { folder: folder.path });
  const before = reportOf(folder);
  expect(before.report.diagnostics).toEqual([]);
  expect(before.report.results.some(({ evidence }) => evidence === "probe")).toBe(true);
  folder.write("mail/main.cf", "smtp_tls_security_level = may\n");
  const { report, exitCode } = reportOf(folder, "--fail-on", "never");
  expect(report.diagnostics).toMatchObject([
    {
      level: "error",
      code: "facts-outdated",
      message: expect.stringMatching(/^mail\/main\.cf has changed since these facts were learned/),
      location: { file: "probe.facts.json", line: 1 },
    },
  ]);
  expect(report.results.some(({ evidence }) => evidence === "probe")).toBe(false);
  expect(exitCode).toBe(3);
});

test("facts that are kept in the folder of the configuration are no change of it", () => {
  using folder = new TemporaryFolder({
    "send.sh": "exit 3\n",
    "main.cf": "smtp_tls_security_level = encrypt\n",
  });
  const probe = ["sandbox", "probe", "--exec", "sh send.sh", "--only", "P01", "--configuration", "."];
  for (const again of [false, true]) {
    if (again) folder.write("other.facts.json", probeOf("required").replace('"mail"', '"."'));
    runCommand([...probe, "--wait", "0.2s"], { folder: folder.path });
    const { report } = reportOf(folder, "--fail-on", "never");
    expect(report.diagnostics).toEqual([]);
    expect(report.results.some(({ evidence }) => evidence === "probe")).toBe(true);
  }
});

test("configurations alone need no such table", () => {
  using folder = new TemporaryFolder({ "mail/main.cf": "smtp_tls_security_level = encrypt\n" });
  expect(reportOf(folder).report.evidence).toEqual([]);
  expect(runCommand(["check", "."], { folder: folder.path }).stdout).not.toContain("Evidence side by side");
});

test("the facts of a probe say what was tested", () => {
  using folder = folderWith("required");
  const { stdout } = runCommand(["facts", ".", "--format", "json"], { folder: folder.path });
  const { facts } = JSON.parse(stdout) as { facts: { kind: string; origin?: object }[] };
  expect(facts.filter(({ origin }) => origin !== undefined)).toMatchObject([
    { kind: "evidence.agreement", origin: { evidence: "probe", configuration: "mail" } },
    { kind: "mail.route", origin: { evidence: "probe", configuration: "mail" } },
  ]);
});
