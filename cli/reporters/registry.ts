import { renderJson } from "./json.ts";
import type { Reporter } from "./reporter.ts";
import { renderSarif } from "./sarif.ts";
import { renderTerminal } from "./terminal.ts";

/** Every output format. A new one is a file beside this one and one line here. */
export const reporters = {
  json: renderJson,
  sarif: renderSarif,
  terminal: renderTerminal,
} as const satisfies Record<string, Reporter>;

export type Format = keyof typeof reporters;

export const formats = Object.keys(reporters) as Format[];
