import type { Report, Result } from "#engine/result.ts";
import { isProposed, type ReportContext } from "./reporter.ts";

/** Characters that XML 1.0 has, with its own ones escaped. */
function xml(text: string): string {
  const entities: Readonly<Record<string, string>> = {
    "&": "&amp;",
    "<": "&lt;",
    ">": "&gt;",
    '"': "&quot;",
    "\n": "&#10;",
  };
  return text
    .replace(/[&<>"\n]/g, (character) => entities[character] ?? character)
    .replace(/[^\t\n\r\u0020-\ud7ff\ue000-\ufffd\u{10000}-\u{10ffff}]/gu, "\ufffd");
}

function place({ location }: Result): string {
  return `${location.file}:${location.line}:${location.column}`;
}

function details(result: Result): string {
  return [
    `${place(result)} ${result.message}`,
    ...(result.actual === "" ? [] : [`found: ${result.actual}`]),
    ...(result.expected === "" ? [] : [`expected: ${result.expected}`]),
    ...result.chain.map(({ text, file, line }) => `because: ${text} (${file}:${line})`),
    `law: ${result.controls.map(({ citation, title }) => `${citation} ${title}`).join("; ")}`,
    `do: ${result.remedy}`,
  ].join("\n");
}

/**
 * What fails is a failure, whatever the gate is set to; one of an edition that is only proposed, or that is known, only where the gate
 * counts it. Nothing that the gate counts is less, so that no report is greener than the exit code.
 */
function outcome(result: Result, proposed: boolean, isCounted: ReportContext["isCounted"]): string {
  if (result.verdict === "pass") return "";
  const fails = result.verdict === "fail" && !proposed && result.known !== true;
  if (fails || isCounted(result)) {
    return `<failure type="${xml(result.rule)}" message="${xml(result.message)}">${xml(details(result))}</failure>`;
  }
  const words = {
    fail: proposed ? "would not meet the proposed rule" : "known from the baseline",
    unknown: "could not tell",
    "not-applicable": "not applicable",
    excepted: `excepted by ${result.decision?.id ?? "a decision"}`,
  }[result.verdict];
  return `<skipped message="${xml(`${words}: ${result.message}`)}"/>`;
}

/** JUnit XML as Jenkins reads it: a suite for each edition and file, a case for each result. */
export function renderJunit(report: Report, { isCounted }: ReportContext): string {
  const suites = [
    ...Map.groupBy(report.results, ({ edition, location }) => `${edition}: ${location.file}`),
  ].map(([name, results]) => {
    const cases = results.map((result) => {
      const proposed = isProposed(report, result.edition);
      const title = `${result.rule} ${result.fact.id} line ${result.location.line}`;
      return { title, rule: result.rule, body: outcome(result, proposed, isCounted) };
    });
    const count = (start: string): number => cases.filter(({ body }) => body.startsWith(start)).length;
    return [
      `  <testsuite name="${xml(name)}" tests="${cases.length}" failures="${count("<failure")}" errors="0" skipped="${count("<skipped")}">`,
      ...cases.map(
        ({ title, rule, body }) =>
          `    <testcase name="${xml(title)}" classname="${xml(rule)}" time="0">${body}</testcase>`,
      ),
      "  </testsuite>",
    ].join("\n");
  });
  const errors = report.diagnostics.filter(({ level }) => level === "error");
  const unread = errors.map(({ code, message, location }) => {
    const where = location === undefined ? "" : `${location.file}:${location.line}: `;
    return `    <testcase name="${xml(`${where}${code}`)}" classname="input" time="0"><error type="${xml(code)}" message="${xml(message)}"/></testcase>`;
  });
  if (unread.length > 0) {
    const head = `  <testsuite name="input" tests="${unread.length}" failures="0" errors="${unread.length}" skipped="0">`;
    suites.push([head, ...unread, "  </testsuite>"].join("\n"));
  }
  return `<?xml version="1.0" encoding="UTF-8"?>\n<testsuites>\n${suites.join("\n")}\n</testsuites>\n`;
}
