import { readFileSync } from "node:fs";
import { describe, expect, test } from "vitest";
import { parse } from "yaml";

interface Quantity {
  readonly kind: string;
  readonly value?: number;
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
  readonly derivesFrom: readonly { readonly citation: string }[];
  readonly duty: string;
  readonly number?: Quantity;
  readonly exception?: string;
  readonly page: string;
  readonly row?: number;
  readonly verification: { readonly grade: string };
}

const read = (path: string): string => readFileSync(new URL(`editions/${path}`, import.meta.url), "utf8");
const text = read("hipaa-nprm-2025/edition.yaml") + read("hipaa-nprm-2025/controls.yaml");
const head = parse(read("hipaa-nprm-2025/edition.yaml"));
const { controls, removed } = parse(read("hipaa-nprm-2025/controls.yaml")) as {
  readonly controls: readonly Control[];
  readonly removed: readonly { readonly citation: string; readonly movedTo: readonly string[] }[];
};
const earlier = (parse(read("hipaa-2013/controls.yaml")) as { readonly controls: readonly Control[] })
  .controls;
const byCitation = new Map(controls.map((control) => [control.citation, control]));

function line(citation: string): Control {
  const found = byCitation.get(`164.${citation}`);
  if (found === undefined) throw new Error(`There is no line 164.${citation}.`);
  return found;
}

/** Citations without part and section sign, sorted: `308(a)(14)`. */
function where(matches: (control: Control) => boolean): string[] {
  return controls
    .filter(matches)
    .map((control) => control.citation.replace("164.", ""))
    .sort();
}

function list(citations: string): string[] {
  return citations.split(" ").sort();
}

/** How often the text has the number: once for each starting point of a time. */
function occurrences(citations: readonly string[]): number {
  return citations
    .map((citation) => line(citation).number?.from)
    .reduce((sum, from) => sum + (Array.isArray(from) ? from.length : 1), 0);
}

describe("status", () => {
  test("is proposed, worded as what would be", () => {
    expect(head).toMatchObject({ id: "hipaa-nprm-2025", status: "proposed", derivedFrom: "hipaa-2013" });
    expect(head.wording.fail).toBe("would not meet");
    expect(text).not.toMatch(/non-?\s?complian/i);
  });

  test("has days for what has happened and formulas for what hangs on a final rule", () => {
    const days = Object.entries(head.dates as Record<string, { date?: string }>)
      .filter(([, entry]) => entry.date !== undefined)
      .map(([name, entry]) => [name, entry.date]);
    expect(Object.fromEntries(days)).toEqual({
      published: "2025-01-06",
      commentsClosed: "2025-03-07",
      statusAsOf: "2026-10-08",
    });
    expect(head.dates.effective.formula).toBe("publication of a final rule + 60 days");
    expect(head.dates.compliance.formula).toBe("publication of a final rule + 240 days");
  });

  test("names its source by citation, docket and digest, and no wrong one in circulation", () => {
    expect(head.source).toMatchObject({
      citation: "90 FR 898-1022",
      rin: "0945-AA22",
      docket: "HHS-OCR-2024-0020",
      digest: {
        algorithm: "sha256",
        value: "d5e1ec4107308e5ef2f261a77b1c6f8709910380618381677edea9e0a40075f7",
      },
    });
    expect(text).not.toMatch(/89 FR 106039|90 FR 800\b|HHS-OCR-0945/);
  });
});

describe("lines", () => {
  test("all 204 rows stand, each on the page of the Federal Register that it was read on", () => {
    const rows = new Set(controls.flatMap((control) => control.row ?? []));
    expect([...rows].sort((a, b) => a - b)).toEqual(Array.from({ length: 204 }, (_, index) => index + 1));
    for (const { citation, page, verification } of controls) {
      expect(page, citation).toMatch(/^90 FR 10(1\d|2[0-2])$/);
      expect(verification.grade, citation).toBe("V");
    }
  });

  test("a paragraph without a row holds or heads others", () => {
    const parents = new Set(controls.map((control) => control.parent));
    const without = controls.filter((control) => control.row === undefined);
    expect(without).toHaveLength(28);
    expect(without.filter((control) => !parents.has(control.citation))).toEqual([]);
  });

  test("34 paragraphs are standards, none is required or addressable", () => {
    const counts: Record<string, number> = {};
    for (const citation of where((control) => control.designation === "standard")) {
      const section = citation.slice(0, 3);
      counts[section] = (counts[section] ?? 0) + 1;
    }
    expect(counts).toEqual({ "308": 16, "310": 4, "312": 10, "314": 2, "316": 1, "318": 1 });
    expect(where((control) => ["required", "addressable"].includes(control.designation))).toEqual([]);
  });

  test.each([
    ["308", 51],
    ["310", 10],
    ["312", 37],
  ])("section %s has the %i named specifications of the matrix in Appendix A", (section, count) => {
    const named = where(
      ({ citation, designation, parent }) =>
        citation.startsWith(`164.${section}`) &&
        designation === "specification" &&
        byCitation.get(parent ?? "")?.designation === "standard",
    );
    expect(named).toHaveLength(count);
  });

  test("these standards, and no others, have no specification", () => {
    const withSpecification = new Set(
      controls.filter((control) => control.designation === "specification").map((control) => control.parent),
    );
    expect(
      where(({ citation, designation }) => designation === "standard" && !withSpecification.has(citation)),
    ).toEqual(list("308(a)(8) 308(a)(14) 308(b)(3)(i) 310(c) 312(e) 312(g) 312(j)"));
  });

  test("there is no 306(d) and no 306(e)", () => {
    expect(where((control) => /^164\.306\([de]\)/.test(control.citation))).toEqual([]);
  });
});

