import { posix } from "node:path";
import type { ValidateFunction } from "ajv";
import type { Diagnostic } from "#base/diagnostic.ts";
import type { CollectHost } from "#facts/collector.ts";
import {
  complianceSchema,
  type DecisionKind,
  type RecordKind,
  type StatedServiceLevels,
} from "#facts/compliance-file.ts";
import { parseYaml, type YamlDocument } from "#syntax/yaml/document.ts";
import { schemaDiagnostic } from "#syntax/yaml/schema-diagnostic.ts";

export interface WrittenDecision {
  readonly id: string;
  readonly kind: DecisionKind;
  readonly rule?: string;
  readonly control?: string;
  readonly scope: {
    readonly facts?: readonly string[];
    readonly files?: readonly string[];
    readonly everything?: true;
  };
  readonly reason: string;
  readonly measure?: string;
  readonly alternative?: string;
  readonly residualRisk?: string;
  readonly assessment?: string;
  readonly owner: string;
  readonly author?: string;
  readonly approver: string;
  readonly date: string;
  readonly expires?: string;
  readonly review?: string;
}

export interface WrittenRecord {
  readonly id: string;
  readonly kind: RecordKind;
  readonly title: string;
  readonly date: string;
  readonly owner: string;
  readonly nextDue: string;
  readonly held: string;
}

export interface WrittenVendor {
  readonly name: string;
  readonly services?: readonly string[];
  readonly agreement?: {
    readonly signed: string;
    readonly expires?: string;
    readonly held: string;
    readonly breachNoticeDays?: number;
    readonly subcontractorsBound?: boolean;
  };
  readonly verified?: string;
}

export interface DecisionPolicy {
  readonly longestWaiverDays?: number;
  readonly approverMayBeAuthor?: boolean;
}

/** One file: `compliance.yaml`, or one that it includes. */
export interface Part {
  readonly file: string;
  readonly document: YamlDocument;
  readonly content: {
    readonly include?: readonly string[];
    readonly decisionPolicy?: DecisionPolicy;
    readonly serviceLevels?: StatedServiceLevels;
    /** Undefined in the place of an entry with a mistake. */
    readonly decisions?: readonly (WrittenDecision | undefined)[];
    readonly records?: readonly (WrittenRecord | undefined)[];
    readonly vendors?: readonly (WrittenVendor | undefined)[];
  };
}

let validator: ValidateFunction | undefined;

async function validate(value: unknown): Promise<ValidateFunction["errors"]> {
  if (validator === undefined) {
    const { Ajv } = await import("ajv");
    validator = new Ajv({ allErrors: true, strict: true, strictTypes: false, strictRequired: false }).compile(
      complianceSchema(),
    );
  }
  return validator(value) ? undefined : validator.errors;
}

/**
 * Reads a file and, depth first, all that it includes; each once. An entry with a mistake is reported and left out, and a part whose
 * mistake is elsewhere is left out whole.
 */
export async function readParts(
  file: string,
  host: CollectHost,
): Promise<{ readonly parts: readonly Part[]; readonly diagnostics: readonly Diagnostic[] }> {
  const parts: Part[] = [];
  const diagnostics: Diagnostic[] = [];
  const open: string[] = [];
  const seen = new Set<string>();
  const read = async (path: string, complain: (message: string) => void): Promise<void> => {
    if (open.includes(path))
      return complain(`The include leads in a circle: ${[...open, path].join(" → ")}. Remove it.`);
    if (seen.has(path)) return;
    seen.add(path);
    const text = host.read(path);
    if (text === undefined)
      return complain(`${path} cannot be read. Correct the name, or remove the include.`);
    if (text.trim() === "") return;
    const parsed = parseYaml(path, text);
    diagnostics.push(...parsed.diagnostics);
    const { document } = parsed;
    if (document === undefined) return;
    const mistakes = Map.groupBy((await validate(document.value)) ?? [], ({ instancePath }) =>
      entryOf(instancePath),
    );
    for (const errors of [...mistakes.values()].slice(0, mostMistakes))
      diagnostics.push(schemaDiagnostic(document, "compliance", telling(errors)));
    if (mistakes.has("")) return;
    const content = without(document.value as unknown as Part["content"], new Set(mistakes.keys()));
    parts.push({ file: path, document, content });
    open.push(path);
    for (const [index, included] of (content.include ?? []).entries()) {
      const location = document.locate(["include", index]);
      await read(posix.join(posix.dirname(path), included), (message) =>
        diagnostics.push({ level: "error", code: "compliance-include", message, location }),
      );
    }
    open.pop();
  };
  await read(file, () => undefined);
  return { parts, diagnostics };
}

/** Mistakes of a file that are said; whoever makes more finds the others when these are corrected. */
const mostMistakes = 20;

/** The entry that a path of a mistake lies in: "/decisions/3"; empty where it lies in none. */
function entryOf(instancePath: string): string {
  return /^\/(?:decisions|records|vendors)\/\d+/.exec(instancePath)?.[0] ?? "";
}

function without(content: Part["content"], mistaken: ReadonlySet<string>): Part["content"] {
  const kept = <T>(name: string, entries: readonly T[] | undefined) =>
    entries?.map((entry, index) => (mistaken.has(`/${name}/${index}`) ? undefined : entry));
  const decisions = kept("decisions", content.decisions);
  const records = kept("records", content.records);
  const vendors = kept("vendors", content.vendors);
  return {
    ...content,
    ...(decisions === undefined ? {} : { decisions }),
    ...(records === undefined ? {} : { records }),
    ...(vendors === undefined ? {} : { vendors }),
  };
}

/** Errors that say something: not the frames that the schema is built of. */
function telling(errors: NonNullable<ValidateFunction["errors"]>): NonNullable<ValidateFunction["errors"]> {
  const named = errors.filter(({ keyword }) => keyword !== "if" && keyword !== "oneOf");
  if (named.length > 0) return named;
  return errors.map((error) => (error.keyword === "oneOf" ? { ...error, message: bothNamed } : error));
}

const bothNamed = "is about a rule or about a control, not both: keep one";
