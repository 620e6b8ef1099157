import { createHash } from "node:crypto";
import { readFileSync } from "node:fs";
import { fileURLToPath } from "node:url";
import { Ajv, type ValidateFunction } from "ajv";
import * as formats from "ajv-formats";
import { describe, expect, test } from "vitest";
import { runCommand, TemporaryFolder } from "#cli/testing.ts";

const root = fileURLToPath(new URL("../../..", import.meta.url));
const clinic = "docs/examples/clinic";
const epoch = { SOURCE_DATE_EPOCH: "1795600000" };
const editions = ["hipaa-2013", "hipaa-nprm-2025", "strict-mail"];

interface Property {
  readonly name: string;
  readonly value: string;
}

interface Observation {
  readonly uuid: string;
  readonly description: string;
  readonly props: readonly Property[];
  readonly methods: readonly string[];
  readonly collected: string;
  readonly "relevant-evidence": readonly { readonly href: string; readonly props: readonly Property[] }[];
}

interface Finding {
  readonly uuid: string;
  readonly props: readonly Property[];
  readonly target: {
    readonly "target-id": string;
    readonly status: { readonly state: string; readonly reason: string; readonly remarks: string };
  };
  readonly "related-observations": readonly { readonly "observation-uuid": string }[];
}

interface Risk {
  readonly uuid: string;
  readonly status: string;
  readonly deadline?: string;
  readonly props: readonly Property[];
  readonly "risk-log"?: { readonly entries: readonly { readonly "logged-by": readonly object[] }[] };
}

interface Resource {
  readonly uuid: string;
  readonly title: string;
  readonly base64?: { readonly value: string };
  readonly rlinks?: readonly {
    readonly href: string;
    readonly hashes?: readonly { readonly value: string }[];
  }[];
}

interface AssessmentResults {
  readonly uuid: string;
  readonly metadata: { readonly "last-modified": string };
  readonly "import-ap": { readonly href: string };
  readonly results: readonly {
    readonly uuid: string;
    readonly props: readonly Property[];
    readonly remarks?: string;
    readonly observations?: readonly Observation[];
    readonly findings?: readonly Finding[];
    readonly risks?: readonly Risk[];
  }[];
  readonly "back-matter": { readonly resources: readonly Resource[] };
}

/** NIST's own schema for OSCAL 1.2.1. */
function schemaOf(model: string): ValidateFunction {
  const url = new URL(`../fixtures/schemas/oscal_${model}_schema.json`, import.meta.url);
  const ajv = new Ajv({ strict: false, allErrors: true });
  formats.default.default(ajv);
  return ajv.compile(JSON.parse(readFileSync(url, "utf8")) as object);
}

const validate = {
  "assessment-results": schemaOf("assessment-results"),
  "assessment-plan": schemaOf("assessment-plan"),
  catalog: schemaOf("catalog"),
};

function expectValid(model: keyof typeof validate, text: string): void {
  validate[model](JSON.parse(text));
  expect(validate[model].errors ?? []).toEqual([]);
}

function check(folder: string, format: string, ...words: string[]): string {
  return runCommand(["check", ".", "--format", format, ...words], { folder, environment: epoch }).stdout;
}

function resultsOf(text: string): AssessmentResults {
  return (JSON.parse(text) as { "assessment-results": AssessmentResults })["assessment-results"];
}

function propertyOf({ props }: { readonly props: readonly Property[] }, name: string): string | undefined {
  return props.find((each) => each.name === name)?.value;
}

/** Every pair of name and text in a document. */
function strings(value: unknown, name = ""): (readonly [string, string])[] {
  if (typeof value === "string") return [[name, value]];
  if (typeof value !== "object" || value === null) return [];
  return Object.entries(value).flatMap(([key, entry]) => strings(entry, Array.isArray(value) ? name : key));
}

const all = editions.flatMap((id) => ["--edition", id]);
const run = (format: string): string =>
  runCommand(["check", clinic, "--format", format, ...all], { folder: root, environment: epoch }).stdout;
const text = run("oscal");
const planText = run("oscal-plan");
const catalogs = editions.map(
  (id) => runCommand(["policies", "show", id, "--format", "oscal"], { folder: root }).stdout,
);

