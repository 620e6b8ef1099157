import type { Ajv, ValidateFunction } from "ajv";
import type { Json } from "#base/value.ts";
import type { FactKind } from "#facts/fact.ts";

/** Holds values against the schemas of their attributes. Each is compiled when it is met first. */
export class AttributeSchemas {
  private ajv: Ajv | undefined;
  private readonly compiled = new Map<string, ValidateFunction>();

  /** What is wrong with a value, to follow the attribute's name; undefined where nothing is. */
  async problem({ kind, attributes }: FactKind, name: string, value: Json): Promise<string | undefined> {
    const validate = await this.validator(`${kind} ${name}`, attributes[name]?.schema ?? {});
    if (validate(value)) return undefined;
    const [error] = validate.errors ?? [];
    const { allowedValues } = (error?.params ?? {}) as { allowedValues?: readonly Json[] };
    if (allowedValues !== undefined) return `must be one of ${allowedValues.join(", ")}`;
    return error?.message ?? "is not valid";
  }

  private async validator(key: string, schema: object): Promise<ValidateFunction> {
    const earlier = this.compiled.get(key);
    if (earlier !== undefined) return earlier;
    if (this.ajv === undefined) {
      const { Ajv } = await import("ajv");
      this.ajv = new Ajv({ strict: false });
    }
    const validate = this.ajv.compile(schema);
    this.compiled.set(key, validate);
    return validate;
  }
}
