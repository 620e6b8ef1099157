import type { Span } from "#base/location.ts";

/** A JSON value with the place of every part. Spans are UTF-16 offsets; `JSON.parse` of a span gives its plain value. */
export type JsonNode = JsonObject | JsonArray | JsonString | JsonNumber | JsonConstant;

export interface JsonObject extends Span {
  readonly kind: "object";
  /** In the order written, also those whose names are equal: what that means depends on the reader. */
  readonly properties: readonly JsonProperty[];
}

/** `"name": value` */
export interface JsonProperty extends Span {
  readonly kind: "property";
  readonly name: JsonString;
  readonly value: JsonNode;
}

export interface JsonArray extends Span {
  readonly kind: "array";
  readonly items: readonly JsonNode[];
}

/** The value has its escapes carried out; the span includes the quotes. */
export interface JsonString extends Span {
  readonly kind: "string";
  readonly value: string;
}

/** Digits beyond the precision of a double are lost in the value, not in the span. */
export interface JsonNumber extends Span {
  readonly kind: "number";
  readonly value: number;
}

/** `true`, `false` and `null`. */
export interface JsonConstant extends Span {
  readonly kind: "constant";
  readonly value: boolean | null;
}
