import type { ts } from "ts-morph";
import type { Location } from "#base/location.ts";
import { absent, type Json, known, unknown, type Value } from "#base/value.ts";
import type { Fact } from "#facts/fact.ts";
import type { Run } from "../evaluate/run.ts";
import { ask, tell, type Way } from "./attributes.ts";
import { cleartextAllowed, mechanism } from "./authentication.ts";
import { contentLogged, recipientsLogged } from "./logging.ts";
import { tlsMode } from "./mode.ts";
import { destination, loopback } from "./next-hop.ts";
import type { TransportOptions } from "./options.ts";
import type { ProcessSettings } from "./process-settings.ts";
import type { Release } from "./release.ts";
import { secretFacts } from "./secrets.ts";
import type { Site } from "./sites.ts";
import { minimumVersion, tlsVerification, weakCiphers } from "./tls.ts";
import { type Transport, transportAt } from "./transport.ts";
import { undecided } from "./words.ts";

/** A transport on one way to it. */
export interface Subject {
  readonly id: string;
  readonly site: Site;
  readonly location: Location;
  readonly way: Way;
  readonly release: Release;
  readonly process: ProcessSettings;
}

export interface SubjectFacts {
  readonly facts: readonly Fact[];
  /** Functions and classes whose callers decide something about the transport. */
  readonly needed: ReadonlySet<ts.Node>;
}

/** The facts of a transport; none where no message leaves through it. */
export function factsOf(subject: Subject): SubjectFacts {
  const needed = new Set<ts.Node>();
  const { id, location, way } = subject;
  const kinds = ask(way, needed, (run) => at(subject, run).kind).outcomes.map(({ result }) => result);
  if (!kinds.some((kind) => kind !== "silent")) return { facts: [], needed };
  const read = (questions: Readonly<Record<string, Answer>>): Fact["attributes"] =>
    Object.fromEntries(
      Object.entries(questions).flatMap(([name, answer]) => {
        const value = tell<Json>(way, needed, name, (run) => answer(sending(subject, run), run, subject));
        return value === undefined ? [] : [[name, value]];
      }),
    );
  const facts: Fact[] = [
    { kind: "mail.route", id, location, attributes: read(route) },
    { kind: "mail.logging", id, location, attributes: read(logging) },
    ...secretFacts(subject, needed),
  ];
  return { facts, needed };
}

type Answer = (transport: Sending, run: Run, subject: Subject) => Value;

type Sending = Exclude<Transport, { kind: "silent" }>;

function at({ site, release }: Subject, run: Run): Transport {
  return transportAt(site, release, run);
}

/** The transport in a world in which it sends; the others do not count. */
export function sending(subject: Subject, run: Run): Sending {
  const transport = at(subject, run);
  return transport.kind === "silent" ? run.world.stop() : transport;
}

/** Answers for transports that speak SMTP; what another package makes of a message is not known. */
function bySmtp(
  answer: (options: TransportOptions, process: ProcessSettings) => Value,
  bySes: (due: Location) => Value = absent,
): Answer {
  return (transport, run, { process, location }) => {
    switch (transport.kind) {
      case "smtp":
        return answer(transport.options, process);
      case "ses":
        return bySes(location);
      case "sendmail":
        return absent(location);
      case "foreign":
        return undecided(transport.cause, location, run);
    }
  };
}

const onward =
  "Amazon SES passes a message on by the TLS policy of the configuration set that the message or the identity names, which is not in view";

const route: Readonly<Record<string, Answer>> = {
  product: ({ kind }, _run, { location }) => known(kind === "ses" ? "amazon-ses" : "nodemailer", location),
  destination: (transport, _run, { location }) =>
    transport.kind === "smtp" ? destination(transport.options) : absent(location),
  loopback: (transport, _run, { location }) => {
    if (transport.kind === "smtp") return loopback(transport.options);
    return known(transport.kind === "sendmail", location);
  },
  "tls.mode": bySmtp(tlsMode, (due) => unknown(onward, due)),
  "tls.verification": bySmtp(tlsVerification, (due) => unknown(onward, due)),
  "tls.minimumVersion": bySmtp(minimumVersion, (due) =>
    unknown(
      "Amazon SES documents that it passes messages on by older versions of TLS too, and has no setting for a floor",
      due,
    ),
  ),
  "tls.weakCiphers": bySmtp(weakCiphers, (due) =>
    unknown("Amazon SES has no setting for cipher suites", due),
  ),
  "authentication.mechanism": bySmtp(mechanism),
  "authentication.cleartextAllowed": bySmtp(cleartextAllowed),
};

function byLogger(answer: (options: TransportOptions, speaksSmtp: boolean) => Value): Answer {
  return (transport, run, { location }) =>
    transport.kind === "foreign"
      ? undecided(transport.cause, location, run)
      : answer(transport.options, transport.kind === "smtp");
}

const logging: Readonly<Record<string, Answer>> = {
  product: (_transport, _run, { location }) => known("nodemailer", location),
  "content.logged": byLogger(contentLogged),
  "recipients.logged": byLogger(recipientsLogged),
};
