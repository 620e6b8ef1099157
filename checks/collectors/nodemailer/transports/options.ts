import type { ts } from "ts-morph";
import type { Location } from "#base/location.ts";
import type { Step } from "#base/value.ts";
import {
  constant,
  type Datum,
  type Layer,
  type ObjectDatum,
  partOf,
  type Unknown,
} from "../evaluate/datum.ts";
import { type Slot, slotOf } from "../evaluate/objects.ts";
import { isTruthy, settle } from "../evaluate/questions.ts";
import type { Run } from "../evaluate/run.ts";
import { withLayers } from "../evaluate/variables.ts";
import { isBefore, type Release } from "./release.ts";
import { findService } from "./services.ts";
import { type ConnectionUrl, isConnectionUrl, readConnectionUrl } from "./url.ts";

/** The options of a transport as nodemailer puts them together, in one world. */
export class TransportOptions {
  readonly run: Run;
  /** The call that makes the transport. */
  readonly site: ts.Node;
  /** Where an option is due that nobody wrote: the call that makes the transport. */
  readonly due: Location;
  readonly release: Release;
  private readonly object: ObjectDatum;

  constructor(run: Run, site: ts.Node, due: Location, release: Release, object: ObjectDatum) {
    this.run = run;
    this.site = site;
    this.due = due;
    this.release = release;
    this.object = object;
  }

  /** An option by its path: `secure`, `tls.minVersion`. Undefined where it is certainly not there. */
  get(...path: readonly string[]): Slot | undefined {
    let slot: Slot | undefined;
    let object: Datum = this.object;
    for (const name of path) {
      if (object.kind === "unknown" && slot !== undefined) {
        slot = { ...slot, value: partOf(object, name), uncertain: true };
      } else if (object.kind !== "object") return undefined;
      else slot = slotOf(object, name, this.run.world);
      if (slot === undefined) return undefined;
      slot = { ...slot, value: settle(slot.value, this.run.world) };
      object = slot.value;
    }
    return slot;
  }

  /** Whether an option is set to something that counts as true. */
  isOn(...path: readonly string[]): Slot | undefined {
    const slot = this.get(...path);
    return slot !== undefined && isTruthy(slot.value, this.run.world) ? slot : undefined;
  }
}

/** What is said of a transport that the code under check makes itself. */
export const ownSend = "has a send function of its own";

/** Something else than the options that nodemailer itself reads. */
export type Foreign = Unknown;

/** Puts the options together: what is given, the parts of a URL over it, the row of a named service over both. */
export function readOptions(
  given: Datum,
  at: ts.Node,
  due: Location,
  release: Release,
  run: Run,
): TransportOptions | Foreign {
  const value = settle(given, run.world);
  const base = baseOptions(value, at, due, run);
  if (base.kind === "unknown") return base;
  const withUrl = urlApplied(base, due, release, run);
  return new TransportOptions(run, at, due, release, serviceApplied(withUrl, run));
}

function baseOptions(value: Datum, at: ts.Node, due: Location, run: Run): ObjectDatum | Foreign {
  if (value.kind === "object") {
    const send = slotOf(value, "send", run.world);
    if (send === undefined || send.uncertain || settle(send.value, run.world).kind !== "function")
      return value;
    return foreign(value, at, ownSend, run);
  }
  if (value.kind === "unknown" && value.type !== "string") return value;
  if (value.kind === "unknown" || (value.kind === "constant" && isConnectionUrl(String(value.value)))) {
    const layers: Layer[] = [{ kind: "set", name: "url", value: () => value, location: due }];
    return { kind: "object", layers, location: due };
  }
  if (value.kind === "instance") return foreign(value, at, ownSend, run);
  const isSmtp = value.kind === "external" && /smtp-(?:transport|pool)(?:\/|$)/.test(value.module ?? "");
  if (!isSmtp || value.made === undefined) {
    return foreign(value, at, "is not made of options that nodemailer reads", run);
  }
  const [options] = value.made.args;
  return options === undefined ? emptyOptions(due) : baseOptions(settle(options(), run.world), at, due, run);
}

function emptyOptions(location: Location): ObjectDatum {
  return { kind: "object", layers: [], location };
}

