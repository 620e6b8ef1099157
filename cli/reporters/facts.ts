import type { Json, Value } from "#base/value.ts";
import type { Style } from "#cli/ui/style.ts";
import { counted, printable, printableName } from "#cli/ui/text.ts";
import type { Gathered } from "#engine/check.ts";
import { chainStep } from "#engine/result.ts";
import type { Fact } from "#facts/fact.ts";
import { findFactKind } from "#facts/registry.ts";
import { show } from "#policy/assertion.ts";

/** The contract of `facts --format json`: policies/schema/facts.schema.json. */
export function renderFactsJson({ facts, diagnostics }: Gathered): string {
  const body = { schemaVersion: "1", facts: facts.map(plainFact), diagnostics };
  return `${JSON.stringify(body, undefined, 2)}\n`;
}

function plainFact(fact: Fact) {
  const { kind, id, location, origin } = fact;
  const attributes = Object.keys(fact.attributes)
    .sort()
    .map((name) => [name, plainValue(fact.kind, name, fact.attributes[name])]);
  return {
    kind,
    id,
    location,
    ...(origin === undefined ? {} : { origin }),
    attributes: Object.fromEntries(attributes),
  };
}

function plainValue(kind: string, name: string, value: Value | undefined): unknown {
  if (value === undefined) return { state: "absent", chain: [] };
  const { state, location } = value;
  const hidden = findFactKind(kind)?.attributes[name]?.sensitive === true;
  return {
    state,
    ...(value.state === "known" ? { value: hidden ? "(not shown)" : value.value } : {}),
    ...(value.state === "known" && value.isDefault === true ? { isDefault: true } : {}),
    ...(value.state === "unknown" ? { reason: value.reason } : {}),
    ...(value.state === "unknown" && value.alternatives !== undefined
      ? { alternatives: value.alternatives.map((alternative) => plainValue(kind, name, alternative)) }
      : {}),
    ...(location === undefined ? {} : { location }),
    chain: value.chain.map(chainStep),
  };
}

/** For people: each fact with its attributes, and for each value where it comes from. */
export function renderFactsText(gathered: Gathered, style: Style): string {
  const lines: string[] = [];
  for (const fact of gathered.facts) {
    const place = printableName(`${fact.location.file}:${fact.location.line}`);
    lines.push(
      `${style("bold", fact.kind)}  ${printableName(fact.id)}  ${style("dim", `${place}${originWords(fact)}`)}`,
    );
    for (const name of Object.keys(fact.attributes).sort()) {
      const value = fact.attributes[name];
      if (value !== undefined) lines.push(...valueLines(fact.kind, name, value, style));
    }
    lines.push("");
  }
  for (const { level, message, location } of gathered.diagnostics) {
    const place = location === undefined ? "" : `${printableName(location.file)}:${location.line}: `;
    lines.push(`${style(level === "error" ? "red" : "yellow", level)}  ${printable(`${place}${message}`)}`);
  }
  if (gathered.facts.length === 0)
    lines.push("No facts: nothing here is a file that a collector reads, or it says nothing.");
  return `${lines.join("\n").trimEnd()}\n`;
}

function originWords({ origin }: Fact): string {
  if (origin === undefined) return "";
  const { evidence, configuration } = origin;
  return printable(`  ${evidence}${configuration === undefined ? "" : ` of ${configuration}`}`);
}

function valueLines(kind: string, name: string, value: Value, style: Style): string[] {
  const hidden = findFactKind(kind)?.attributes[name]?.sensitive === true;
  const at =
    value.location === undefined
      ? ""
      : style("dim", `  ${printableName(value.location.file)}:${value.location.line}`);
  const members = value.state === "known" && !hidden ? membersOf(value.value) : undefined;
  let shown: string;
  if (members !== undefined) shown = counted(members.length, "entry", "entries");
  else if (value.state === "known") {
    const text = hidden ? "(not shown)" : printable(JSON.stringify(value.value));
    shown = `${text}${value.isDefault === true ? " (default)" : ""}`;
  } else if (value.state === "absent") shown = style("dim", "not set");
  else {
    const choices = (value.alternatives ?? []).map((choice) =>
      choice.state === "known" ? JSON.stringify(choice.value) : choice.state,
    );
    const among = choices.length === 0 ? "" : ` (one of ${choices.join(", ")})`;
    shown = style("yellow", printable(`unknown${among}: ${value.reason}`));
  }
  const chain = value.chain.map((step) =>
    style(
      "dim",
      `      ${printable(step.text)} (${printableName(step.location.file)}:${step.location.line})`,
    ),
  );
  return [`  ${name} = ${shown}${at}`, ...(members ?? []), ...chain];
}

/** The members of an object, one line each; undefined for any other value. */
function membersOf(value: Json): string[] | undefined {
  if (value === null || typeof value !== "object" || Array.isArray(value)) return undefined;
  return Object.entries(value).map(([name, member]) => `      ${printableName(`${name} = ${show(member)}`)}`);
}
