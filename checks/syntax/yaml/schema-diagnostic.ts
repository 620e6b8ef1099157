import type { ErrorObject } from "ajv";
import type { Diagnostic } from "#base/diagnostic.ts";
import type { Json } from "#base/value.ts";
import type { YamlDocument } from "./document.ts";

/**
 * One sentence about what does not meet a JSON Schema, for the error that lies deepest: the others follow from it.
 * @param name what the file is; the code is `<name>-invalid`
 */
export function schemaDiagnostic(
  document: YamlDocument,
  name: string,
  errors: readonly ErrorObject[],
): Diagnostic {
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
    pattern?: string;
  };
  let message = `${where} ${error.message ?? "is not valid"}.`;
  if (extra.additionalProperty !== undefined) {
    path.push(extra.additionalProperty);
    message = `Unknown key or keyword "${extra.additionalProperty}"${path.length > 1 ? ` in ${where}` : ""}. Remove it or correct its spelling.`;
  } else if (extra.missingProperty !== undefined) {
    message = `${where} lacks "${extra.missingProperty}". Add it.`;
  } else if (extra.pattern === "\\S" || error.keyword === "minProperties") {
    message = `${where} is empty. Write it out.`;
  } else if (extra.allowedValues !== undefined) {
    message = `${where} must be one of ${extra.allowedValues.join(", ")}.`;
  }
  const steps = path.map((part) => (/^\d+$/.test(part) ? Number(part) : part));
  const location =
    extra.additionalProperty === undefined ? document.locate(steps) : document.locateKey(steps);
  return { level: "error", code: `${name}-invalid`, message, location };
}
