import type { RunningContainer } from "../../containers/container.ts";
import { SandboxError } from "../../error.ts";
import { configurationFolder } from "./configuration.ts";
import { refuse, type Setting } from "./settings.ts";

/** A lookup table in a file. */
export interface FileMap {
  readonly type: string;
  readonly path: string;
}

const fileMap = /\b(hash|btree|lmdb|cdb|texthash|pcre|regexp|cidr):([^\s,{}]+)/g;

/** Parameters that only servers for clients and mailboxes read; a sender works without their tables. */
const notForSending =
  /^(smtpd|postscreen|local_recipient|relay_recipient|virtual_mailbox|virtual_uid|virtual_gid)_/;

export function mapsIn(value: string): FileMap[] {
  return [...value.matchAll(fileMap)].map(([, type = "", path = ""]) => ({ type, path }));
}

/**
 * Compiles the tables that the configuration names, as a deployment does.
 * @throws SandboxError when one that sending needs is not there, or cannot be compiled
 */
export async function compileMaps(container: RunningContainer, settings: readonly Setting[]): Promise<void> {
  const named = new Map<string, { readonly map: FileMap; readonly by: string[] }>();
  for (const { name, value } of settings) {
    for (const map of mapsIn(value)) {
      const entry = named.get(map.path) ?? { map, by: [] };
      entry.by.push(name);
      named.set(map.path, entry);
    }
  }
  if (named.size === 0) return;
  const lines = [...named.values()].map(({ map }) => `${map.type} ${map.path}\n`).join("");
  const { status, output, errors } = await container.execute(["sh", "/usr/local/sbin/compile-maps"], lines);
  if (status !== 0) refuse(errors);
  const missing = output
    .split("\n")
    .map((path) => named.get(path))
    .filter((entry) => entry !== undefined)
    .filter(({ by }) => by.some((name) => !notForSending.test(name)));
  if (missing.length === 0) return;
  const list = missing
    .map(({ map, by }) => `${map.path.replace(`${configurationFolder}/`, "")} (${by[0]})`)
    .join(", ");
  const text = `the configuration names tables that are not there: ${list}; add them to the folder, with made-up content where it is secret`;
  throw new SandboxError("usage", "map-missing", text);
}