const change = "or on environmental/operational change, whichever is more frequent";

describe("numbers", () => {
  test.each([
    [1, "hours", 1, "308(a)(9)(ii)(C)(2)"],
    [24, "hours", 3, "308(a)(9)(ii)(D)(2) 314(a)(2)(i)(D) 314(b)(2)(v)"],
    [48, "hours", 1, "312(i)(2)(i)"],
    [72, "hours", 1, "308(a)(13)(ii)(D)(1)"],
    [15, "calendar days", 2, "308(a)(4)(ii)(C)(1)"],
    [30, "calendar days", 2, "308(a)(4)(ii)(C)(2)"],
    [30, "days", 2, "308(a)(11)(ii)(B)(2) 308(a)(11)(ii)(B)(3)"],
    [1, "months", 1, "312(i)(2)(iv)"],
    [6, "months", 2, "312(h)(2)(i)(A) 312(j)"],
    [6, "years", 1, "316(b)(1)"],
  ])("%i %s occurs %i times", (value, unit, count, citations) => {
    const found = where((control) => control.number?.value === value && control.number.unit === unit);
    expect(found).toEqual(list(citations));
    expect(occurrences(found)).toBe(count);
  });

  const year = (rule: RegExp) => (control: Control) =>
    control.number?.value === 12 && control.number.unit === "months" && rule.test(control.number.rule ?? "");

  test.each([
    [
      "only",
      /^(first by the compliance date)?$/,
      "308(a)(4)(ii)(B) 308(a)(6)(ii)(B) 308(a)(7)(ii)(F) 308(a)(9)(ii)(E) 308(a)(10)(ii)(F) 308(a)(11)(ii)(B)(1) 308(a)(12)(ii)(A)(3) 308(a)(13)(ii)(F)(2) 308(a)(14) 308(b)(2)(ii) 310(a)(2)(v) 310(b)(2)(ii)",
    ],
    ["and on change", /^and /, "308(a)(1)(ii)(C)(1) 308(a)(2)(ii)(B) 308(a)(5)(ii)(B) 316(b)(3)"],
    [
      "or on change",
      /^or on environmental/,
      "310(d)(2)(iii) 312(a)(2)(viii) 312(b)(4)(ii)(C) 312(b)(5) 312(c)(2)(v) 312(d)(2)(v) 312(e) 312(f)(2)(iv)(B)(3) 312(f)(2)(v) 312(g) 312(h)(2)(i)(B)",
    ],
    ["or by risk analysis", /^or as the risk analysis/, "312(h)(2)(iii)(B)"],
  ])("12 months %s", (_, rule, citations) => {
    expect(where(year(rule))).toEqual(list(citations));
  });

  test("12 months occur 28 times in all", () => {
    expect(where(year(/.*/))).toHaveLength(28);
    expect(line("312(j)").number?.rule).toBe(change);
  });

  test("real time occurs 6 times", () => {
    expect(where((control) => control.number?.kind === "real-time")).toEqual(
      list("308(a)(4)(ii)(E) 312(b)(4)(i) 312(d)(2)(i) 312(d)(2)(ii) 312(f)(2)(iv)(A) 312(i)(2)(ii)"),
    );
  });

  test("29 March 2023 divides medical devices in both exceptions", () => {
    expect(where((control) => control.number?.date === "2023-03-29")).toEqual(
      list(
        "312(b)(3)(iv)(A) 312(b)(3)(iv)(B) 312(b)(3)(iv)(C) 312(f)(2)(iii)(C)(1) 312(f)(2)(iii)(C)(2) 312(f)(2)(iii)(C)(3)",
      ),
    );
  });

  test.each([
    ["time to logoff", "312(a)(2)(iv)"],
    ["failed log-ins", "312(a)(2)(v)"],
    ["log review", "308(a)(7)(ii)(C)"],
    ["log retention", "308(a)(7)(ii)(D)"],
    ["retained records", "312(d)(2)(iii)"],
    ["migration plan, encryption", "312(b)(3)(i)"],
    ["migration plan, multi-factor authentication", "312(f)(2)(iii)(A)"],
  ])("%s has no figure", (_, citation) => {
    expect(line(citation).number?.kind).toBe("no-figure");
    expect(line(citation).number?.value).toBeUndefined();
  });
});

