import type { Location } from "#base/location.ts";
import type { Json, Value } from "#base/value.ts";

/** How something was learned: read from configuration or code, seen on the wire, measured under load, stated by a person. */
export const evidenceKinds = ["static", "probe", "load", "record"] as const;
export type EvidenceKind = (typeof evidenceKinds)[number];

/** Where a fact comes from that was not read from configuration or code. */
export interface Origin {
  readonly evidence: EvidenceKind;
  /** Folder or file that configures what the fact is about, relative to the folder the command ran in. */
  readonly configuration?: string;
  /**
   * SHA-256 of the configuration's files when the fact was learned, in hexadecimal, by path relative to the
   * configuration; `.` where it is a single file.
   */
  readonly files?: Readonly<Record<string, string>>;
}

/**
 * One thing that was learned about the system under check. The kind says which attributes exist (`factKinds`);
 * an attribute that a collector leaves out counts as absent.
 */
export interface Fact {
  readonly kind: string;
  /**
   * Stable name of the thing asked about, as its own tool writes it: `aws_s3_bucket.mail`, `smtp/unix`.
   * Unique together with `kind` and `location.file`.
   */
  readonly id: string;
  readonly location: Location;
  readonly attributes: Readonly<Record<string, Value>>;
  /** Absent where the fact was read from configuration or code. */
  readonly origin?: Origin;
}

/** The JSON Schema (draft-07) of one attribute's known value. */
export interface AttributeSchema {
  readonly type?: string | readonly string[];
  readonly enum?: readonly Json[];
  readonly items?: AttributeSchema;
  readonly format?: string;
  readonly additionalProperties?: AttributeSchema;
  readonly properties?: Readonly<Record<string, AttributeSchema>>;
}

export interface FactAttribute {
  readonly doc: string;
  readonly schema: AttributeSchema;
  /** Values from the worst to the best, equals together, where what was seen is held against what is configured. */
  readonly ranking?: readonly (readonly Json[])[];
  /** Facts that differ in it are about different things and are not compared. */
  readonly distinguishes?: true;
  /** The value may be a secret: it is never printed, and reporters show only that it is there. */
  readonly sensitive?: true;
}

/** A kind of fact: what it is about and which attributes it has. */
export interface FactKind {
  readonly kind: string;
  readonly title: string;
  /** One paragraph: what one fact of this kind stands for and which sources produce it. */
  readonly doc: string;
  readonly attributes: Readonly<Record<string, FactAttribute>>;
}