describe("NIST's JSON Schemas for OSCAL 1.2.1", () => {
  test("accept the assessment results and the plan of the example", () => {
    expectValid("assessment-results", text);
    expectValid("assessment-plan", planText);
  });

  test.each(editions)("accept the catalog of %s", (id) => {
    expectValid("catalog", catalogs[editions.indexOf(id)] ?? "");
  });

  test("reject what is broken in a small way", () => {
    const broken = text.replace('"state": "not-satisfied"', '"state": "maybe"');
    expect(broken).not.toBe(text);
    expect(validate["assessment-results"](JSON.parse(broken))).toBe(false);
  });
});

describe("what NIST's schemas leave to Metaschema", () => {
  const documents = [text, planText, ...catalogs].map((each) => JSON.parse(each) as object);
  const pairs = documents.flatMap((document) => strings(document));
  const plan = strings(JSON.parse(planText));
  const results = resultsOf(text);

  test("each UUID is declared once in its document", () => {
    for (const document of documents) {
      const declared = strings(document).flatMap(([name, value]) => (name === "uuid" ? [value] : []));
      expect(declared.length).toBeGreaterThan(0);
      expect(new Set(declared).size).toBe(declared.length);
    }
  });

  test("each reference leads somewhere", () => {
    const inResults = new Set(strings(results).flatMap(([name, value]) => (name === "uuid" ? [value] : [])));
    const inPlan = new Set(plan.flatMap(([name, value]) => (name === "uuid" ? [value] : [])));
    const references = pairs.filter(([name]) => /^(?!uuid$).*-uuid$/.test(name));
    expect(new Set(references.map(([name]) => name))).toEqual(
      new Set([
        "activity-uuid",
        "actor-uuid",
        "component-uuid",
        "observation-uuid",
        "risk-uuid",
        "subject-uuid",
        "task-uuid",
      ]),
    );
    for (const [name, uuid] of references)
      expect([name, inResults.has(uuid) || inPlan.has(uuid)]).toEqual([name, true]);
    for (const document of documents) {
      const own = new Set(
        strings(document).flatMap(([name, value]) => (name === "uuid" ? [`#${value}`] : [])),
      );
      const local = strings(document).filter(([name, value]) => name === "href" && value.startsWith("#"));
      for (const [, href] of local) expect(own).toContain(href);
    }
  });

  test("each control and objective is in the catalog of its edition, where ids are unique", () => {
    const ids = catalogs.flatMap((each) =>
      strings(JSON.parse(each)).flatMap(([name, value]) => (name === "id" ? [value] : [])),
    );
    const known = new Set(ids);
    expect(known.size).toBe(ids.length);
    const used = [...strings(results), ...plan].filter(([name]) =>
      ["control-id", "objective-id", "target-id"].includes(name),
    );
    expect(used.length).toBeGreaterThan(0);
    for (const [, id] of used) expect(known).toContain(id);
  });

  test("the plan is inside the results, octet for octet", () => {
    const resource = results["back-matter"].resources.find(
      ({ uuid }) => results["import-ap"].href === `#${uuid}`,
    );
    expect(Buffer.from(resource?.base64?.value ?? "", "base64").toString()).toBe(planText);
  });

  test("digests are those of the files and of the catalogs", () => {
    const sha256 = (content: string | Buffer): string => createHash("sha256").update(content).digest("hex");
    const linked = results["back-matter"].resources.flatMap(({ rlinks = [] }) => rlinks);
    for (const { href, hashes } of linked) {
      const catalog = /^catalog-(.+)\.json$/.exec(href)?.[1];
      const content =
        catalog !== undefined
          ? (catalogs[editions.indexOf(catalog)] ?? "")
          : href === "assessment-plan.json"
            ? planText
            : readFileSync(`${root}/${decodeURIComponent(href)}`);
      expect([href, hashes?.[0]?.value]).toEqual([href, sha256(content)]);
    }
    expect(linked.length).toBeGreaterThan(editions.length + 1);
  });
});

