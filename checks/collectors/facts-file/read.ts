import { posix } from "node:path";
import type { Diagnostic } from "#base/diagnostic.ts";
import { LineIndex, type Location, type Span } from "#base/location.ts";
import { type Json, known, type Step, unknown, type Value } from "#base/value.ts";
import type { Collected } from "#facts/collector.ts";
import { evidenceKinds, type Fact, type FactKind, type Origin } from "#facts/fact.ts";
import { findFactKind } from "#facts/registry.ts";
import { parseJson } from "#syntax/json/parser.ts";
import type { JsonNode, JsonProperty } from "#syntax/json/tree.ts";
import { AttributeSchemas } from "./schemas.ts";

/** Says what is wrong with a part of the file, which is then left out. */
class Mistake extends Error {
  readonly at: Span;

  constructor(message: string, at: Span) {
    super(message);
    this.at = at;
  }
}

/** Reads one facts file. What is wrong with it is an error with its line; facts without a mistake are kept. */
export async function readFactsFile(file: string, text: string): Promise<Collected> {
  const parsed = parseJson(text);
  const reader = new FactsReader(file, text);
  if ("value" in parsed) return await reader.read(parsed.value);
  const { message } = parsed.problem;
  const location = reader.locate(parsed.problem);
  return { facts: [], diagnostics: [{ level: "error", code: "facts-file-syntax", message, location }] };
}

class FactsReader {
  private readonly file: string;
  private readonly text: string;
  private readonly lines: LineIndex;
  private readonly schemas = new AttributeSchemas();
  private readonly diagnostics: Diagnostic[] = [];
  private readonly seen = new Map<string, number>();

  constructor(file: string, text: string) {
    this.file = file;
    this.text = text;
    this.lines = new LineIndex(file, text);
  }

  locate(span: Span): Location {
    return this.lines.location(span);
  }