function foreign(value: Datum, at: ts.Node, reason: string, run: Run): Foreign {
  const location = "location" in value ? value.location : run.files.locate(at);
  const name =
    value.kind === "external"
      ? value.name
      : value.kind === "instance"
        ? (value.class.node.name?.text ?? "the transport")
        : "the transport";
  return {
    kind: "unknown",
    key: `transport ${location.file}:${location.line}:${location.column}`,
    name,
    reason,
    location,
    chain: [],
    origin: "outside",
  };
}

/** Releases before 10 read nothing beside `url`. */
function urlApplied(base: ObjectDatum, due: Location, release: Release, run: Run): ObjectDatum {
  const slot = slotOf(base, "url", run.world);
  if (slot === undefined || slot.uncertain || !isTruthy(slot.value, run.world)) return base;
  const url = settle(slot.value, run.world);
  const beside = base.layers.some((layer) => layer.kind !== "set" || layer.name !== "url");
  const dropped = beside && olderThan("10.0.0", release, due, "do not read the options beside url", run);
  const under = dropped ? emptyOptions(base.location) : base;
  const layers = isReadable(url) ? readConnectionUrl(url) : undefined;
  return withNested(
    under,
    layers ?? [{ kind: "spread", value: () => openUrl(url, slot), location: slot.location }],
    slot.location,
    run,
  );
}

function isReadable(url: Datum): url is ConnectionUrl {
  return url.kind === "constant" || (url.kind === "unknown" && url.parts !== undefined);
}

/** Every option is up to a URL that is not known. */
function openUrl(url: Datum, { location }: Slot): Unknown {
  const unknown: Unknown = {
    kind: "unknown",
    key: "url",
    name: "the connection URL",
    reason: "cannot be read",
    location,
    chain: [],
    origin: "outside",
  };
  if (url.kind !== "unknown") return unknown;
  return {
    ...unknown,
    key: `url ${url.key}`,
    name: url.name,
    reason: url.reason,
    origin: url.origin,
    madeFrom: [url],
  };
}

/** Lays options over others; `tls` and `auth` are merged one by one. */
function withNested(under: ObjectDatum, layers: readonly Layer[], location: Location, run: Run): ObjectDatum {
  const merged = layers.map((layer): Layer => {
    if (layer.kind !== "set" || (layer.name !== "tls" && layer.name !== "auth")) return layer;
    return {
      ...layer,
      value: (below) => {
        const over = layer.value(below);
        return over.kind === "object" ? withLayers(below(), over.layers, location, run) : over;
      },
    };
  });
  return { ...under, layers: [...under.layers, ...merged] };
}

function serviceApplied(base: ObjectDatum, run: Run): ObjectDatum {
  const slot = slotOf(base, "service", run.world);
  if (slot === undefined || slot.uncertain || !isTruthy(slot.value, run.world)) return base;
  const name = settle(slot.value, run.world);
  const { location } = slot;
  if (name.kind === "constant") {
    const row = Object.entries(findService(String(name.value)) ?? {});
    const step: Step = { location, text: `what nodemailer knows of the service ${String(name.value)}` };
    const chain = [step, ...name.chain];
    const layers = row.map(
      ([option, value]): Layer => ({
        kind: "set",
        name: option,
        value: () => constant(value, location, chain),
        location,
      }),
    );
    return { ...base, layers: [...base.layers, ...layers] };
  }
  if (name.kind !== "unknown") return base;
  const layers = ["host", "port", "secure"].map(
    (option): Layer => ({
      kind: "set",
      name: option,
      value: () => ({ ...openUrl(name, slot), key: `service ${name.key} ${option}` }),
      location,
    }),
  );
  return { ...base, layers: [...base.layers, ...layers] };
}

/** Asks where the project admits releases on both sides. */
export function olderThan(
  version: string,
  release: Release,
  due: Location,
  words: string,
  run: Run,
): boolean {
  const known = isBefore(release, version);
  if (known !== undefined) return known;
  const location = release.location ?? due;
  const about: Unknown = {
    kind: "unknown",
    key: `release ${version}`,
    name: release.range === undefined ? "nodemailer" : `nodemailer ${release.range}`,
    reason: `may be a release before ${version}, and those ${words}`,
    location,
    chain: [],
    origin: "outside",
  };
  return run.world.ask(`older than ${version}`, about);
}
