import { argumentsOf } from "../evaluate/calls.ts";
import type { Datum, Unknown } from "../evaluate/datum.ts";
import { isTruthy } from "../evaluate/questions.ts";
import type { Run } from "../evaluate/run.ts";
import { ownSend, readOptions, TransportOptions } from "./options.ts";
import type { Release } from "./release.ts";
import { isTest, type Site } from "./sites.ts";

/** What a call makes, in one world. */
export type Transport =
  | { readonly kind: "smtp" | "sendmail" | "ses"; readonly options: TransportOptions }
  /** A transport of another package, or one whose options are unknown as a whole. */
  | { readonly kind: "foreign"; readonly cause: Unknown }
  /** It makes messages and hands them back, or is what a test puts in the place of a transport. */
  | { readonly kind: "silent" };

/** What nodemailer makes of the options, in the order in which it asks. */
export function transportAt(site: Site, release: Release, run: Run): Transport {
  const [first] = argumentsOf(site, run.frameAt(site), run);
  const due = run.files.locate(site.expression);
  const given: Datum =
    first === undefined ? { kind: "constant", value: undefined, location: due, chain: [] } : first();
  const options = readOptions(given, site, due, release, run);
  if (!(options instanceof TransportOptions)) {
    const isMock = options.reason === ownSend && isTest(due.file);
    return isMock ? { kind: "silent" } : { kind: "foreign", cause: options };
  }
  const isOn = (name: string): boolean => {
    const slot = options.get(name);
    return slot !== undefined && !slot.uncertain && isTruthy(slot.value, run.world);
  };
  if (isOn("pool")) return { kind: "smtp", options };
  if (isOn("sendmail")) return { kind: "sendmail", options };
  if (isOn("streamTransport") || isOn("jsonTransport")) return { kind: "silent" };
  return { kind: isOn("SES") ? "ses" : "smtp", options };
}
