import type { MacroValue } from "#syntax/conf/macro.ts";
import type { Service } from "#syntax/conf/master-file.ts";
import defaults from "./built-in.json" with { type: "json" };

/**
 * The parameters of Postfix 3.4 to 3.11 with their defaults, unexpanded, as the newest of these prints them; file names
 * and table types as in Debian's packages. Where a default that decides something changed, `sinceVersion` says so.
 */
const byName: ReadonlyMap<string, string> = new Map(Object.entries(defaults));

/** Parameters whose default the machine or the running process decides. */
const machineNames: ReadonlySet<string> = new Set([
  "mail_release_date",
  "mail_version",
  "mydomain",
  "myhostname",
  "mynetworks",
  "process_id",
  "process_name",
  "service_name",
]);

/** The defaults of parameters that do not depend on the machine. */
export function builtInDefaults(): Iterable<readonly [string, string]> {
  return byName;
}

export function builtInDefault(name: string): string | undefined {
  return byName.get(name);
}

/** Whether Postfix itself knows a parameter of this name. */
export function isBuiltIn(name: string): boolean {
  return byName.has(name) || machineNames.has(name);
}

export interface Machine {
  readonly service: Service | undefined;
  readonly machineName: string | undefined;
  /** The version of Postfix, where somebody states it. */
  readonly version: string | undefined;
  /** The expanded text of a setting. */
  readonly textOf: (name: string) => string | undefined;
}

/**
 * A default that the machine decides, by the rules of `postconf`. What is not known of the machine stays a reference:
 * `$mail_version`. Undefined for any other name.
 */
export function machineDefault(name: string, machine: Machine): MacroValue | undefined {
  if (!machineNames.has(name)) return undefined;
  return { text: decide(name, machine) ?? `$${name}`, literal: true };
}

function decide(name: string, { service, machineName, version, textOf }: Machine): string | undefined {
  if (name === "mail_version") return version;
  if (name === "process_name") return service?.program ?? "postconf";
  if (name === "service_name") return service?.name ?? "";
  if (name === "myhostname") {
    if (machineName === undefined || machineName.includes(".")) return machineName;
    return `${machineName}.${textOf("mydomain") ?? localDomain}`;
  }
  if (name !== "mydomain") return undefined;
  const host = textOf("myhostname") ?? machineName;
  if (host === undefined) return undefined;
  return host.includes(".") ? host.slice(host.indexOf(".") + 1) : localDomain;
}

const localDomain = "localdomain";
