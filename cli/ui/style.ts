import type { WriteStream } from "node:tty";
import { styleText } from "node:util";

type Look = Parameters<typeof styleText>[0];

/** Puts text in a look, or leaves it bare where there is no terminal. */
export type Style = (look: Look, text: string) => string;

export const bare: Style = (_look, text) => text;

/** Colour only on a terminal that shows it; `NO_COLOR` and `FORCE_COLOR` are obeyed. */
export function styleFor(stream: NodeJS.WritableStream): Style {
  const environment = process.env;
  const off = environment.NO_COLOR !== undefined && environment.NO_COLOR !== "";
  const forced = environment.FORCE_COLOR !== undefined && environment.FORCE_COLOR !== "0";
  const isTerminal = (stream as Partial<WriteStream>).isTTY === true && environment.TERM !== "dumb";
  if (off || (!isTerminal && !forced)) return bare;
  return (look, text) => styleText(look, text, { validateStream: false });
}

/** Columns of the terminal; where there is none what `COLUMNS` says, else 100. */
export function columnsOf(stream: NodeJS.WritableStream): number {
  const said = Number.parseInt(process.env.COLUMNS ?? "", 10) || 100;
  const columns = (stream as Partial<WriteStream>).columns ?? said;
  return Math.max(40, Math.min(columns, 140));
}
