import { readdirSync, readFileSync } from "node:fs";
import { basename, join } from "node:path";
import type { ErrorObject } from "ajv";
import { isNode, LineCounter, parseDocument } from "yaml";
import { SandboxError } from "../error.ts";
import { postureFolder } from "../paths.ts";
import type { Posture } from "./posture.ts";
import { postureSchema } from "./schema.ts";

/** One sentence for the error that lies deepest: the others follow from it. */
function complain(errors: readonly ErrorObject[]): { path: string[]; message: string } {
  const depth = (error: ErrorObject): number => error.instancePath.split("/").length;
  const error = errors.reduce((a, b) => (depth(b) > depth(a) ? b : a), errors[0] as ErrorObject);
  const path = error.instancePath.split("/").slice(1);
  const where = path.length === 0 ? "the file" : path.join(".");
  const { additionalProperty, missingProperty, allowedValues } = error.params as Record<string, unknown>;
  if (typeof additionalProperty === "string") {
    return {
      path: [...path, additionalProperty],
      message: `unknown key "${additionalProperty}" in ${where}: remove it or correct its spelling`,
    };
  }
  if (typeof missingProperty === "string")
    return { path, message: `${where} lacks "${missingProperty}": add it` };
  if (Array.isArray(allowedValues))
    return { path, message: `${where} must be one of ${allowedValues.join(", ")}` };
  return { path, message: `${where} ${error.message ?? "is not valid"}` };
}

/**
 * Reads postures from a folder that holds one folder for each.
 * @param shown the folder as messages show it
 * @throws SandboxError with file, line and what to do, for the first file with a mistake
 */
export async function loadPostures(
  folder = postureFolder(),
  shown = "sandbox/postures",
): Promise<readonly Posture[]> {
  const { Ajv } = await import("ajv");
  const validate = new Ajv({ allErrors: true }).compile(postureSchema());
  const read = (id: string): Posture => {
    const file = join(shown, id, "posture.yaml");
    const fail = (line: number, message: string): SandboxError =>
      new SandboxError("usage", "posture-invalid", `${file}:${line}: ${message}`);
    let text: string;
    try {
      text = readFileSync(join(folder, id, "posture.yaml"), "utf8");
    } catch {
      throw fail(1, "the file is missing or cannot be read");
    }
    const lineCounter = new LineCounter();
    const document = parseDocument(text, { lineCounter, logLevel: "silent" });
    const [error] = document.errors;
    if (error !== undefined)
      throw fail(error.linePos?.[0].line ?? 1, error.message.split("\n", 1)[0] ?? "bad YAML");
    const value: unknown = document.toJS();
    if (!validate(value)) {
      const { path, message } = complain(validate.errors ?? []);
      const node = document.getIn(path, true);
      const offset = isNode(node) ? (node.range?.[0] ?? 0) : 0;
      throw fail(lineCounter.linePos(offset).line, message);
    }
    const posture = value as Posture;
    if (posture.id !== basename(id))
      throw fail(1, `the id is ${posture.id}, but the folder is ${basename(id)}: they must agree`);
    return posture;
  };
  let names: string[];
  try {
    const entries = readdirSync(folder, { withFileTypes: true });
    names = entries.filter((entry) => entry.isDirectory()).map(({ name }) => name);
  } catch {
    throw new SandboxError("environment", "postures-missing", `there is no folder of postures at ${shown}`);
  }
  return names.sort().map(read);
}
