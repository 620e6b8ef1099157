import { spawnSync } from "node:child_process";
import { createHash } from "node:crypto";
import { existsSync, readdirSync, readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { Ajv } from "ajv";
import * as formats from "ajv-formats";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { runCommand, TemporaryFolder } from "#cli/testing.ts";
import { formatFactsFile } from "#facts/facts-file.ts";
import { type LoadReport, loadFacts } from "#loadtests/index.ts";

const root = fileURLToPath(new URL("../..", import.meta.url));
const epoch = { SOURCE_DATE_EPOCH: "1795600000" };

const work = new TemporaryFolder({
  "tree/relay/main.cf": "compatibility_level = 3.6\nsmtp_tls_security_level = may\n",
  "tree/relay/master.cf": "smtp      unix  -       -       n       -       -       smtp\n",
  "tree/db.tf": 'resource "aws_db_instance" "a" {\n  password = "Lakeside2019!"\n}\n',
  "tree/compliance.yaml": [
    "decisions:",
    "  - id: D-1",
    "    kind: risk-acceptance",
    "    rule: mail/outbound-tls",
    '    scope: { files: ["relay/"] }',
    "    reason: The partner has no TLS | until spring.",
    "    residualRisk: Whoever taps the line reads appointments.",
    "    owner: operations",
    "    author: mail team",
    "    approver: security officer",
    "    date: 2026-11-01",
    "    expires: 2027-05-01",
    "",
  ].join("\n"),
});
const bundle = join(work.path, "bundle");
const read = (path: string): string => readFileSync(join(bundle, path), "utf8");

beforeAll(() => {
  // A run that took place.
  const run = JSON.parse(readFileSync(`${root}loadtests/fixtures/before.json`, "utf8")) as LoadReport;
  work.write(
    "load.facts.json",
    formatFactsFile({ producer: "test", recordedAt: run.startedAt, evidence: "load", facts: loadFacts(run) }),
  );
  runCommand(["evidence", "keys", "new", "--out", "keys"], { folder: work.path });
  const editions = ["--edition", "hipaa-2013", "--edition", "hipaa-nprm-2025"];
  const words = ["--facts", "load.facts.json", "--key", "keys/key.pem", "--as-of", "2026-11-25", "--folder"];
  const { stderr } = runCommand(["evidence", "build", "tree", "-o", "bundle", ...words, ...editions], {
    folder: work.path,
    environment: epoch,
  });
  expect(stderr.replace(/^hipaa-check: .* …\n/gm, "")).toBe("");
});
afterAll(() => work[Symbol.dispose]());

describe("OSCAL in a bundle", () => {
  interface Resource {
    readonly props?: readonly { readonly name: string; readonly value: string }[];
    readonly rlinks?: readonly {
      readonly href: string;
      readonly hashes?: readonly { readonly value: string }[];
    }[];
  }
  const results = () =>
    (
      JSON.parse(read("oscal/assessment-results.json")) as {
        "assessment-results": {
          metadata: { "last-modified": string };
          results: { observations: { methods: string[]; props: { name: string; value: string }[] }[] }[];
          "back-matter": { resources: Resource[] };
        };
      }
    )["assessment-results"];

  test("is valid against NIST's schemas", () => {
    const models = {
      "assessment-results.json": "assessment-results",
      "assessment-plan.json": "assessment-plan",
      "catalog-hipaa-2013.json": "catalog",
      "catalog-hipaa-nprm-2025.json": "catalog",
    };
    expect(readdirSync(join(bundle, "oscal")).sort()).toEqual(Object.keys(models).sort());
    for (const [name, model] of Object.entries(models)) {
      const ajv = new Ajv({ strict: false });
      formats.default.default(ajv);
      const schema = readFileSync(`${root}cli/reporters/fixtures/schemas/oscal_${model}_schema.json`, "utf8");
      const validate = ajv.compile(JSON.parse(schema) as object);
      validate(JSON.parse(read(`oscal/${name}`)));
      expect([name, validate.errors]).toEqual([name, null]);
    }
  });

  test("links lead to files of the bundle with the digests that they name; a masked file has the one that was judged", () => {
    const { inputs } = JSON.parse(read("manifest.json")) as { inputs: { path: string; sha256: string }[] };
    const links = results()["back-matter"].resources.flatMap(({ rlinks = [], props = [] }) =>
      rlinks.map((link) => ({ ...link, judged: props.find(({ name }) => name === "judged-sha256")?.value })),
    );
    expect(links.map(({ href }) => href)).toContain("../inputs/db.tf");
    for (const { href, hashes, judged } of links) {
      const file = join(bundle, "oscal", decodeURIComponent(href));
      expect([href, existsSync(file)]).toEqual([href, true]);
      const digest = createHash("sha256").update(readFileSync(file)).digest("hex");
      if (href === "../inputs/db.tf") expect(hashes).toBeUndefined();
      else expect([href, hashes?.[0]?.value]).toEqual([href, digest]);
      const input = inputs.find(({ path }) => href === `../inputs/${path}`);
      if (input !== undefined) expect([href, judged]).toEqual([href, input.sha256]);
    }
  });

  test("what was measured is TEST, what was read EXAMINE; the time is that of the bundle", () => {
    const observations = results().results.flatMap((each) => each.observations);
    const methods = new Map(
      observations.map(({ methods: [method], props }) => [
        props.find(({ name }) => name === "evidence")?.value,
        method,
      ]),
    );
    expect(Object.fromEntries(methods)).toMatchObject({ static: "EXAMINE", load: "TEST" });
    expect(results().metadata["last-modified"]).toBe("2026-11-25T09:46:40Z");
  });
});

describe("dossiers", () => {
  test("an edition has a page that lists every line, and each leads to a page", () => {
    const text = read("dossiers/hipaa-2013/README.md");
    const links = [...text.matchAll(/\]\(([^)]+\.md)\)/g)].map(([, name = ""]) => name);
    expect(links).toHaveLength(216);
    expect(readdirSync(join(bundle, "dossiers/hipaa-2013")).sort()).toEqual([...links, "README.md"].sort());
  });

  test("a decision stands with everything about it, and what fails before what passes", () => {
    const text = read("dossiers/hipaa-2013/164.312-e-2-ii.md");
    expect(text).toContain("# 164.312(e)(2)(ii) Encryption\n");
    expect(text).toContain("- designation: addressable\n");
    expect(text).toContain(
      "decision D-1 (risk-acceptance, `compliance.yaml`, line 2): The partner has no TLS \\| until spring.",
    );
    expect(text).toContain("residual risk: Whoever taps the line reads appointments.");
    expect(text).toContain("approved by security officer on 2026-11-01, until 2027-05-01; owner operations");
    const headings = [...text.matchAll(/^## (\D+) \(/gm)].map(([, words]) => words);
    const order = ["Fails", "Could not be told", "Lifted by a decision", "Passes", "Does not apply"];
    expect(headings).toEqual(order.filter((words) => headings.includes(words)));
    expect(headings).toContain("Lifted by a decision");
  });

  test("a line without evidence says so, and a proposed edition never says fail", () => {
    expect(read("dossiers/hipaa-2013/164.310-b.md")).toContain("this bundle holds no evidence about it");
    const pages = readdirSync(join(bundle, "dossiers/hipaa-nprm-2025"));
    const texts = pages.map((name) => read(`dossiers/hipaa-nprm-2025/${name}`));
    expect(texts.some((text) => text.includes("## Would not meet the proposed rule"))).toBe(true);
    expect(texts.filter((text) => text.includes("## Fails"))).toEqual([]);
  });

  test("one that says something else than the results is found", () => {
    const page = join(bundle, "dossiers/hipaa-2013/164.312-b.md");
    const text = readFileSync(page, "utf8");
    writeFileSync(page, `${text}All is well.\n`);
    const reseal = fileURLToPath(new URL("./fixtures/reseal.ts", import.meta.url));
    spawnSync(process.execPath, [reseal, bundle, join(work.path, "keys/key.pem")]);
    const { exitCode, stderr } = runCommand(["evidence", "verify", "bundle", "--trust", "keys/key.pub"], {
      folder: work.path,
    });
    expect([exitCode, stderr]).toEqual([
      1,
      expect.stringContaining("dossiers/hipaa-2013/164.312-b.md says something else than the results"),
    ]);
  });
});
