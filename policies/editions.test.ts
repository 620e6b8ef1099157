import { createHash } from "node:crypto";
import { readdirSync, readFileSync } from "node:fs";
import { describe, expect, test } from "vitest";
import { parse } from "yaml";

interface Quantity {
  readonly kind: string;
  readonly value?: number | string;
  readonly unit?: string;
  readonly date?: string;
  readonly from?: string | readonly string[];
  readonly rule?: string;
}

interface Control {
  readonly citation: string;
  readonly title: string;
  readonly designation: string;
  readonly parent: string | null;
  readonly derivesFrom: readonly { readonly edition: string; readonly citation: string }[];
  readonly duty: string;
  readonly number?: Quantity;
  readonly exception?: string;
  readonly page?: string;
  readonly row?: number;
  readonly verification: { readonly grade: string; readonly source: string; readonly asOf: string };
}

interface Head {
  readonly id: string;
  readonly title: string;
  readonly status: string;
  readonly statusAsOf: string;
  readonly designations: readonly string[];
  readonly dates: Readonly<Record<string, { readonly date?: string; readonly formula?: string }>>;
  readonly source: Readonly<Record<string, unknown>>;
  readonly derivedFrom: string | null;
  readonly wording: { readonly pass: string; readonly fail: string };
}

interface Removed {
  readonly edition: string;
  readonly citation: string;
  readonly movedTo: readonly string[];
}

const folder = new URL("editions/", import.meta.url);
const ids = readdirSync(folder, { withFileTypes: true })
  .filter((entry) => entry.isDirectory())
  .map((entry) => entry.name)
  .sort();

function load(id: string) {
  const headText = readFileSync(new URL(`${id}/edition.yaml`, folder), "utf8");
  const controlsText = readFileSync(new URL(`${id}/controls.yaml`, folder), "utf8");
  const { controls, removed } = parse(controlsText) as { controls: Control[]; removed?: Removed[] };
  return { headText, controlsText, head: parse(headText) as Head, controls, removed: removed ?? [] };
}

const editions = new Map(ids.map((id) => [id, load(id)]));

function edition(id: string): ReturnType<typeof load> {
  const found = editions.get(id);
  if (found === undefined) throw new Error(`There is no edition ${id}.`);
  return found;
}

const inForce = edition("hipaa-2013");
const proposed = edition("hipaa-nprm-2025");
const strict = edition("strict-mail");

function citationsOf(controls: readonly Control[]): string[] {
  return controls.map((control) => control.citation);
}

function line(source: { readonly controls: readonly Control[] }, citation: string): Control {
  const found = source.controls.find((control) => control.citation === `164.${citation}`);
  if (found === undefined) throw new Error(`There is no line 164.${citation}.`);
  return found;
}

/** How many controls of a designation each section has. */
function perSection(controls: readonly Control[], designation: string): Record<string, number> {
  const counts: Record<string, number> = {};
  for (const control of controls) {
    if (control.designation !== designation) continue;
    const section = control.citation.slice(0, 7);
    counts[section] = (counts[section] ?? 0) + 1;
  }
  return counts;
}

/** Section, then (a)(1)(i)(A)(1). 164.404(c)(1) goes on with (A), as the regulation prints it. */
const paragraph =
  /^16[04]\.\d{3}(\([a-z]\)(\([1-9]\d?\)(\([ivx]+\)(\([A-Z]\)(\([1-9]\))?)?)?)?)?$|^164\.404\(c\)\(1\)\([A-E]\)$|^Appendix A to Subpart C of Part 164$/;
const ownLine = /^[A-Z]{2,}-[1-9]\d*$/;
const day = /^\d{4}-\d{2}-\d{2}$/;

