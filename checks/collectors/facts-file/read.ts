import { posix } from "node:path";
import type { Diagnostic } from "#base/diagnostic.ts";
import type { Location } from "#base/location.ts";
import { known, type Step, unknown, type Value } from "#base/value.ts";
import type { Collected } from "#facts/collector.ts";
import { type EvidenceKind, evidenceKinds, type Fact, type FactKind, type Origin } from "#facts/fact.ts";
import { findFactKind } from "#facts/registry.ts";
import { type Entry, type JsonNode, parseJson } from "./json.ts";
import { AttributeSchemas } from "./schemas.ts";

/** Says what is wrong with a part of the file, which is then left out. */
class Mistake extends Error {
  readonly location: Location;

  constructor(message: string, location: Location) {
    super(message);
    this.location = location;
  }
}

/** Reads one facts file. What is wrong with it is an error with its line; facts without a mistake are kept. */
export async function readFactsFile(file: string, text: string): Promise<Collected> {
  const parsed = parseJson(file, text);
  if ("diagnostic" in parsed) return { facts: [], diagnostics: [parsed.diagnostic] };
  return await new FactsReader(file).read(parsed.root);
}

class FactsReader {
  private readonly file: string;
  private readonly schemas = new AttributeSchemas();
  private readonly diagnostics: Diagnostic[] = [];
  private readonly seen = new Map<string, number>();

  constructor(file: string) {
    this.file = file;
  }

  async read(root: JsonNode): Promise<Collected> {
    const facts: Fact[] = [];
    try {
      const properties = readObject(root, "the facts file", headNames);
      const origin = this.readHead(root, properties);
      const list = required(root, properties, "facts", "the facts file").items;
      if (list === undefined) throw new Mistake('"facts" must be a list. Write [ … ].', root.location);
      for (const node of list) {
        try {
          facts.push(await this.readFact(node, origin));
        } catch (error) {
          this.report(error);
        }
      }
    } catch (error) {
      this.report(error);
    }
    return { facts, diagnostics: this.diagnostics };
  }

  private report(error: unknown): void {
    if (!(error instanceof Mistake)) throw error;
    const { message, location } = error;
    this.diagnostics.push({ level: "error", code: "facts-file-invalid", message, location });
  }

  private readHead(root: JsonNode, properties: Properties): Origin {
    const version = required(root, properties, "schemaVersion", "the facts file");
    if (version.value !== "1") {
      throw new Mistake(
        `Facts files of version ${JSON.stringify(version.value)} are not known: this release reads version "1".`,
        version.location,
      );
    }
    readText(required(root, properties, "producer", "the facts file"), "producer");
    const recordedAt = required(root, properties, "recordedAt", "the facts file");
    if (!isTime(readText(recordedAt, "recordedAt"))) {
      throw new Mistake(
        "recordedAt is no time. Write it as ISO 8601: 2026-11-01T09:00:00Z.",
        recordedAt.location,
      );
    }
    const evidence = required(root, properties, "evidence", "the facts file");
    if (!(evidenceKinds as readonly unknown[]).includes(evidence.value)) {
      throw new Mistake(`evidence must be one of ${evidenceKinds.join(", ")}.`, evidence.location);
    }
    const configuration = properties.get("configuration")?.value;
    return {
      evidence: evidence.value as EvidenceKind,
      ...(configuration === undefined ? {} : { configuration: this.readConfiguration(configuration) }),
    };
  }

  private readConfiguration(node: JsonNode): string {
    const path = readText(node, "configuration");
    if (posix.isAbsolute(path)) {
      throw new Mistake(
        "configuration must be relative to the folder of this file, so that it means the same on another machine.",
        node.location,
      );
    }
    return posix.join(posix.dirname(this.file), path).replace(/\/$/, "");
  }

