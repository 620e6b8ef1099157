import type { Diagnostic } from "#base/diagnostic.ts";
import type { Fact } from "./fact.ts";

/** What a user states from outside the files, the same for every collector. */
export interface CollectOptions {
  /** Extra Terraform variable files, in the order given; paths relative to the folder the command ran in. */
  readonly varFiles: readonly string[];
  /** Files with `NAME=value` lines that stand for the environment of the programs under check. */
  readonly envFiles: readonly string[];
  /** `TF_VAR_*` of the environment the command ran in, without the prefix, and nothing else of it. */
  readonly terraformVariables: Readonly<Record<string, string>>;
  /** The name of the machine the command runs on, for tools whose defaults come from it (`myhostname` of Postfix). */
  readonly machineName?: string;
  /** The day that counts as today, YYYY-MM-DD; default: the day of the run. */
  readonly asOf?: string;
}

/**
 * Everything a collector may look at. Reads are recorded, so that a cached result is used only while every file it
 * came from (and every file it looked for in vain) is as it was. Paths are relative to the folder the command ran
 * in, with forward slashes; nothing outside the given paths' trees can be read.
 */
export interface CollectHost {
  readonly options: CollectOptions;
  /**
   * The text of a file without byte-order mark, line ends as `\n`. Undefined when there is no such file or it cannot
   * be read as UTF-8 text; the host has then already reported why, if the file exists.
   */
  read(path: string): string | undefined;
  /**
   * Whether there is a file with something in it, whatever its format: a document that a person reads. Undefined where it cannot be
   * read; the host has then already reported why. Its octets count among what was judged.
   */
  holds(path: string): boolean | undefined;
  /** Names (not paths) of the files in a folder, sorted; empty when there is no such folder. */
  list(folder: string): readonly string[];
}

/** A group of files that is collected, and cached, as one: a Terraform module, a Postfix folder, a source project. */
export interface CollectUnit {
  /** Unique for the collector and stable from run to run: usually the folder. */
  readonly id: string;
  /** The matched files of the unit. What the collector reads beyond them is context. */
  readonly files: readonly string[];
  /** Other matched files that decide how the unit is read, where grouping found some. */
  readonly context?: readonly string[];
}

export interface Collected {
  readonly facts: readonly Fact[];
  readonly diagnostics: readonly Diagnostic[];
}

/** Turns files of one dialect into facts. Never prints, exits, opens a socket or runs what it reads. */
export interface Collector {
  /** Groups the matched files. Cheap: it may look at names and, where a prefilter needs it, at text. */
  group(files: readonly string[], host: CollectHost): readonly CollectUnit[];
  collect(unit: CollectUnit, host: CollectHost): Collected | Promise<Collected>;
}

/** What is known of a collector without loading its code. */
export interface CollectorManifest {
  readonly id: string;
  readonly title: string;
  /** Globs over file names (`*.tf`, `main.cf`; `*` is the only wildcard). The module is loaded only when a file matches. */
  readonly activation: readonly string[];
  readonly produces: readonly string[];
  /** Raised with every change that can change facts, so that cached ones are not used. */
  readonly version: number;
  readonly load: () => Promise<{ readonly collector: Collector }>;
}
