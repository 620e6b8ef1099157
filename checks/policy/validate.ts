import type { ValidateFunction } from "ajv";
import type { Diagnostic } from "#base/diagnostic.ts";
import { startOfFile } from "#base/location.ts";
import type { Json } from "#base/value.ts";
import { parseYaml, type YamlDocument } from "#syntax/yaml/document.ts";
import { schemaDiagnostic } from "#syntax/yaml/schema-diagnostic.ts";
import { createAjv } from "./assertion.ts";

/** A file under its path as messages show it. */
export interface PolicyFile {
  readonly path: string;
  readonly text: string;
  /** Why the file could not be read; it has no text then. */
  readonly problem?: Diagnostic;
}

const validators = new Map<string, ValidateFunction>();

/** Reads a YAML file and holds it against a JSON Schema. With an error there is no document. */
export function readValidated(
  file: PolicyFile,
  name: string,
  schema: () => Record<string, Json>,
): { readonly document?: YamlDocument; readonly diagnostics: readonly Diagnostic[] } {
  if (file.problem !== undefined) return { diagnostics: [file.problem] };
  if (file.text.trim() === "") {
    const message = "The file is empty. Fill it in or remove it.";
    const location = startOfFile(file.path);
    return { diagnostics: [{ level: "error", code: `${name}-invalid`, message, location }] };
  }
  const parsed = parseYaml(file.path, file.text);
  const { document } = parsed;
  if (document === undefined) return parsed;
  let validate = validators.get(name);
  if (validate === undefined) {
    validate = createAjv().compile(schema());
    validators.set(name, validate);
  }
  if (validate(document.value) === true) return { document, diagnostics: [] };
  return { diagnostics: [schemaDiagnostic(document, name, validate.errors ?? [])] };
}