  private async readFact(node: JsonNode, origin: Origin): Promise<Fact> {
    const properties = readObject(node, "the fact", factNames);
    const name = required(node, properties, "kind", "the fact");
    const kind = findFactKind(readText(name, "kind"));
    if (kind === undefined) {
      throw new Mistake(
        `There is no kind of fact "${name.text}". See: hipaa-check explain and docs/reference/facts.md.`,
        name.location,
      );
    }
    const id = readText(required(node, properties, "id", "the fact"), "id");
    const key = JSON.stringify([kind.kind, id]);
    const earlier = this.seen.get(key);
    if (earlier !== undefined) {
      throw new Mistake(
        `${kind.kind} "${id}" stands on line ${earlier} already. Give each fact an id of its own.`,
        node.location,
      );
    }
    this.seen.set(key, node.location.line);
    const attributes = required(node, properties, "attributes", "the fact");
    const values: [string, Value][] = [];
    for (const [attribute, entry] of readObject(attributes, "attributes", undefined)) {
      values.push([attribute, await this.readAttribute(kind, attribute, entry)]);
    }
    return { kind: kind.kind, id, location: node.location, attributes: Object.fromEntries(values), origin };
  }

  private async readAttribute(kind: FactKind, name: string, { value, location }: Entry): Promise<Value> {
    if (kind.attributes[name] === undefined) {
      throw new Mistake(
        `${kind.kind} has no attribute "${name}". See: hipaa-check explain ${kind.kind}.`,
        location,
      );
    }
    const properties = readObject(value, name, statedNames);
    const chain = readSteps(properties.get("because")?.value);
    const stated = properties.get("value")?.value;
    const reason = properties.get("unknown")?.value;
    if ((stated === undefined) === (reason === undefined)) {
      throw new Mistake(`${name} must have either "value" or "unknown".`, location);
    }
    if (reason !== undefined) return unknown(readText(reason, `${name}.unknown`), location, chain);
    if (stated === undefined) return unknown("", location, chain);
    const problem = await this.schemas.problem(kind, name, stated.value);
    if (problem !== undefined) throw new Mistake(`${name} ${problem}.`, stated.location);
    return known(stated.value, location, chain);
  }
}

type Properties = ReadonlyMap<string, Entry>;

const headNames = [
  "$schema",
  "schemaVersion",
  "producer",
  "recordedAt",
  "evidence",
  "configuration",
  "facts",
] as const;
const factNames = ["kind", "id", "attributes"] as const;
const statedNames = ["value", "unknown", "because"] as const;

/** The properties of an object by name, each once and none beside those that are known. */
function readObject(node: JsonNode, what: string, names: readonly string[] | undefined): Properties {
  const { entries } = node;
  if (entries === undefined) throw new Mistake(`${what} must be an object. Write { … }.`, node.location);
  const properties = new Map<string, Entry>();
  for (const entry of entries) {
    const { name, location } = entry;
    if (names !== undefined && !names.includes(name)) {
      throw new Mistake(`Unknown key "${name}" in ${what}. Remove it or correct its spelling.`, location);
    }
    if (properties.has(name)) throw new Mistake(`"${name}" stands twice in ${what}. Keep one.`, location);
    properties.set(name, entry);
  }
  return properties;
}

function required(node: JsonNode, properties: Properties, name: string, what: string): JsonNode {
  const found = properties.get(name);
  if (found === undefined) throw new Mistake(`${what} lacks "${name}". Add it.`, node.location);
  return found.value;
}

function readText(node: JsonNode, what: string): string {
  const { text } = node;
  if (text === undefined || text.trim() === "")
    throw new Mistake(`${what} must be a text that is not empty.`, node.location);
  return text;
}

function readSteps(node: JsonNode | undefined): Step[] {
  if (node === undefined) return [];
  const { items } = node;
  if (items === undefined) throw new Mistake("because must be a list of sentences.", node.location);
  return items.map((item) => ({ location: item.location, text: readText(item, "because") }));
}

function isTime(text: string): boolean {
  return (
    /^\d{4}-\d{2}-\d{2}T\d{2}:\d{2}(:\d{2}(\.\d+)?)?(Z|[+-]\d{2}:\d{2})$/.test(text) &&
    !Number.isNaN(Date.parse(text))
  );
}
