import type { ts } from "ts-morph";
import type { SourceFiles } from "../source/files.ts";
import type { Datum, Frame, Unknown } from "./datum.ts";
import type { Environment } from "./environment.ts";
import type { World } from "./world.ts";

/** One reading of the program in one world. What it computes is kept for this world only. */
export interface Run {
  readonly files: SourceFiles;
  readonly environment: Environment;
  readonly world: World;
  evaluate(node: ts.Expression, frame: Frame): Datum;
  /** Computes something once for each pair of node and frame; what leads back to itself is unknown. */
  once(node: ts.Node, frame: Frame, compute: () => Datum): Datum;
  /** Goes into a call, unless calls are nested too deeply already. */
  nested(at: ts.Node, compute: () => Datum): Datum;
  /** Looks an exported name up once; what is asked for while it is looked up is under way. */
  exporting(name: string, compute: () => Datum | undefined): Datum | "under way" | undefined;
  /** The frame in which code at a node runs: bound to the call that is looked at, or to none. */
  frameAt(node: ts.Node): Frame;
  /** Told of each unknown that keeps a question from being answered. */
  blames(unknown: Unknown): void;
}
