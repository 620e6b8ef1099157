import type { ts } from "ts-morph";
import type { SourceFiles } from "../source/files.ts";
import type { Datum, Frame } from "./datum.ts";
import type { Environment } from "./environment.ts";
import type { World } from "./world.ts";

/** One reading of the program in one world. What it computes is kept for this world only. */
export interface Run {
  readonly files: SourceFiles;
  readonly environment: Environment;
  readonly world: World;
  evaluate(node: ts.Expression, frame: Frame): Datum;
  /** A property of a datum, as read by `at`. */
  member(of: Datum, name: string, at: ts.Node): Datum;
  /** Calls a function of the project or of a package. */
  call(callee: Datum, args: readonly (() => Datum)[], at: ts.CallExpression | ts.NewExpression): Datum;
  /** Computes something once for each pair of node and frame; what leads back to itself is unknown. */
  once(node: ts.Node, frame: Frame, compute: () => Datum): Datum;
  /** Told of each parameter that was needed and that no call in view gives. */
  needsCaller(owner: ts.Node): void;
}
