import type { Diagnostic } from "#base/diagnostic.ts";
import type { Report, Result } from "#engine/result.ts";
import { acrossEditions, isProposed, worstFirst } from "./reporter.ts";

/** GitHub shows ten annotations of each kind for a step; the rest would be lost without a word. */
const mostOfKind = 10;

function data(text: string): string {
  return text.replaceAll("%", "%25").replaceAll("\r", "%0D").replaceAll("\n", "%0A");
}

function property(text: string): string {
  return data(text).replaceAll(":", "%3A").replaceAll(",", "%2C");
}

interface Annotation {
  readonly kind: "error" | "warning" | "notice";
  readonly line: string;
}

function annotation(
  kind: Annotation["kind"],
  title: string,
  message: string,
  location: Result["location"] | undefined,
): Annotation {
  const { file = "", line = 1, endLine = 1, column = 1, endColumn = 1 } = location ?? {};
  const columns = line === endLine ? `,col=${column},endColumn=${endColumn}` : "";
  const place =
    location === undefined ? "" : `file=${property(file)},line=${line},endLine=${endLine}${columns},`;
  return { kind, line: `::${kind} ${place}title=${property(title)}::${data(message)}` };
}

/** One annotation for what is the same under several editions, since there is room for few. */
function ofResults(results: readonly Result[], report: Report): Annotation[] {
  const [result] = results;
  if (result === undefined) return [];
  const proposed = results.every(({ edition }) => isProposed(report, edition));
  const law = results
    .filter(({ controls }) => controls.length > 0)
    .map(({ edition, controls }) => `${edition}: ${controls.map(({ citation }) => citation).join(", ")}`);
  const message = [result.message, ...law, result.remedy].join("\n");
  if (result.verdict === "unknown")
    return [annotation("notice", `${result.rule}: could not tell`, result.message, result.location)];
  if (result.verdict !== "fail" || results.every(({ known }) => known === true)) return [];
  if (proposed) return [annotation("notice", `${result.rule}: would not meet`, message, result.location)];
  const kind = result.severity === "critical" || result.severity === "high" ? "error" : "warning";
  return [annotation(kind, result.rule, message, result.location)];
}

function ofDiagnostic({ level, code, message, location }: Diagnostic): Annotation {
  return annotation(level, code, message, location);
}

/** Workflow commands, one a line: each failure at its place in the diff, the worst first. What does not fit is counted. */
export function renderGithub(report: Report): string {
  const all = [
    ...report.diagnostics.map(ofDiagnostic),
    ...acrossEditions(report.results.toSorted(worstFirst(report))).flatMap((results) =>
      ofResults(results, report),
    ),
  ];
  const lines = (["error", "warning", "notice"] as const).flatMap((kind) => {
    const own = all.filter((each) => each.kind === kind);
    const shown = own.slice(0, own.length > mostOfKind ? mostOfKind - 1 : mostOfKind).map(({ line }) => line);
    const rest = own.length - shown.length;
    return rest > 0
      ? [...shown, `::${kind} title=hipaa-check::${rest} more: --format markdown or terminal has them all`]
      : shown;
  });
  return lines.length === 0 ? "" : `${lines.join("\n")}\n`;
}
