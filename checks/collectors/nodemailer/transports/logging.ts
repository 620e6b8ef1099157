import { defaulted, unknown, type Value } from "#base/value.ts";
import type { Slot } from "../evaluate/objects.ts";
import { settle } from "../evaluate/questions.ts";
import { decided } from "./mode.ts";
import type { TransportOptions } from "./options.ts";

/** Whether subjects, bodies or the dialogue with the server reach a log: they do where there is one and `debug` asks. */
export function contentLogged(options: TransportOptions, speaksSmtp: boolean): Value<boolean> {
  const logger = options.isOn("logger");
  if (logger === undefined) return without(options);
  const asked = speaksSmtp ? (options.isOn("debug") ?? options.isOn("transactionLog")) : undefined;
  return asked === undefined ? decided(false, logger) : written(logger, asked, "the content", options);
}

/** With a logger, each message is announced with its recipients. */
export function recipientsLogged(options: TransportOptions): Value<boolean> {
  const logger = options.isOn("logger");
  return logger === undefined ? without(options) : written(logger, logger, "the recipients", options);
}

/** `true` stands for a logger that writes everything; a text or number is none. */
function written(logger: Slot, decisive: Slot, what: string, options: TransportOptions): Value<boolean> {
  const value = settle(logger.value, options.run.world);
  if (value.kind === "constant") return decided(value.value === true, decisive);
  if (value.kind === "unknown" && value.type !== undefined)
    return decided(value.type === "boolean", decisive);
  const reason = `the logger is one of its own, which may or may not write ${what} that it is handed`;
  return unknown(reason, decisive.location, [{ location: logger.location, text: "the logger is set here" }]);
}

function without(options: TransportOptions): Value<boolean> {
  const logger = options.get("logger");
  return logger === undefined ? defaulted(false, options.due) : decided(false, logger);
}