describe("statements in circulation that are wrong", () => {
  test.each([
    [/^Multi-factor authentication/, "312(f)(2)(ii) 312(f)(2)(ii)(A) 312(f)(2)(ii)(B)"],
    [/^Encryption and decryption/, "312(b)(1) 312(b)(2)"],
    [/^Compliance audit$/, "308(a)(14)"],
    [/^Written verification/, "308(b)(2)(ii) 308(b)(2)(ii)(A) 308(b)(2)(ii)(B)"],
    [/^Vulnerability (management|scanning)/, "312(h)(1) 312(h)(2)(i) 312(h)(2)(i)(A) 312(h)(2)(i)(B)"],
    [/^Penetration testing/, "312(h)(2)(iii) 312(h)(2)(iii)(A) 312(h)(2)(iii)(B)"],
    [/^Network segmentation$/, "308(a)(10)(ii)(E) 312(a)(2)(vi)"],
    [/^Network ports$/, "312(c)(2)(iv)"],
    [/^Record retention$/, "308(a)(7)(ii)(D)"],
    [/^Transmission security$/, "312(g)"],
    [/^Delegation to business associate/, "308(b)(3)(i) 308(b)(3)(ii)"],
  ])("%s stands here and nowhere else", (title, citations) => {
    expect(where((control) => title.test(control.title))).toEqual(list(citations));
  });

  test.each(["312(a)(2)(ix)", "312(d)(2)", "312(e)(2)(ii)", "308(a)(3)(ii)(C)", "312(f)(2)(vi)"])(
    "there is no 164.%s",
    (citation) => {
      expect(byCitation.has(`164.${citation}`)).toBe(false);
    },
  );

  test.each([
    ["312(b)(2)", /164\.312\(b\)\(3\)/],
    ["312(f)(2)(ii)(A)", /164\.312\(f\)\(2\)\(iii\)/],
    ["312(f)(2)(ii)(B)", /164\.312\(f\)\(2\)\(iii\)/],
    ["308(a)(4)(ii)(C)(1)", /164\.308\(a\)\(4\)\(ii\)\(D\)/],
  ])("%s has its exceptions", (citation, exception) => {
    expect(line(citation).exception).toMatch(exception);
  });

  test.each([
    ["312(b)(4)(ii)(A)", /reviewed and approved/, /signed/],
    ["312(b)(4)(ii)(C)", /reviewed, documented and signed/, /approved/],
    ["312(f)(2)(iv)(B)(1)", /reviewed, approved and signed/, /documented/],
    ["312(f)(2)(iv)(B)(3)", /reviewed and documented/, /signed/],
    ["312(c)(2)(iv)", /as the risk analysis says/, /unused/],
    ["312(h)(2)(i)(A)", /automated/, /authenticated/],
    ["308(a)(13)(ii)(D)(1)", /restore critical/, /breach|report/],
    ["314(a)(2)(i)(D)", /activated its contingency plan/, /breach/],
    ["312(f)(2)(i)", /unique passwords/, /default/],
  ])("%s says what it says and no more", (citation, says, doesNotSay) => {
    expect(line(citation).duty).toMatch(says);
    expect(line(citation).duty).not.toMatch(doesNotSay);
  });
});

describe("against the rule in force", () => {
  const origins = new Set(controls.flatMap((control) => control.derivesFrom.map((from) => from.citation)));
  const gone = new Set(removed.map((entry) => entry.citation));

  test("what is removed exists there, and what it moved to exists here", () => {
    const known = new Set(earlier.map((control) => control.citation));
    expect([...gone].filter((citation) => !known.has(citation))).toEqual([]);
    expect(removed.flatMap((entry) => entry.movedTo).filter((citation) => !byCitation.has(citation))).toEqual(
      [],
    );
  });

  test("every standard and specification lives on or is removed", () => {
    const accounted = (control: Control): boolean =>
      origins.has(control.citation) ||
      gone.has(control.citation) ||
      earlier.some((child) => child.parent === control.citation && accounted(child));
    const lost = earlier.filter(
      (control) => /^(standard|required|addressable)$/.test(control.designation) && !accounted(control),
    );
    expect(lost.map((control) => control.citation)).toEqual([]);
  });

  test.each([
    ["308(a)(2)(i)", "308(a)(1)(ii)(A)"],
    ["308(a)(9)(ii)(C)(1)", "308(a)(3)(ii)(C)"],
    ["308(a)(14)", ""],
    ["308(b)(2)(i)", "308(b)(3)"],
    ["310(d)(2)(iii)", ""],
    ["312(a)(2)(iv)", "312(a)(2)(iii)"],
    ["312(b)(2)", "312(a)(2)(iv) 312(e)(2)(ii)"],
    ["312(c)(2)(i)", ""],
    ["312(d)(1)", "312(b)"],
    ["312(e)", "312(c)(1) 312(e)(2)(i)"],
    ["312(f)(1)", "312(d)"],
    ["312(g)", "312(e)(1)"],
    ["316(b)(1)", "316(b)(2)(i)"],
  ])("%s comes from [%s]", (citation, origin) => {
    const from = line(citation).derivesFrom.map((entry) => entry.citation.replace("164.", ""));
    expect(from.join(" ")).toBe(origin);
  });
});
