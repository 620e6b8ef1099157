import type { ts } from "ts-morph";
import type { Location } from "#base/location.ts";
import type { Step } from "#base/value.ts";

export type Primitive = string | number | boolean | null | undefined;

/** What an expression of the program under check yields, as far as it can be told without running it. */
export type Datum =
  | Constant
  | Unknown
  | ObjectDatum
  | ArrayDatum
  | FunctionDatum
  | ClassDatum
  | Instance
  | ModuleDatum
  | External
  | EnvironmentDatum;

export interface Constant {
  readonly kind: "constant";
  readonly value: Primitive;
  /** Where the value is written. */
  readonly location: Location;
  readonly chain: readonly Step[];
  /** Set where the value is not written in the program itself. */
  readonly origin?: Origin;
}

/** Where a value comes from; a secret's fact says so too. */
export type Origin =
  | "environment"
  | "setting"
  | "parameter"
  | "file"
  | "generated"
  | "secret-store"
  | "literal"
  | "outside";

/** A value that only the running program has. */
export interface Unknown {
  readonly kind: "unknown";
  /** Equal keys mean equal values in one run of the program. */
  readonly key: string;
  /** What the code calls it: `process.env.SMTP_SECURE`. */
  readonly name: string;
  /** Why it is not known, as words that follow the name: "is not set by any --env-file". */
  readonly reason: string;
  /** What it certainly is where it is neither `undefined` nor `null`. */
  readonly type?: "string" | "number" | "boolean";
  readonly location: Location;
  readonly chain: readonly Step[];
  readonly origin: Origin;
  /** The function or class whose callers give the value. */
  readonly owner?: ts.Node;
  /** The values it can have, where a schema or a service may convert a text that is known. */
  readonly candidates?: readonly Primitive[];
  /** A text of which some parts are known. */
  readonly parts?: readonly (string | Unknown)[];
  /** The unknowns that it is made from in a way that is not read. */
  readonly madeFrom?: readonly Unknown[];
  /** Computed from another unknown, so that settling that one settles this. */
  readonly derived?: { readonly from: Unknown; readonly apply: (value: Primitive) => Primitive };
}

/** One step in the making of an object; later layers win. */
export type Layer =
  | {
      readonly kind: "set";
      readonly name: string;
      /** Given the value that the name had below this layer. */
      readonly value: (below: () => Datum) => Datum;
      readonly location: Location;
      readonly when?: () => boolean;
    }
  | {
      readonly kind: "spread";
      readonly value: () => Datum;
      readonly location: Location;
      readonly when?: () => boolean;
    }
  | { readonly kind: "remove"; readonly name: string; readonly when?: () => boolean };

export interface ObjectDatum {
  readonly kind: "object";
  readonly layers: readonly Layer[];
  readonly location: Location;
}

export interface ArrayDatum {
  readonly kind: "array";
  /** Undefined where a spread makes places uncertain. */
  readonly elements: readonly (() => Datum)[] | undefined;
  readonly location: Location;
}

/** A function of the project with the frame it was made in. */
export interface FunctionDatum {
  readonly kind: "function";
  readonly node: ts.FunctionLikeDeclaration;
  readonly frame: Frame;
}

export interface ClassDatum {
  readonly kind: "class";
  readonly node: ts.ClassLikeDeclaration;
  readonly frame: Frame;
}

export interface Instance {
  readonly kind: "instance";
  readonly class: ClassDatum;
  /** Binds the parameters of the constructor, where a `new` is in view. */
  readonly frame: Frame;
}

/** A file of the project as `import * as` or `require` gives it. */
export interface ModuleDatum {
  readonly kind: "module";
  readonly path: string;
}

/** Something of a package or of the runtime: `nodemailer` › `createTransport`. Names of the runtime have no module. */
export interface External {
  readonly kind: "external";
  readonly module: string | undefined;
  readonly path: readonly string[];
  readonly location: Location;
  /** What the code calls it. */
  readonly name: string;
  /** Set where it is an object that `new` made of a class. */
  readonly made?: { readonly args: readonly (() => Datum)[] };
}

