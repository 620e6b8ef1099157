import { type Document, isAlias, isMap, isScalar, isSeq, LineCounter, type Node, type Scalar } from "yaml";
import { compose } from "#syntax/yaml/compose.ts";
import { parseNumber } from "../numbers.ts";
import { mapping, type Origin, type Primitive, scalar, sequence, type TerraformValue } from "../value.ts";
import { EvaluationFailure, EvaluationLimit } from "./definition.ts";

/** YAML as values, the way `yamldecode` makes them. */
export function decodeYaml(content: string, origin: Origin): TerraformValue {
  const { parsed } = compose(content, new LineCounter());
  if (parsed?.contents === undefined || parsed.contents === null) {
    throw new EvaluationLimit("the text could not be read as one YAML document");
  }
  return new Decoder(parsed, origin).value(parsed.contents);
}

class Decoder {
  private readonly document: Document.Parsed;
  private readonly origin: Origin;
  /** What aliases repeat is made once. */
  private readonly made = new Map<Node, TerraformValue>();

  constructor(document: Document.Parsed, origin: Origin) {
    this.document = document;
    this.origin = origin;
  }

  value(node: unknown): TerraformValue {
    if (isAlias(node)) {
      const target = node.resolve(this.document);
      const value = target && this.made.get(target);
      if (value === undefined) throw new EvaluationFailure("an alias names nothing before it");
      return value;
    }
    if (!isMap(node) && !isSeq(node) && !isScalar(node)) return scalar(null, this.origin);
    const value = isScalar(node) ? scalar(scalarOf(node), this.origin) : this.collection(node);
    this.made.set(node, value);
    return value;
  }

  private collection(node: Node): TerraformValue {
    if (isSeq(node)) {
      return sequence(
        "tuple",
        node.items.map((item) => this.value(item)),
        this.origin,
      );
    }
    const entries = new Map<string, TerraformValue>();
    for (const { key, value } of isMap(node) ? node.items : []) {
      if (!isScalar(key)) throw new EvaluationFailure("only texts are keys");
      const content = this.value(value);
      if (key.type !== "PLAIN" || key.source !== "<<") {
        if (entries.has(keyOf(key))) throw new EvaluationLimit("a key is set twice");
        entries.set(keyOf(key), content);
        continue;
      }
      if (!("entries" in content)) throw new EvaluationFailure("only a map can be merged");
      for (const [name, merged] of content.entries) {
        if (entries.has(name)) throw new EvaluationLimit("a merged key is set as well");
        entries.set(name, merged);
      }
    }
    return mapping("object", entries, this.origin);
  }
}

function keyOf(key: Scalar): string {
  if (key.type === "PLAIN" && nulls.has(key.source ?? "")) throw new EvaluationFailure("only texts are keys");
  return key.source ?? String(key.value);
}

const nulls: ReadonlySet<string> = new Set(["", "~", "null", "Null", "NULL"]);
const yes: ReadonlySet<string> = new Set([
  "y",
  "Y",
  "yes",
  "Yes",
  "YES",
  "true",
  "True",
  "TRUE",
  "on",
  "On",
  "ON",
]);
const no: ReadonlySet<string> = new Set([
  "n",
  "N",
  "no",
  "No",
  "NO",
  "false",
  "False",
  "FALSE",
  "off",
  "Off",
  "OFF",
]);

/** A plain word is what Terraform's reader takes it for, which is neither YAML 1.1 nor 1.2. */
function scalarOf(node: Scalar): Primitive {
  const { tag, type, source = "", value } = node;
  if (tag === "tag:yaml.org,2002:str") return String(value ?? "");
  if (tag !== undefined) throw new EvaluationLimit(`the tag ${tag}`);
  if (type !== "PLAIN") return String(value ?? "");
  if (nulls.has(source)) return null;
  if (yes.has(source)) return true;
  if (no.has(source)) return false;
  if (/^[-+]?0[xob]|^[-+]?\.(?:inf|nan)$|^\d{4}-\d{1,2}-\d{1,2}(?:[Tt ]|$)/i.test(source)) {
    throw new EvaluationLimit(`the plain word ${source} in YAML`);
  }
  const number = parseNumber(source);
  // The reader folds words that go over several lines.
  return number ?? (typeof value === "string" ? value : source);
}
