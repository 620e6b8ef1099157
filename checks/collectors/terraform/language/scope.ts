import type { Place, SourceFile } from "../files/source-file.ts";
import type { TerraformValue, Unknown } from "./value.ts";

/** What an expression can refer to and where it stands. */
export interface Scope {
  readonly source: SourceFile;
  /** Undefined where Terraform allows neither references nor functions: in variable files and defaults. */
  readonly references: References | undefined;
  /** Names that a `for`, a `dynamic` block or a template file binds. */
  readonly bindings?: Bindings;
  /** `each` and `count` of the resource around the expression. */
  readonly repetition?: Repetition;
  /** Set inside `try` and `can`, where it matters that Terraform may refuse the expression. */
  readonly trial?: Trial;
}

export interface Trial {
  /** Why it cannot be told whether Terraform refuses the expression. */
  doubt?: Unknown;
}

export interface Bindings {
  readonly values: ReadonlyMap<string, TerraformValue>;
  readonly outer?: Bindings | undefined;
}

export interface Repetition {
  readonly index?: TerraformValue;
  readonly key?: TerraformValue;
  readonly value?: TerraformValue;
}

/** The named values of a module, and the files that its functions may read. */
export interface References {
  variable(name: string, place: Place): TerraformValue;
  local(name: string, place: Place): TerraformValue;
  /** Every instance of a resource or data source; `address` is `aws_s3_bucket.a` or `data.aws_kms_key.a`. */
  resource(address: string): ResourceExpansion | undefined;
  moduleOutput(call: string, output: string | undefined, place: Place): TerraformValue;
  /** The text of a file, by a path as the configuration writes it; undefined where it cannot be read. */
  readFile(path: string): string | undefined;
  /** Whether a file is there; undefined where its folder is not in view. */
  hasFile(path: string): boolean | undefined;
  /** Names of the files of a folder; undefined where it is not in view. */
  filesIn(folder: string): readonly string[] | undefined;
}

/** The instances that `count` and `for_each` make of one block. */
export type ResourceExpansion =
  | { readonly kind: "single"; readonly instance: TerraformValue }
  | { readonly kind: "count"; readonly instances: readonly TerraformValue[] }
  | { readonly kind: "each"; readonly instances: ReadonlyMap<string, TerraformValue> }
  /** `instance` stands for all of them; `cause` says why they cannot be told apart. */
  | { readonly kind: "unresolved"; readonly instance: TerraformValue; readonly cause: TerraformValue };

export function bind(scope: Scope, values: ReadonlyMap<string, TerraformValue>): Scope {
  return { ...scope, bindings: { values, outer: scope.bindings } };
}

export function bound(bindings: Bindings | undefined, name: string): TerraformValue | undefined {
  for (let at = bindings; at !== undefined; at = at.outer) {
    const value = at.values.get(name);
    if (value !== undefined) return value;
  }
  return undefined;
}
