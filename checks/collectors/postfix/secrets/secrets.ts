import type { Location } from "#base/location.ts";
import { known } from "#base/value.ts";
import type { Fact } from "#facts/fact.ts";
import { readMainFile } from "#syntax/conf/main-file.ts";
import type { Service } from "#syntax/conf/master-file.ts";
import type { Instance } from "../instance.ts";
import { databaseTypes, mapReferences } from "../maps/reference.ts";
import { sourceOf } from "./source.ts";

export interface Secrets {
  readonly facts: readonly Fact[];
  /** Secrets that stand in `main.cf` or `master.cf` themselves: nothing that is printed may hold them. */
  readonly texts: readonly string[];
}

const passwordMaps = ["smtp_sasl_password_maps", "lmtp_sasl_password_maps"];
/** Parameters of database clients that hold a password; in `main.cf` with the name of the table in front. */
const databasePassword = /^(?:.+_)?(?:bind_pw|password)$/;

/** Settings that take a password: where each comes from, never the password. */
export function readSecrets(instance: Instance): Secrets {
  const facts = new Map<string, Fact>();
  const texts: string[] = [];
  const add = (id: string, setting: string, text: string, location: Location): void => {
    const { source, isPlaceholder } = sourceOf(text);
    facts.set(`${location.file}\n${id}`, {
      kind: "secret",
      id,
      location,
      attributes: {
        setting: known(setting, location),
        source: known(source, location),
        ...(source === "literal" ? { placeholder: known(isPlaceholder, location) } : {}),
      },
    });
  };
  for (const { name, service } of scopes(instance)) readPasswordMaps(instance, name, service, add, texts);
  readDatabases(instance, add, texts);
  return { facts: [...facts.values()], texts: texts.filter((text) => text !== "") };
}

type Add = (id: string, setting: string, text: string, location: Location) => void;

function scopes(instance: Instance): { readonly name: string; readonly service?: Service }[] {
  return passwordMaps.flatMap((name) => [
    { name },
    ...instance.services
      .filter(({ overrides }) => overrides.some((override) => override.name === name))
      .map((service) => ({ name, service })),
  ]);
}

/** `destination user:password`. */
function readPasswordMaps(
  instance: Instance,
  name: string,
  service: Service | undefined,
  add: Add,
  texts: string[],
): void {
  const setting = instance.parameters.setting(name, service);
  if (setting === undefined) return;
  const { result } = instance.parameters.expand(setting.value, service);
  const value = "text" in result ? result.text : setting.value;
  for (const reference of mapReferences(value)) {
    const table = instance.tables.open(reference, setting.valueLocation);
    const password = (entry: string): string => entry.slice(entry.indexOf(":") + 1);
    if (table.kind === "constant") {
      add(name, name, password(table.value), table.location);
      texts.push(password(table.value));
    } else if (table.kind !== "unseen") {
      const inline = table.file === undefined;
      for (const entry of table.entries) {
        if (!entry.value.includes(":")) continue;
        const key = "key" in entry ? entry.key : `/${entry.pattern}/`;
        add(`${name}:${key}`, name, password(entry.value), entry.valueLocation);
        if (inline) texts.push(password(entry.value));
      }
    }
  }
}

/** The client configuration of database tables, as a file of its own or among the parameters. */
function readDatabases(instance: Instance, add: Add, texts: string[]): void {
  const { parameters, tables } = instance;
  const prefixes = new Set<string>();
  for (const name of parameters.names) {
    const setting = parameters.setting(name);
    if (setting === undefined) continue;
    const { result } = parameters.expand(setting.value);
    if (!("text" in result)) continue;
    for (const { type, name: table } of mapReferences(result.text)) {
      if (!databaseTypes.has(type)) continue;
      if (!table.includes("/")) prefixes.add(table);
      const found = table.includes("/") ? tables.find(table) : undefined;
      if (found === undefined) continue;
      for (const line of readMainFile(found.file, found.text).settings) {
        if (databasePassword.test(line.name)) add(line.name, line.name, line.value, line.valueLocation);
      }
    }
  }
  for (const name of parameters.names.filter((candidate) => databasePassword.test(candidate))) {
    const setting = parameters.setting(name);
    const isTables = [...prefixes].some((prefix) => name.startsWith(`${prefix}_`));
    if (setting === undefined || !isTables) continue;
    add(name, name, setting.value, setting.valueLocation);
    texts.push(setting.value);
  }
}