/** The environment of the process, or what a schema made of it. */
export interface EnvironmentDatum {
  readonly kind: "environment";
  /** What read the environment before it got here; it may convert and fill in defaults. */
  readonly schema?: { readonly name: string; readonly nodes: readonly ts.Node[] };
  readonly location: Location;
}

/** The bindings of one call. A parameter without a binding is one that no call in view gives. */
export interface Frame {
  readonly owner: ts.Node | undefined;
  readonly bindings: ReadonlyMap<ts.ParameterDeclaration, () => Datum>;
  readonly parent: Frame | undefined;
  readonly self: Instance | ClassDatum | undefined;
}

/** The frame of code outside all functions. */
export const emptyFrame: Frame = {
  owner: undefined,
  bindings: new Map(),
  parent: undefined,
  self: undefined,
};

export function constant(value: Primitive, location: Location, chain: readonly Step[] = []): Constant {
  return { kind: "constant", value, location, chain };
}

/** A property of an unknown: unknown by the same cause. */
export function partOf(whole: Unknown, name: string, location: Location = whole.location): Unknown {
  const { owner, key, reason, chain, origin } = whole;
  const roots = rootsOf(whole);
  return {
    kind: "unknown",
    key: `${key}.${name}`,
    name: `${whole.name}${writtenAccess(name)}`,
    reason,
    location,
    chain,
    origin,
    ...(owner === undefined ? {} : { owner }),
    ...(roots[0] === whole ? {} : { madeFrom: roots }),
  };
}

/** `.host`, or `["x-mailer"]` where the name is no identifier. */
export function writtenAccess(name: string): string {
  return /^[A-Za-z_$][\w$]*$/.test(name) ? `.${name}` : `["${name}"]`;
}

export interface Derivation {
  /** Equal for everything that gives the same value. */
  readonly key: string;
  readonly name: string;
  readonly type?: Unknown["type"];
  readonly apply: (value: Primitive) => Primitive;
}

/** An unknown made from another by a function that is known. */
export function deriveFrom(from: Unknown, { key, name, type, apply }: Derivation): Unknown {
  const { owner, reason, chain, origin, location, candidates } = from;
  return {
    kind: "unknown",
    key,
    name,
    reason,
    location,
    chain,
    origin,
    derived: { from, apply },
    ...(type === undefined ? {} : { type }),
    ...(owner === undefined ? {} : { owner }),
    ...(candidates === undefined ? {} : { candidates: candidates.map(apply) }),
  };
}

/** A value as a number; numbers of one text are one, however they are made. Undefined for what is no text or number. */
export function numberOf(value: Datum): Constant | Unknown | undefined {
  if (value.kind === "constant") return { ...value, value: Number(value.value) };
  if (value.kind !== "unknown") return undefined;
  if (value.type === "number") return value;
  return deriveFrom(value, { key: `number ${value.key}`, name: value.name, type: "number", apply: Number });
}

/** The unknowns that have to be settled for this one to be settled. */
export function rootsOf(unknown: Unknown): readonly Unknown[] {
  if (unknown.derived !== undefined) return rootsOf(unknown.derived.from);
  const made = unknown.madeFrom ?? unknown.parts?.filter((part) => typeof part !== "string");
  return made === undefined || made.length === 0 ? [unknown] : made.flatMap(rootsOf);
}

/** Adds a step in front of the way that a value took to get here. */
export function stepped<T extends Datum>(datum: T, step: Step): T {
  if (datum.kind !== "constant" && datum.kind !== "unknown") return datum;
  if (datum.chain.some(({ location }) => isSamePlace(location, step.location))) return datum;
  return { ...datum, chain: [step, ...datum.chain] };
}

function isSamePlace(a: Location, b: Location): boolean {
  return a.file === b.file && a.line === b.line && a.column === b.column;
}
