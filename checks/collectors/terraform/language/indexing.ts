import type { Place } from "../files/source-file.ts";
import { toText } from "./conversion.ts";
import {
  combineUnknown,
  derived,
  failure,
  isNull,
  lift,
  type Mapping,
  relocated,
  type Sequence,
  type TerraformValue,
  type Unknown,
  withAlternatives,
} from "./value.ts";

/** The element of a value at a key or attribute name. */
export function indexInto(value: TerraformValue, key: TerraformValue, place: Place): TerraformValue {
  if (value.kind === "unknown") return ofUnknown(value, key, place);
  if (key.kind === "unknown" && key.alternatives === undefined) return anyElement(value, key, place);
  return lift([key], place, ([known]) => {
    if (known?.kind !== "scalar" || known.value === null)
      return failure("null is no key", derived(place, [key]));
    return pick(value, known.value, key, place);
  });
}

function pick(
  value: TerraformValue,
  key: string | number | boolean,
  keyValue: TerraformValue,
  place: Place,
): TerraformValue {
  switch (value.kind) {
    case "resource":
      return value.resource.attributeValue(String(key), place);
    case "object":
    case "map": {
      const entry = value.entries.get(String(key));
      if (entry !== undefined) return inside(entry, value, keyValue, place);
      return failure(`there is no element or attribute "${key}"`, derived(place, [value, keyValue]));
    }
    case "tuple":
    case "list": {
      const index = typeof key === "number" ? key : /^\d+$/.test(String(key)) ? Number(key) : undefined;
      if (index === undefined)
        return failure(`"${key}" is no index of a list`, derived(place, [value, keyValue]));
      const item = value.items[index];
      if (item !== undefined) return inside(item, value, keyValue, place);
      return failure(`the list has no element ${index}`, derived(place, [value, keyValue]));
    }
    case "set":
      return failure("the elements of a set have no index", derived(place, [value]));
    default: {
      const what = isNull(value) ? "null" : "a single value";
      return failure(`${what} has no elements or attributes`, derived(place, [value, keyValue]));
    }
  }
}

/** An element where it is used; the place where it was written is the last step. */
function inside(
  element: TerraformValue,
  collection: Sequence | Mapping,
  key: TerraformValue,
  place: Place,
): TerraformValue {
  const origin = derived(place, [collection, key, element]);
  if (collection.chain.length === 0 || element.place === undefined) {
    return relocated(element, { ...origin, place: element.place ?? place });
  }
  const last = origin.chain.at(-1)?.place;
  const isSame = last?.source === element.place.source && last.span.start === element.place.span.start;
  const chain = isSame
    ? origin.chain
    : [...origin.chain, { place: element.place, text: "the element is set here" }];
  return relocated(element, { ...origin, chain });
}

/** An element of something unknown is unknown for the same reason. */
function ofUnknown(value: Unknown, key: TerraformValue, place: Place): TerraformValue {
  if (value.isFailure === true) return value;
  if (value.alternatives !== undefined) {
    const { alternatives, symbol: _symbol, through: _through, ...rest } = value;
    return withAlternatives(
      { ...rest, ...derived(place, [value]) },
      alternatives.map((alternative) => indexInto(alternative, key, place)),
    );
  }
  const text = key.kind === "unknown" ? undefined : toText(key);
  const symbol =
    value.symbol !== undefined && text?.kind === "scalar"
      ? `${value.symbol}.${String(text.value)}`
      : undefined;
  const { symbol: _own, through: _through, encoded: _encoded, pieces: _pieces, ...rest } = value;
  const result: Unknown = { ...rest, ...derived(place, [value, key]) };
  return symbol === undefined ? result : { ...result, symbol };
}

/** Under a key that is not known, any element may be meant. */
function anyElement(value: TerraformValue, key: Unknown, place: Place): TerraformValue {
  const unknown = combineUnknown([key], derived(place, [key, value]));
  if (key.isFailure === true) return unknown;
  if (value.kind === "object" || value.kind === "map") {
    return withAlternatives(
      unknown,
      [...value.entries.values()].map((entry) => inside(entry, value, key, place)),
    );
  }
  if (value.kind === "tuple" || value.kind === "list") {
    return withAlternatives(
      unknown,
      value.items.map((item) => inside(item, value, key, place)),
    );
  }
  return unknown;
}
