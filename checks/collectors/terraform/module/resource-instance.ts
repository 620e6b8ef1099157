import type { Unknown as UnknownFact } from "#base/value.ts";
import type { Declaration } from "../files/declarations.ts";
import { locationOf, type Place } from "../files/source-file.ts";
import {
  derived,
  isNull,
  originAt,
  type ResourceAttributes,
  type ResourceObject,
  relocated,
  sequence,
  type TerraformValue,
  type Unknown,
  unknownValue,
} from "../language/value.ts";
import type { Resource } from "../resource.ts";
import { type BodyContext, EvaluatedBody } from "./body.ts";
import { renderedTemplate } from "./template-file.ts";
import { toUnknown } from "./to-value.ts";

/** One instance of a `resource` or `data` block; or, where `cause` is given, the one that stands for all of them. */
export class ResourceInstance implements Resource, ResourceAttributes {
  readonly mode: "managed" | "data";
  readonly type: string;
  readonly name: string;
  readonly address: string;
  readonly body: EvaluatedBody;
  readonly uncertainExistence?: UnknownFact;
  private readonly declaration: Declaration;
  private readonly context: BodyContext;
  /** Arguments that are being evaluated: whoever comes to one of them again goes round in circles. */
  private underway: Set<string> | undefined;
  private readonly onCycle: (what: string, place: Place) => void;

  constructor(
    declaration: Declaration,
    address: string,
    context: BodyContext,
    onCycle: (what: string, place: Place) => void,
    cause?: Unknown,
  ) {
    const [type = "", name = ""] = declaration.labels;
    this.mode = declaration.type === "resource" ? "managed" : "data";
    this.type = type;
    this.name = name;
    this.address = address;
    this.declaration = declaration;
    this.context = context;
    this.onCycle = onCycle;
    this.body = new EvaluatedBody(declaration.content, declaration.header, context);
    if (cause !== undefined) this.uncertainExistence = toUnknown(cause, locationOf(declaration.header));
  }

  asValue(): ResourceObject {
    return { kind: "resource", resource: this, ...originAt(this.declaration.header) };
  }

  attributeValue(name: string, place: Place | undefined): TerraformValue {
    this.context.tracker.note(this.address);
    this.underway ??= new Set();
    if (this.underway.has(name)) {
      this.onCycle(`${this.address}.${name}`, this.declaration.header);
      return unknownValue(`${this.address}.${name} refers to itself`, originAt(place));
    }
    this.underway.add(name);
    try {
      const value = attributeOf(this.body, this.address, name, place) ?? this.rendered(name, place);
      return value ?? this.computed(name, place);
    } finally {
      this.underway.delete(name);
    }
  }

  private rendered(name: string, place: Place | undefined): TerraformValue | undefined {
    if (this.mode !== "data" || this.type !== "template_file" || name !== "rendered") return undefined;
    return renderedTemplate(this.body, this.context.references, place);
  }

  /** An attribute that nobody writes: the provider fills it in. */
  private computed(name: string, place: Place | undefined): TerraformValue {
    const attribute = `${this.address}.${name}`;
    const when =
      this.declaration.type === "resource" ? "is known only after apply" : "is read when Terraform runs";
    return computedAttribute(attribute, `${attribute} ${when}`, this, place);
  }

  get header(): Place {
    return this.declaration.header;
  }
}

function computedAttribute(
  symbol: string,
  reason: string,
  { address, header }: { readonly address: string; readonly header: Place },
  place: Place | undefined,
): TerraformValue {
  const step = { place: header, text: `${address} is declared here` };
  return { ...unknownValue(reason, { place, chain: [step], isSensitive: false }), causes: [address], symbol };
}

/** What is written under a name: the value of an argument, or nested blocks as a list of objects. */
function attributeOf(
  body: EvaluatedBody,
  address: string,
  name: string,
  place: Place | undefined,
): TerraformValue | undefined {
  const argument = body.argument(name);
  const value = body.value(name);
  if (argument !== undefined && value !== undefined) {
    if (isNull(value)) return undefined;
    const step = {
      place: { source: argument.source, span: argument.expression },
      text: `${address}.${name}`,
    };
    const { isSensitive, chain } = derived(place, [value]);
    const result = relocated(value, { place, isSensitive, chain: [step, ...chain] });
    if (result.kind !== "unknown") return result;
    return { ...result, through: [...(result.through ?? []), address] };
  }
  if (!body.hasBlocks(name) || body.uncertain(name) !== undefined) return undefined;
  const blocks = body.nestedBodies(name).map(
    (block, index): ResourceObject => ({
      kind: "resource",
      resource: blockAttributes(block, `${address}.${name}[${index}]`, address),
      ...originAt(place),
    }),
  );
  return sequence("list", blocks, originAt(place));
}

function blockAttributes(body: EvaluatedBody, path: string, address: string): ResourceAttributes {
  return {
    address: path,
    attributeValue: (name, place) =>
      attributeOf(body, path, name, place) ??
      computedAttribute(
        `${path}.${name}`,
        `${path}.${name} is known only after apply`,
        { address, header: body.header },
        place,
      ),
  };
}
