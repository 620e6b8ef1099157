import type { Diagnostic } from "#base/diagnostic.ts";
import type { Location } from "#base/location.ts";
import type { Json } from "#base/value.ts";
import { type Severity, severities } from "#policy/rule.ts";
import { readValidated } from "#policy/validate.ts";

export const configurationName = "hipaa-check.yaml";

/** What a `hipaa-check.yaml` says of one rule for the files it governs. */
export interface RuleSetting {
  readonly rule: string;
  /** Globs in the syntax of .gitignore, relative to the file's folder; undefined for all files below it. */
  readonly files?: readonly string[];
  readonly setting: "off" | { readonly severity: Severity };
  readonly location: Location;
}

/** One `hipaa-check.yaml`. */
export interface Configuration {
  readonly path: string;
  /** Folders of own rules and editions, relative to the file. Counts in the run's own configuration only. */
  readonly policies: readonly string[];
  /** Editions of a run that names none. Counts in the run's own configuration only. */
  readonly editions: readonly string[];
  /** Globs in the syntax of .gitignore, relative to the file's folder. */
  readonly exclude: readonly string[];
  /** Hosts of the user that probes and load runs may talk to. Counts in the run's own configuration only. */
  readonly owned: readonly string[];
  readonly rules: readonly RuleSetting[];
}

const setting: Json = {
  anyOf: [
    { const: "off" },
    {
      type: "object",
      additionalProperties: false,
      required: ["severity"],
      properties: { severity: { enum: [...severities] } },
    },
  ],
};
const texts: Json = { type: "array", items: { type: "string", minLength: 1 } };
const rules: Json = { type: "object", additionalProperties: setting };

/** The JSON Schema of `hipaa-check.yaml`. */
export function configurationSchema(): Record<string, Json> {
  return {
    $schema: "http://json-schema.org/draft-07/schema#",
    $id: "https://hipaa-check.dev/schema/configuration.schema.json",
    title: "hipaa-check.yaml",
    type: "object",
    additionalProperties: false,
    properties: {
      policies: { ...(texts as object), description: "Folders of own rules and editions." },
      editions: {
        ...(texts as object),
        description: "Editions to check against when the command names none.",
      },
      exclude: {
        ...(texts as object),
        description: "Files that are not judged, in the syntax of .gitignore.",
      },
      owned: {
        ...(texts as object),
        description: "Names and addresses of own hosts that probes and load runs may talk to.",
      },
      rules: { ...(rules as object), description: "Rules to switch off or to weigh differently." },
      paths: {
        type: "array",
        description: "The same for some files only.",
        items: {
          type: "object",
          additionalProperties: false,
          required: ["files", "rules"],
          properties: { files: texts, rules },
        },
      },
    },
  };
}

interface Written {
  readonly policies?: readonly string[];
  readonly editions?: readonly string[];
  readonly exclude?: readonly string[];
  readonly owned?: readonly string[];
  readonly rules?: Readonly<Record<string, RuleSetting["setting"]>>;
  readonly paths?: readonly {
    readonly files: readonly string[];
    readonly rules: Readonly<Record<string, RuleSetting["setting"]>>;
  }[];
}

/** Reads a configuration. With an error there is none; the caller treats that as wrong configuration. */
export function readConfiguration(
  path: string,
  text: string,
): { readonly configuration?: Configuration; readonly diagnostics: readonly Diagnostic[] } {
  const { document, diagnostics } = readValidated({ path, text }, "configuration", configurationSchema);
  if (document === undefined) return { diagnostics };
  const written = document.value as unknown as Written;
  const settings: RuleSetting[] = [];
  for (const [rule, value] of Object.entries(written.rules ?? {})) {
    settings.push({ rule, setting: value, location: document.locate(["rules", rule]) });
  }
  written.paths?.forEach((entry, index) => {
    for (const [rule, value] of Object.entries(entry.rules)) {
      const location = document.locate(["paths", index, "rules", rule]);
      settings.push({ rule, files: entry.files, setting: value, location });
    }
  });
  const { policies = [], editions = [], exclude = [], owned = [] } = written;
  return { configuration: { path, policies, editions, exclude, owned, rules: settings }, diagnostics: [] };
}