  async read(root: JsonNode): Promise<Collected> {
    const facts: Fact[] = [];
    try {
      const properties = readObject(root, "the facts file", headNames);
      const origin = this.readHead(root, properties);
      const list = required(root, properties, "facts", "the facts file");
      if (list.kind !== "array") throw new Mistake('"facts" must be a list. Write [ … ].', list);
      for (const node of list.items) {
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
    const location = this.locate(error.at);
    this.diagnostics.push({ level: "error", code: "facts-file-invalid", message: error.message, location });
  }

  private plain({ start, end }: Span): Json {
    return JSON.parse(this.text.slice(start, end)) as Json;
  }

  private readHead(root: JsonNode, properties: Properties): Origin {
    const version = required(root, properties, "schemaVersion", "the facts file");
    if (this.plain(version) !== "1") {
      throw new Mistake(
        `Facts files of version ${JSON.stringify(this.plain(version))} are not known: this release reads version "1".`,
        version,
      );
    }
    readText(required(root, properties, "producer", "the facts file"), "producer");
    const recordedAt = required(root, properties, "recordedAt", "the facts file");
    if (!isTime(readText(recordedAt, "recordedAt"))) {
      throw new Mistake("recordedAt is no time. Write it as ISO 8601: 2026-11-01T09:00:00Z.", recordedAt);
    }
    const stated = required(root, properties, "evidence", "the facts file");
    const evidence = evidenceKinds.find((kind) => kind === this.plain(stated));
    if (evidence === undefined)
      throw new Mistake(`evidence must be one of ${evidenceKinds.join(", ")}.`, stated);
    const configuration = properties.get("configuration")?.value;
    const files = properties.get("configurationFiles")?.value;
    if (files !== undefined && configuration === undefined)
      throw new Mistake("configurationFiles says nothing without a configuration. Add it.", files);
    return {
      evidence,
      ...(configuration === undefined ? {} : { configuration: this.readConfiguration(configuration) }),
      ...(files === undefined ? {} : { files: readDigests(files) }),
    };
  }

  private readConfiguration(node: JsonNode): string {
    const path = readText(node, "configuration");
    if (posix.isAbsolute(path)) {
      throw new Mistake(
        "configuration must be relative to the folder of this file, so that it means the same on another machine.",
        node,
      );
    }
    return posix.join(posix.dirname(this.file), path).replace(/\/$/, "");
  }

  private async readFact(node: JsonNode, origin: Origin): Promise<Fact> {
    const properties = readObject(node, "the fact", factNames);
    const stated = required(node, properties, "kind", "the fact");
    const name = readText(stated, "kind");
    const kind = findFactKind(name);
    if (kind === undefined) {
      throw new Mistake(
        `There is no kind of fact "${name}". See: hipaa-check explain and docs/reference/facts.md.`,
        stated,
      );
    }
    const id = readText(required(node, properties, "id", "the fact"), "id");
    const location = this.locate(node);
    const key = JSON.stringify([name, id]);
    const earlier = this.seen.get(key);
    if (earlier !== undefined) {
      throw new Mistake(
        `${name} "${id}" stands on line ${earlier} already. Give each fact an id of its own.`,
        node,
      );
    }
    this.seen.set(key, location.line);
    const attributes = required(node, properties, "attributes", "the fact");
    const values: [string, Value][] = [];
    for (const [attribute, property] of readObject(attributes, "attributes", undefined)) {
      values.push([attribute, await this.readAttribute(kind, attribute, property)]);
    }
    return { kind: name, id, location, attributes: Object.fromEntries(values), origin };
  }

  private async readAttribute(kind: FactKind, name: string, property: JsonProperty): Promise<Value> {
    if (kind.attributes[name] === undefined) {
      throw new Mistake(
        `${kind.kind} has no attribute "${name}". See: hipaa-check explain ${kind.kind}.`,
        property,
      );
    }
    const properties = readObject(property.value, name, statedNames);
    const chain = this.readSteps(properties.get("because")?.value);
    const stated = properties.get("value")?.value;
    const reason = properties.get("unknown")?.value;
    const location = this.locate(property);
    if (reason !== undefined && stated === undefined)
      return unknown(readText(reason, `${name}.unknown`), location, chain);
    if (stated === undefined || reason !== undefined)
      throw new Mistake(`${name} must have either "value" or "unknown".`, property);
    const value = this.plain(stated);
    const problem = await this.schemas.problem(kind, name, value);
    if (problem !== undefined) throw new Mistake(`${name} ${problem}.`, stated);
    return known(value, location, chain);
  }

  private readSteps(node: JsonNode | undefined): Step[] {
    if (node === undefined) return [];
    if (node.kind !== "array") throw new Mistake("because must be a list of sentences.", node);
    return node.items.map((item) => ({ location: this.locate(item), text: readText(item, "because") }));
  }
}

type Properties = ReadonlyMap<string, JsonProperty>;

const headNames = [
  "$schema",
  "schemaVersion",
  "producer",
  "recordedAt",
  "evidence",
  "configuration",
  "configurationFiles",
  "facts",
] as const;
const factNames = ["kind", "id", "attributes"] as const;
const statedNames = ["value", "unknown", "because"] as const;

/** The properties of an object by name, each once and none beside those that are known. */
function readObject(node: JsonNode, what: string, names: readonly string[] | undefined): Properties {
  if (node.kind !== "object") throw new Mistake(`${what} must be an object. Write { … }.`, node);
  const properties = new Map<string, JsonProperty>();
  for (const property of node.properties) {
    const name = property.name.value;
    if (names !== undefined && !names.includes(name)) {
      throw new Mistake(`Unknown key "${name}" in ${what}. Remove it or correct its spelling.`, property);
    }
    if (properties.has(name)) throw new Mistake(`"${name}" stands twice in ${what}. Keep one.`, property);
    properties.set(name, property);
  }
  return properties;
}

function required(node: JsonNode, properties: Properties, name: string, what: string): JsonNode {
  const found = properties.get(name);
  if (found === undefined) throw new Mistake(`${what} lacks "${name}". Add it.`, node);
  return found.value;
}

function readText(node: JsonNode, what: string): string {
  if (node.kind !== "string" || node.value.trim() === "")
    throw new Mistake(`${what} must be a text that is not empty.`, node);
  return node.value;
}

function readDigests(node: JsonNode): Record<string, string> {
  const digests = [...readObject(node, "configurationFiles", undefined)].map(([path, { value }]) => {
    const digest = readText(value, path);
    if (!/^[0-9a-f]{64}$/.test(digest))
      throw new Mistake(`${path} must be a SHA-256 of 64 hexadecimal digits.`, value);
    return [path, digest] as const;
  });
  return Object.fromEntries(digests);
}

function isTime(text: string): boolean {
  return (
    /^\d{4}-\d{2}-\d{2}T\d{2}:\d{2}(:\d{2}(\.\d+)?)?(Z|[+-]\d{2}:\d{2})$/.test(text) &&
    !Number.isNaN(Date.parse(text))
  );
}
