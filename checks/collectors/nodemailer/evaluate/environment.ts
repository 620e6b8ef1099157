import type { Diagnostic } from "#base/diagnostic.ts";
import type { Location } from "#base/location.ts";
import type { CollectHost } from "#facts/collector.ts";
import { type EnvironmentEntry, readEnvironmentFile } from "#syntax/env/environment-file.ts";
import { type Constant, constant, type Datum, type Primitive, type Unknown } from "./datum.ts";
import type { Conversion } from "./schema.ts";

/** A setting by the name of its variable, as the code calls it. */
export interface ConvertedSetting {
  readonly name: string;
  readonly written: string;
  /** Equal for everything that gives the same value. */
  readonly key: string;
  readonly conversion?: Conversion | undefined;
}

/** The environment of the programs under check, as far as `--env-file` tells it. */
export class Environment {
  readonly diagnostics: readonly Diagnostic[];
  private readonly entries = new Map<string, EnvironmentEntry>();

  constructor(host: CollectHost) {
    this.diagnostics = host.options.envFiles.flatMap((path) => {
      const text = host.read(path);
      if (text === undefined) return [];
      const { entries, diagnostics } = readEnvironmentFile(path, text);
      for (const entry of entries) this.entries.set(entry.name, entry);
      return diagnostics;
    });
  }

  entry(name: string): EnvironmentEntry | undefined {
    return this.entries.get(name);
  }

  /** `process.env.NAME` where `location` is the place that reads it. */
  variable(name: string, written: string, location: Location, unset: boolean): Datum {
    const entry = this.entries.get(name);
    if (entry === undefined)
      return unset ? constant(undefined, location) : openVariable(name, written, location);
    if (!entry.expands) return settledVariable(entry, written, location);
    return {
      ...openVariable(name, written, location),
      reason: "is built from other variables, which some loaders replace and others do not",
      chain: [{ location: entry.location, text: `${name} is set here` }],
    };
  }

  /**
   * A setting that something read from the environment and may have converted: a schema, a configuration service.
   */
  converted({ name, written, key, conversion }: ConvertedSetting, location: Location, unset: boolean): Datum {
    const raw = this.variable(name, `process.env.${name}`, location, unset);
    const unknown: Unknown = {
      kind: "unknown",
      key,
      name: written,
      reason: "is read from the environment by code that may convert it",
      location,
      chain: raw.kind === "constant" ? raw.chain : [],
      origin: "environment",
      ...(conversion === undefined ? {} : { type: conversion.type }),
    };
    if (raw.kind === "unknown") return { ...unknown, madeFrom: [raw] };
    if (raw.kind === "constant" && typeof raw.value === "string") {
      if (conversion !== undefined) return { ...raw, value: conversion.apply(raw.value) };
      const candidates = conversions(raw.value);
      if (candidates.length === 1) return { ...raw, location };
      return { ...unknown, candidates };
    }
    return unknown;
  }
}

function openVariable(name: string, written: string, location: Location): Unknown {
  return {
    kind: "unknown",
    key: `env ${name}`,
    name: written,
    reason: "is not set by any --env-file",
    type: "string",
    location,
    chain: [],
    origin: "environment",
  };
}

function settledVariable(entry: EnvironmentEntry, written: string, location: Location): Constant {
  const step = { location: entry.location, text: `${written} is set here` };
  return { ...constant(entry.value, location, [step]), origin: "environment" };
}

/** What the converters in use make of a text: itself, a number, a truth. */
function conversions(text: string): Primitive[] {
  const word = text.trim().toLowerCase();
  if (/^[+-]?\d+(?:\.\d+)?$/.test(word)) {
    return word === "0" || word === "1" ? [text, Number(word), word === "1"] : [text, Number(word)];
  }
  if (["true", "yes", "on", "y", "t"].includes(word)) return [text, true];
  if (["false", "no", "off", "n", "f", ""].includes(word)) return [text, false];
  return [text];
}
