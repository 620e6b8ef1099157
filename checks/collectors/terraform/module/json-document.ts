import { joinTexts } from "../language/template.ts";
import type { TerraformValue, Unknown } from "../language/value.ts";
import { derived, failure, mapping, originAt, relocated, scalar, sequence } from "../language/value.ts";

/** Marks stand in for what is unknown while the text around it is read as JSON. */
const openMark = "\u{f0001}";
const closeMark = "\u{f0002}";
const anyMark = new RegExp(`${openMark}(\\d+)${closeMark}`, "gu");

/**
 * The document that a text holds: what `jsonencode` was given, or a JSON text in which only some parts are unknown.
 * Undefined for any other value, and for a text that is wholly known.
 */
export function jsonDocument(value: TerraformValue): TerraformValue | undefined {
  if (value.kind === "scalar" || value.kind === "unknown") {
    if (value.encoded !== undefined) return value.encoded;
  }
  if (value.kind !== "unknown" || value.pieces === undefined) return undefined;
  return readPieces(value, value.pieces);
}

function readPieces(value: Unknown, pieces: readonly TerraformValue[]): TerraformValue | undefined {
  let text = "";
  let isInString = false;
  for (const [index, piece] of pieces.entries()) {
    if (piece.kind === "scalar") {
      const part = String(piece.value);
      if (part.includes(openMark)) return undefined;
      isInString = endsInString(part, isInString);
      text += part;
    } else {
      const mark = `${openMark}${index}${closeMark}`;
      text += isInString ? mark : `"${mark}"`;
    }
  }
  if (!/^\s*[{[]/.test(text)) return undefined;
  try {
    return convert(JSON.parse(text), value, pieces);
  } catch {
    return undefined;
  }
}

function endsInString(text: string, startsInString: boolean): boolean {
  let isInString = startsInString;
  for (let at = 0; at < text.length; at++) {
    if (text[at] === "\\" && isInString) at++;
    else if (text[at] === '"') isInString = !isInString;
  }
  return isInString;
}

function convert(json: unknown, whole: Unknown, pieces: readonly TerraformValue[]): TerraformValue {
  const origin = { ...originAt(whole.place), chain: whole.chain };
  if (typeof json === "string") return textOf(json, whole, pieces);
  if (Array.isArray(json)) {
    return sequence(
      "tuple",
      json.map((item) => convert(item, whole, pieces)),
      origin,
    );
  }
  if (typeof json !== "object" || json === null) return scalar(json as null | boolean | number, origin);
  const entries = new Map<string, TerraformValue>();
  for (const [name, value] of Object.entries(json)) {
    if (name.includes(openMark)) return failure("a key of the document is not known", origin);
    entries.set(name, convert(value, whole, pieces));
  }
  return mapping("object", entries, origin);
}

function textOf(text: string, whole: Unknown, pieces: readonly TerraformValue[]): TerraformValue {
  if (!text.includes(openMark)) return scalar(text, { ...originAt(whole.place), chain: whole.chain });
  const parts: TerraformValue[] = [];
  let end = 0;
  for (const match of text.matchAll(anyMark)) {
    if (match.index > end) parts.push(scalar(text.slice(end, match.index), originAt(whole.place)));
    parts.push(pieces[Number(match[1])] ?? whole);
    end = match.index + match[0].length;
  }
  if (end < text.length) parts.push(scalar(text.slice(end), originAt(whole.place)));
  const [only] = parts;
  const joined = parts.length === 1 && only !== undefined ? only : joinTexts(parts, whole.place);
  return relocated(joined, derived(joined.place ?? whole.place, [joined]));
}