describe.each(ids)("%s", (id) => {
  const { head, headText, controls, controlsText } = edition(id);

  test("has the id of its folder and names the schemas of its files", () => {
    expect(head.id).toBe(id);
    expect(headText.split("\n")[0]).toBe("# yaml-language-server: $schema=../../schema/edition.schema.json");
    expect(controlsText.split("\n")[0]).toBe(
      "# yaml-language-server: $schema=../../schema/controls.schema.json",
    );
  });

  test("cites each paragraph once, by a designation that can be looked up", () => {
    const citations = citationsOf(controls);
    expect(new Set(citations).size).toBe(citations.length);
    const syntax = head.status === "organisation" ? ownLine : paragraph;
    expect(citations.filter((citation) => !syntax.test(citation))).toEqual([]);
  });

  test("has every parent, and no line below itself", () => {
    const byCitation = new Map(controls.map((control) => [control.citation, control]));
    for (const control of controls) {
      const seen = new Set([control.citation]);
      for (let parent = control.parent; parent !== null; ) {
        expect(byCitation.has(parent), `${control.citation}: parent ${parent}`).toBe(true);
        expect(seen.has(parent), `${control.citation}: circle at ${parent}`).toBe(false);
        seen.add(parent);
        parent = byCitation.get(parent)?.parent ?? null;
      }
    }
  });

  test("derives from lines that exist", () => {
    const missing = controls.flatMap(({ citation, derivesFrom }) =>
      derivesFrom
        .filter((origin) => !citationsOf(edition(origin.edition).controls).includes(origin.citation))
        .map((origin) => `${citation} from ${origin.citation}`),
    );
    expect(missing).toEqual([]);
    expect(head.derivedFrom === null || editions.has(head.derivedFrom)).toBe(true);
  });

  test("uses the designations that it declares", () => {
    expect([...new Set(controls.map((control) => control.designation))].sort()).toEqual(
      [...head.designations].sort(),
    );
  });

  test("states each duty in one sentence and how far each line was checked", () => {
    for (const { citation, duty, verification } of controls) {
      expect(duty, citation).toMatch(/^[A-Z][^\n]*[^.]\.$/);
      expect(duty, citation).not.toMatch(/\.\s/);
      expect(verification.grade, citation).toMatch(/^(V|v|S|M|own)$/);
      expect(verification.asOf, citation).toMatch(day);
    }
  });

  test("gives each date as a day or as a formula", () => {
    for (const [name, entry] of Object.entries(head.dates)) {
      expect((entry.date === undefined) !== (entry.formula === undefined), name).toBe(true);
      if (entry.date !== undefined) expect(entry.date, name).toMatch(day);
    }
    expect(head.statusAsOf).toMatch(day);
  });

  test("is what it was when it was released", () => {
    const pinned = JSON.parse(readFileSync(new URL("digests.json", folder), "utf8")) as Record<
      string,
      string
    >;
    const digest = createHash("sha256").update(headText).update(controlsText).digest("hex");
    expect(
      digest,
      `The edition ${id} differs from its digest. A released edition never changes: restore it, and write what is new as an edition of its own.`,
    ).toBe(pinned[id]);
    expect(Object.keys(pinned).sort()).toEqual(ids);
  });
});