describe("verdicts as OSCAL", () => {
  const results = resultsOf(text);
  const of = (edition: string) => results.results.find((each) => propertyOf(each, "edition") === edition);

  test("each result is an observation with its method, file and line", () => {
    const { results: rows } = JSON.parse(run("json")) as {
      results: { edition: string; location: { file: string; line: number }; message: string }[];
    };
    for (const edition of editions) {
      const own = rows.filter((row) => row.edition === edition);
      const observations = of(edition)?.observations ?? [];
      const places = (values: string[]): string[] => values.sort();
      expect(
        places(
          observations.map((each) => {
            const [first] = each["relevant-evidence"];
            return `${propertyOf(first ?? { props: [] }, "file")}:${propertyOf(first ?? { props: [] }, "line")}`;
          }),
        ),
      ).toEqual(places(own.map(({ location }) => `${location.file}:${location.line}`)));
      for (const { methods } of observations) expect(methods).toEqual(["EXAMINE"]);
    }
  });

  test("satisfied is only what passes without anything left open", () => {
    for (const edition of ["hipaa-2013", "strict-mail"]) {
      const { observations = [], findings = [] } = of(edition) ?? {};
      const verdicts = new Map(observations.map((each) => [each.uuid, propertyOf(each, "verdict")]));
      const states = new Set<string>();
      for (const finding of findings) {
        const own = new Set(
          finding["related-observations"].map((each) => verdicts.get(each["observation-uuid"])),
        );
        const { state, reason } = finding.target.status;
        states.add(`${state} ${reason}`);
        if (own.has("fail")) expect([state, reason]).toEqual(["not-satisfied", "fail"]);
        else if (own.has("unknown") || own.has("excepted"))
          expect([state, reason]).toEqual(["not-satisfied", "other"]);
        else expect([state, [...own]]).toEqual(["satisfied", ["pass"]]);
      }
      expect(states).toEqual(new Set(["not-satisfied fail", "not-satisfied other", "satisfied pass"]));
    }
  });

  test("an edition that is only proposed has no finding and no risk, and nothing fails it", () => {
    const { findings, risks, observations = [], remarks } = of("hipaa-nprm-2025") ?? {};
    expect([findings, risks]).toEqual([undefined, undefined]);
    expect(new Set(observations.map((each) => propertyOf(each, "verdict")))).toEqual(
      new Set(["pass", "unknown", "would-not-meet", "not-applicable"]),
    );
    expect(remarks).toContain("only proposed");
  });

  test("a line that was not verified against its text keeps its grade", () => {
    const grades = new Set(
      catalogs.flatMap((each) =>
        [...each.matchAll(/"verification-grade",\n\s+"ns": "[^"]+",\n\s+"value": "([^"]+)"/g)].map(
          ([, grade]) => grade,
        ),
      ),
    );
    expect(grades).toContain("V");
    expect(grades).toContain("own");
  });
});

describe("what keeps an objective from being satisfied", () => {
  const good = { "main.cf": "smtp_tls_security_level = secure\nsmtp_tls_mandatory_protocols = >=TLSv1.2\n" };
  const stateOf = (folder: TemporaryFolder, rule: string, ...words: string[]) => {
    const document = check(folder.path, "oscal", "--rule", rule, ...words);
    expectValid("assessment-results", document);
    const [result] = resultsOf(document).results;
    return { ...result, status: result?.findings?.[0]?.target.status };
  };

  test("nothing, where everything was read and passes", () => {
    using folder = new TemporaryFolder(good);
    expect(stateOf(folder, "mail/outbound-tls").status?.state).toBe("satisfied");
  });

  test("an input that could not be read", () => {
    using folder = new TemporaryFolder({ ...good, "bad.tf": 'resource "a" "b" {\n' });
    const { status, observations = [] } = stateOf(folder, "mail/outbound-tls");
    expect(status).toMatchObject({ state: "not-satisfied", reason: "other" });
    expect(observations.map((each) => propertyOf(each, "verdict"))).toContain("not-judged");
  });

  test("a decision: the risk is accepted until its last day, by the one who approved it", () => {
    using folder = new TemporaryFolder({
      "main.cf": "smtp_tls_security_level = may\n",
      "compliance.yaml": [
        "decisions:",
        "  - id: D-1",
        "    kind: addressable",
        "    rule: mail/outbound-tls",
        '    scope: { files: ["main.cf"] }',
        "    reason: The partner has no TLS until spring.",
        "    assessment: The line is a leased one.",
        "    alternative: The line is encrypted.",
        "    owner: operations",
        "    author: mail team",
        "    approver: security officer",
        "    date: 2026-11-01",
        "    review: 2027-05-01",
        "",
      ].join("\n"),
    });
    const before = stateOf(folder, "mail/outbound-tls", "--as-of", "2026-11-25");
    expect(before.status).toMatchObject({ state: "not-satisfied", reason: "other" });
    expect(before.risks).toMatchObject([{ status: "deviation-approved", deadline: "2027-05-01T23:59:59Z" }]);
    expect(before.risks?.[0]?.["risk-log"]?.entries[0]?.["logged-by"]).toHaveLength(2);
    const after = stateOf(folder, "mail/outbound-tls", "--as-of", "2027-05-02");
    expect(after.status).toMatchObject({ state: "not-satisfied", reason: "fail" });
    expect(after.risks).toMatchObject([{ status: "open" }]);
  });

  test("nothing that was judged gives no finding and a document all the same", () => {
    using folder = new TemporaryFolder({ "notes.txt": "nothing\n" });
    const { findings, observations = [] } = stateOf(folder, "mail/outbound-tls");
    expectValid("assessment-plan", check(folder.path, "oscal-plan"));
    expect(findings).toBeUndefined();
    expect(observations.map((each) => propertyOf(each, "code"))).toEqual(["nothing-judged"]);
  });
});

test("what is the same thing has the same id in each run, and each run another document and result", () => {
  using folder = new TemporaryFolder({
    "main.cf": "smtp_tls_security_level = may\n",
    "bad.tf": 'resource "a" "b" {\n',
  });
  const at = (day: string) => {
    const text = check(folder.path, "oscal", "--as-of", day);
    const { results, ...rest } = resultsOf(text);
    const [result] = results;
    const ids = (parts: readonly { readonly uuid: string }[] = []) => parts.map(({ uuid }) => uuid);
    return {
      observations: ids(result?.observations),
      findings: ids(result?.findings),
      risks: ids(result?.risks),
      files: rest["back-matter"].resources
        .filter(({ title }) => /\.(cf|tf)$/.test(title))
        .map(({ uuid, title }) => `${title} ${uuid}`),
      runs: [rest.uuid, result?.uuid],
    };
  };
  const first = at("2026-11-25");
  folder.write("main.cf", "# A line above.\nsmtp_tls_security_level = may\n");
  folder.write("a/main.tf", 'resource "aws_kms_key" "k" {}\n');
  const second = at("2027-02-25");
  for (const kind of ["observations", "findings", "risks", "files"] as const) {
    expect(first[kind].length).toBeGreaterThan(0);
    expect(second[kind]).toEqual(expect.arrayContaining(first[kind]));
  }
  for (const id of first.runs) expect(second.runs).not.toContain(id);
});

describe("the time of a document", () => {
  const at = (environment: Record<string, string>, ...words: string[]): string =>
    resultsOf(
      runCommand(["check", `${clinic}/relay`, "--format", "oscal", ...words], { folder: root, environment })
        .stdout,
    ).metadata["last-modified"];

  test("is SOURCE_DATE_EPOCH, the day that counts as today, or now", () => {
    expect(at(epoch, "--as-of", "2027-01-02")).toBe("2026-11-25T09:46:40Z");
    expect(at({}, "--as-of", "2027-01-02")).toBe("2027-01-02T00:00:00Z");
    expect(Math.abs(Date.parse(at({})) - Date.now())).toBeLessThan(60_000);
  });

  test("equal runs give equal octets, and other content another UUID", () => {
    expect(run("oscal")).toBe(text);
    const narrow = runCommand(["check", clinic, "--format", "oscal", "--rule", "keys/rotation"], {
      folder: root,
      environment: epoch,
    }).stdout;
    expect(resultsOf(narrow).uuid).not.toBe(resultsOf(text).uuid);
  });
});
