import type { Place } from "../files/source-file.ts";
import { convert, toText } from "../language/conversion.ts";
import { evaluateTemplateText } from "../language/functions/files.ts";
import type { References } from "../language/scope.ts";
import { stringType } from "../language/type.ts";
import { combineUnknown, derived, mapping, originAt, type TerraformValue } from "../language/value.ts";
import type { EvaluatedBody } from "./body.ts";

/** `rendered` of the older `data "template_file"`, which needs nothing but what is written: its template and its `vars`. */
export function renderedTemplate(
  body: EvaluatedBody,
  references: References,
  place: Place | undefined,
): TerraformValue | undefined {
  const template = body.value("template");
  if (template === undefined) return undefined;
  const text = toText(template);
  if (text.kind === "unknown") return combineUnknown([text], derived(place, [text]));
  if (text.kind !== "scalar" || text.value === null) return undefined;
  const vars = body.value("vars") ?? mapping("object", new Map(), originAt(place));
  const values = convert(vars, { kind: "map", element: stringType });
  if (values.kind === "unknown") return combineUnknown([values], derived(place, [values]));
  if (!("entries" in values)) return undefined;
  const { source } = text.place ?? body.header;
  return evaluateTemplateText(
    String(text.value),
    source.path,
    values.entries,
    { source, references },
    derived(place, [text, values]),
  );
}