describe("the rule in force", () => {
  const sections = (number: number) => inForce.controls.filter((c) => c.citation.startsWith(`164.${number}`));

  test("has 22 standards", () => {
    expect(perSection(inForce.controls, "standard")).toEqual({
      "164.308": 9,
      "164.310": 4,
      "164.312": 5,
      "164.314": 2,
      "164.316": 2,
    });
  });

  test("has 36 specifications in 308, 310 and 312, and only required ones in 314 and 316", () => {
    expect(perSection(inForce.controls, "required")).toEqual({
      "164.308": 10,
      "164.310": 2,
      "164.312": 2,
      "164.314": 9,
      "164.316": 3,
    });
    expect(perSection(inForce.controls, "addressable")).toEqual({
      "164.308": 11,
      "164.310": 6,
      "164.312": 5,
    });
  });

  test.each([
    ["308", "(a)(1)(ii)(A) (a)(1)(ii)(B) (a)(1)(ii)(C) (a)(1)(ii)(D) (a)(4)(ii)(A) (a)(6)(ii) (a)(7)(ii)(A)"],
    ["308", "(a)(7)(ii)(B) (a)(7)(ii)(C) (b)(3)"],
    ["310", "(d)(2)(i) (d)(2)(ii)"],
    ["312", "(a)(2)(i) (a)(2)(ii)"],
    ["314", "(a)(2)(i)(A) (a)(2)(i)(B) (a)(2)(i)(C) (a)(2)(ii) (a)(2)(iii) (b)(2)(i) (b)(2)(ii) (b)(2)(iii)"],
    ["314", "(b)(2)(iv)"],
    ["316", "(b)(2)(i) (b)(2)(ii) (b)(2)(iii)"],
  ])("requires %s %s", (section, letters) => {
    for (const letter of letters.split(" ")) {
      expect(line(inForce, section + letter).designation, letter).toBe("required");
    }
  });

  test.each([
    ["308(a)(3)(ii)(B)", "Workforce clearance procedure"],
    ["312(a)(2)(iii)", "Automatic logoff"],
    ["312(a)(2)(iv)", "Encryption and decryption"],
    ["312(e)(2)(i)", "Integrity controls"],
    ["312(e)(2)(ii)", "Encryption"],
  ])("leaves %s (%s) addressable", (citation, title) => {
    expect(line(inForce, citation)).toMatchObject({ title, designation: "addressable" });
  });

  test("hangs every specification on a standard", () => {
    const designations = new Map(inForce.controls.map((control) => [control.citation, control.designation]));
    for (const { citation, designation, parent } of inForce.controls) {
      if (designation !== "required" && designation !== "addressable") continue;
      expect(designations.get(parent ?? ""), citation).toBe("standard");
    }
  });

  test("has the written contract at 308(b)(3), and no 308(b)(4)", () => {
    expect(line(inForce, "308(b)(3)").title).toBe("Written contract or other arrangement");
    expect(citationsOf(inForce.controls)).not.toContain("164.308(b)(4)");
  });

  test("has six years for documentation and nothing else", () => {
    const six = inForce.controls.filter((control) => control.number?.unit === "years");
    expect(citationsOf(six)).toEqual(["164.316(b)(2)(i)", "164.530(j)(2)"]);
    expect(six.map((control) => control.number?.value)).toEqual([6, 6]);
  });

  test("tells the two thresholds of breach notices apart", () => {
    expect(line(inForce, "406(a)").number).toMatchObject({ value: 500, rule: "more than" });
    expect(line(inForce, "408(b)").number).toMatchObject({ value: 500, rule: "or more" });
    for (const citation of ["404(b)", "406(b)", "410(b)"]) {
      expect(line(inForce, citation).number).toMatchObject({ value: 60, unit: "calendar days" });
    }
  });

  test("keeps the breach and privacy lines out of the count of the Security Rule", () => {
    const others = [...sections(4), ...sections(5)];
    expect(others.length).toBeGreaterThan(0);
    expect([...new Set(others.map((control) => control.designation))]).toEqual(["section"]);
  });
});

test.each([inForce, proposed])("$head.id names no technique in its duties", ({ controls }) => {
  const named = controls.filter((control) =>
    /\b(TLS|SSL|STARTTLS|S\/MIME|AES|RSA|SMTP)\b/.test(control.duty),
  );
  expect(citationsOf(named)).toEqual([]);
});

describe("an organisation's own edition", () => {
  const demand = (title: string) => strict.controls.find((control) => control.title === title);

  test("is labelled as such and hardens lines of the edition in force", () => {
    expect(strict.head).toMatchObject({ status: "organisation", derivedFrom: "hipaa-2013" });
    expect(strict.head.title).toContain("not the law's");
    expect(strict.head.wording.fail).toBe("does not meet (organisation's own demand)");
    for (const { citation, designation, derivesFrom, verification } of strict.controls) {
      expect(designation, citation).toBe("required");
      expect(verification.grade, citation).toBe("own");
      expect(
        derivesFrom.map((origin) => origin.edition),
        citation,
      ).toContain("hipaa-2013");
    }
  });

  test("makes encryption and multi-factor authentication mandatory and TLS 1.2 the floor", () => {
    const hardened = (title: string) => demand(title)?.derivesFrom.map((origin) => origin.citation);
    expect(hardened("Encryption in transit is mandatory")).toContain("164.312(e)(2)(ii)");
    expect(hardened("Encryption at rest is mandatory")).toEqual(["164.312(a)(2)(iv)"]);
    expect(hardened("Multi-factor authentication is mandatory")).toEqual(["164.312(d)"]);
    expect(demand("TLS 1.2 is the floor")?.number?.value).toBe("TLSv1.2");
  });

  test("keeps logs for as many days as six years can have", () => {
    const spans = Array.from({ length: 366 * 8 }, (_, offset) => {
      const start = new Date(Date.UTC(2024, 0, 1 + offset));
      const end = Date.UTC(start.getUTCFullYear() + 6, start.getUTCMonth(), start.getUTCDate());
      return (end - start.getTime()) / 86_400_000;
    });
    expect(demand("Logs are kept six years")?.number).toMatchObject({
      value: Math.max(...spans),
      unit: "days",
    });
  });
});
