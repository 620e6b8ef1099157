import { fileURLToPath } from "node:url";
import { describe, expect, test } from "vitest";
import { runCommand, TemporaryFolder } from "./testing.ts";

const root = fileURLToPath(new URL("..", import.meta.url));

interface ShownControl {
  readonly citation: string;
  readonly designation: string;
  readonly parent: string | null;
  readonly derivesFrom: readonly { readonly edition: string; readonly citation: string }[];
  readonly verification: { readonly grade: string; readonly source: string; readonly asOf: string };
  readonly rules: readonly string[];
}

interface ShownEdition {
  readonly id: string;
  readonly status: string;
  readonly dates: Readonly<Record<string, { readonly date?: string; readonly formula?: string }>>;
  readonly source: Readonly<Record<string, unknown>>;
  readonly controls: readonly ShownControl[];
}

function show(edition: string): ShownEdition {
  const { exitCode, stdout } = runCommand(["policies", "show", edition, "--format", "json"], {
    folder: root,
  });
  expect(exitCode).toBe(0);
  return JSON.parse(stdout) as ShownEdition;
}

describe("policies show --format json", () => {
  test.each(["hipaa-2013", "hipaa-nprm-2025", "strict-mail"])("%s has the keys of the contract", (id) => {
    const shown = show(id);
    expect(Object.keys(shown)).toEqual(
      expect.arrayContaining(["id", "title", "status", "dates", "source", "controls"]),
    );
    expect(shown.id).toBe(id);
    for (const control of shown.controls) {
      expect(Object.keys(control)).toEqual(
        expect.arrayContaining([
          "citation",
          "title",
          "designation",
          "parent",
          "derivesFrom",
          "verification",
          "rules",
        ]),
      );
      expect(Object.keys(control.verification).sort()).toEqual(["asOf", "grade", "source"]);
      expect(control.designation).toMatch(/^(standard|required|addressable|specification|section)$/);
    }
  });

  test("citations are in full, and each line names the rules that bear on it", () => {
    const { controls } = show("hipaa-2013");
    const encryption = controls.find(({ citation }) => citation === "164.312(a)(2)(iv)");
    expect(encryption).toMatchObject({ designation: "addressable", parent: "164.312(a)(1)" });
    expect(encryption?.rules).toContain("storage/encrypted-at-rest");
    expect(controls.filter(({ designation }) => designation === "standard")).toHaveLength(22);
  });

  test("a proposed edition has formulas for dates and no split", () => {
    const { status, dates, source, controls } = show("hipaa-nprm-2025");
    expect(status).toBe("proposed");
    expect(dates.compliance?.formula).toBe("publication of a final rule + 240 days");
    expect(source.rin).toBe("0945-AA22");
    const designations = new Set(controls.map(({ designation }) => designation));
    expect(designations).toEqual(new Set(["standard", "specification", "section"]));
  });
});

test("policies show prints status, source and dates for people", () => {
  const { stdout } = runCommand(["policies", "show", "hipaa-nprm-2025"], { folder: root });
  expect(stdout).toContain("proposed, as of 2026-10-08");
  expect(stdout).toContain("90 FR 898-1022");
  expect(stdout).toMatch(/compliance +publication of a final rule \+ 240 days/);
});

test("policies diff --all says what became of the lines that are dropped", () => {
  using folder = new TemporaryFolder({ "main.cf": "smtp_tls_security_level = none\n" });
  const words = ["policies", "diff", "hipaa-2013", "hipaa-nprm-2025", "--all"];
  const text = runCommand(words, { folder: folder.path }).stdout.replaceAll(/\s+/g, " ");
  expect(text).toContain("164.312(c)(2) Mechanism to authenticate electronic protected health information");
  expect(text).toContain("→ removed; subsumed by the inventory (90 FR 962): 164.308(a)(1)(i)");
  const { stdout } = runCommand([...words, "--format", "json"], { folder: folder.path });
  const { text: changes } = JSON.parse(stdout) as {
    readonly text: readonly {
      readonly change: string;
      readonly before: readonly { readonly citation: string }[];
      readonly removal?: { readonly source: string };
    }[];
  };
  const untouched = changes.filter(({ change }) => change === "untouched").flatMap(({ before }) => before);
  expect(untouched.filter(({ citation }) => citation < "164.4")).toEqual([]);
  expect(untouched.map(({ citation }) => citation)).toContain("164.404(b)");
  const sources = changes.flatMap(({ removal }) => removal?.source ?? []);
  expect(sources).toContain("90 FR 934");
});

/** An organisation's edition with one line that nobody checked against its text. */
const doubtful = {
  "hipaa-check.yaml": "policies: [policies]\neditions: [ours]\n",
  "policies/ours/edition.yaml":
    "id: ours\ntitle: Ours\nstatus: in-force\nstatusAsOf: 2026-01-01\ndesignations: [required]\ndates: {}\nsource: { title: Ours }\nderivedFrom: null\nwording: { pass: meets, fail: does not meet }\n",
  "policies/ours/controls.yaml":
    "controls:\n  - citation: O-1\n    title: Keys\n    designation: required\n    parent: null\n    derivesFrom: []\n    duty: Rotate keys.\n    safeguard: technical\n    verification: { grade: M, source: memory, asOf: 2026-01-01 }\n",
  "policies/ours/mapping.yaml":
    "mappings:\n  - rule: keys/rotation\n    controls: [{ citation: O-1, relation: requires }]\n",
  "a.tf": 'resource "aws_kms_key" "a" {\n  enable_key_rotation = false\n}\n',
};

describe("a line that was not verified is marked wherever it is shown", () => {
  test.each([
    ["check", [".", "--rule", "keys/rotation"]],
    ["policies", ["show", "ours"]],
    ["policies", ["diff", "ours", "ours", "--all"]],
    ["explain", ["O-1"]],
    ["explain", ["keys/rotation"]],
  ])("%s %s", (command, words) => {
    using folder = new TemporaryFolder(doubtful);
    const { stdout } = runCommand([command, ...words], { folder: folder.path });
    expect(stdout.replaceAll(/\s+/g, " ")).toContain("not verified against the text");
  });

  test("and in JSON and SARIF", () => {
    using folder = new TemporaryFolder(doubtful);
    for (const format of ["json", "sarif"]) {
      const words = ["check", ".", "--rule", "keys/rotation", "--format", format];
      expect(runCommand(words, { folder: folder.path }).stdout).toMatch(/"verified": ?false/);
    }
  });
});
