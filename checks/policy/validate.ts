import type { ErrorObject, ValidateFunction } from "ajv";
import type { Diagnostic } from "#base/diagnostic.ts";
import { startOfFile } from "#base/location.ts";
import type { Json } from "#base/value.ts";
import { parseYaml, type YamlDocument } from "#syntax/yaml/document.ts";
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

/** One sentence for the error that lies deepest: the others follow from it. */
function schemaDiagnostic(document: YamlDocument, name: string, errors: readonly ErrorObject[]): Diagnostic {
  const depth = (error: ErrorObject): number => error.instancePath.split("/").length;
  const error = errors.reduce((a, b) => (depth(b) > depth(a) ? b : a), errors[0] as ErrorObject);
  const path = error.instancePath
    .split("/")
    .slice(1)
    .map((part) => part.replaceAll("~1", "/").replaceAll("~0", "~"));
  const where = path.length === 0 ? "The file" : path.join(".");
  const extra = error.params as {
    additionalProperty?: string;
    allowedValues?: Json[];
    missingProperty?: string;
  };
  let message = `${where} ${error.message ?? "is not valid"}.`;
  if (extra.additionalProperty !== undefined) {
    path.push(extra.additionalProperty);
    message = `Unknown key or keyword "${extra.additionalProperty}"${path.length > 1 ? ` in ${where}` : ""}. Remove it or correct its spelling.`;
  } else if (extra.missingProperty !== undefined) {
    message = `${where} lacks "${extra.missingProperty}". Add it.`;
  } else if (extra.allowedValues !== undefined) {
    message = `${where} must be one of ${extra.allowedValues.join(", ")}.`;
  }
  const steps = path.map((part) => (/^\d+$/.test(part) ? Number(part) : part));
  const location =
    extra.additionalProperty === undefined ? document.locate(steps) : document.locateKey(steps);
  return { level: "error", code: `${name}-invalid`, message, location };
}
