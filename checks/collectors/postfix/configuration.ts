import type { Diagnostic } from "#base/diagnostic.ts";
import type { Location } from "#base/location.ts";
import { absent, known } from "#base/value.ts";
import type { Fact } from "#facts/fact.ts";
import type { Instance } from "./instance.ts";
import { printedNames, rawNames } from "./parameters/printed.ts";

/** The instance as `postconf -x` prints it, and what Postfix would complain about. */
export function readConfiguration(
  instance: Instance,
  secrets: readonly string[],
): { readonly facts: readonly Fact[]; readonly diagnostics: readonly Diagnostic[] } {
  const { parameters, services, file } = instance;
  const diagnostics: Diagnostic[] = [];
  const printed = printedNames(parameters, services);
  const values: Record<string, string> = {};
  for (const name of [...parameters.names].sort()) {
    const setting = parameters.setting(name);
    if (setting === undefined) continue;
    const isPrinted = printed.has(name);
    if (!isPrinted) diagnostics.push(unused(name, setting.location));
    if (rawNames.has(name)) {
      values[name] = printable(setting.value, secrets);
      continue;
    }
    const { result, undefinedNames } = parameters.expand(setting.value);
    if ("problem" in result) {
      diagnostics.push({
        level: "error",
        code: "postfix-expansion",
        message: `Postfix cannot expand ${name}: ${result.problem}. Correct the references in it.`,
        location: setting.valueLocation,
      });
    } else if (isPrinted) {
      values[name] = printable(result.text, secrets);
      for (const missing of undefinedNames.filter((other) => setting.value.includes(other))) {
        diagnostics.push({
          level: "warning",
          code: "postfix-undefined-parameter",
          message: `${name} refers to ${missing}, which nothing sets, so Postfix puts nothing in its place. Set it, or correct the name.`,
          location: setting.valueLocation,
        });
      }
    }
  }
  const level = parameters.value("compatibility_level");
  const { stated } = parameters.version;
  const fact: Fact = {
    kind: "postfix.configuration",
    id: "postfix",
    location: parameters.due,
    attributes: {
      parameters: known(values, parameters.due),
      version: stated === undefined ? absent(parameters.due) : known(stated.version, stated.location),
      compatibilityLevel: level,
    },
  };
  return { facts: file === parameters.file ? [fact] : [], diagnostics };
}

/** White space as `postconf` prints it, and no secret. */
function printable(text: string, secrets: readonly string[]): string {
  const plain = text
    .split(/[ \t\r\n]+/)
    .filter((word) => word !== "")
    .join(" ");
  return secrets.reduce((shown, secret) => shown.replaceAll(secret, "(hidden)"), plain);
}

function unused(name: string, location: Location): Diagnostic {
  return {
    level: "warning",
    code: "postfix-unused-parameter",
    message: `No Postfix from 3.4 to 3.11 has a parameter ${name} and nothing refers to it, so the line has no effect. Check its spelling, or remove it.`,
    location,
  };
}
