import type { Diagnostic } from "#base/diagnostic.ts";
import type { Location } from "#base/location.ts";
import type { Json, Step, Unknown, Value } from "#base/value.ts";
import type { Fact } from "#facts/fact.ts";

/**
 * An evaluated expression whose parts can be unknown one by one, so that
 * `{ Effect = "Deny", Resource = aws_s3_bucket.mail.arn }` still says that it denies.
 */
export type Tree =
  | Value<null | boolean | number | string>
  | {
      readonly state: "list";
      readonly items: readonly Tree[];
      readonly location?: Location;
      readonly chain: readonly Step[];
    }
  | {
      readonly state: "map";
      readonly entries: Readonly<Record<string, Tree>>;
      readonly location?: Location;
      readonly chain: readonly Step[];
    };

/** The body of a block after evaluation. */
export interface Body {
  /** The block's header: where a setting that nobody wrote would be due. */
  readonly location: Location;
  /**
   * The value of an argument. Absent (at the header) when nobody wrote it or when it is `null`; unknown as a whole
   * when any part of it is unknown.
   */
  attribute(name: string): Value<Json>;
  /** The same with its parts; undefined when nobody wrote it. */
  tree(name: string): Tree | undefined;
  /**
   * Addresses (`aws_s3_bucket.mail`, `data.aws_iam_policy_document.deny`) that the argument's expression leads to,
   * locals followed.
   */
  references(name: string): readonly string[];
  /** Bare names that an argument lists, as `ignore_changes = [value]` and `ignore_changes = all` do. */
  names(name: string): readonly string[];
  /** Nested blocks of a type in the order written. */
  blocks(type: string): readonly Body[];
  /** Set when blocks of this type may exist or not (`dynamic`): the reason why that cannot be told. */
  uncertain(type: string): Unknown | undefined;
}

/** One `resource` or `data` block. */
export interface Resource {
  readonly mode: "managed" | "data";
  readonly type: string;
  readonly name: string;
  /** `aws_s3_bucket.mail`, `data.aws_iam_policy_document.deny`. */
  readonly address: string;
  readonly body: Body;
  /** Set when it cannot be told whether or how often the resource exists (`count`, `for_each` not resolved). */
  readonly uncertainExistence?: Unknown;
}

/** All that one Terraform module declares, evaluated. */
export interface Module {
  readonly folder: string;
  /** Set when a file of the module could not be read whole: resources may be missing, for the reason told. */
  readonly incomplete: Unknown | undefined;
  readonly resources: readonly Resource[];
  /** Managed resources of a type, in the order of files and lines. */
  ofType(type: string): readonly Resource[];
  /** A managed resource or data source by its address. */
  find(address: string): Resource | undefined;
  /**
   * Managed resources of `type` whose argument `name` points at `target`: by reference to it, or by the same literal
   * as the target's own `targetName` argument.
   */
  pointingAt(type: string, name: string, target: Resource, targetName: string): readonly Resource[];
  /**
   * Resources of `type` whose argument `name` could not be linked to anything in view: they may belong to any
   * resource, so that "nothing points here" cannot be said for certain.
   */
  unlinked(type: string, name: string, target: Resource, targetName: string): readonly Resource[];
  /**
   * Why a resource of `type` out of view may point at `target`: a module is given it, or a caller gets it by an output.
   * Undefined where nothing can.
   */
  mayBeExtended(target: Resource, type: string): Unknown | undefined;
  /** `module` blocks; `folder` is set where the called module could be read. */
  readonly moduleCalls: readonly {
    readonly name: string;
    readonly location: Location;
    readonly folder: string | undefined;
  }[];
}

/** Turns the resources of one service into facts. One file of `resources/` each. */
export type ResourceReader = (module: Module) => {
  readonly facts: readonly Fact[];
  readonly diagnostics: readonly Diagnostic[];
};
