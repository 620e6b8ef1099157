import { known, mapValue, type Step, type Value } from "#base/value.ts";
import type { Fact } from "#facts/fact.ts";
import type { Service } from "#syntax/conf/master-file.ts";
import type { Instance } from "../instance.ts";
import { truth, wholeNumber } from "../parameters/parameters.ts";
import { isAtLeast, sinceVersion } from "../parameters/version.ts";
import { anyOf } from "../three-valued.ts";
import { checksLogContent } from "./header-checks.ts";

/** From this TLS log level on whole sessions are written out. */
const transcriptLevel = 4;
/** Programs that see messages, and that write the dialogue or its lines when they are verbose. */
const talkingPrograms = new Set(["cleanup", "lmtp", "smtp", "smtpd"]);

/** What an instance writes to its log. */
export function readLogging(instance: Instance): Fact {
  const { parameters } = instance;
  return {
    kind: "mail.logging",
    id: "postfix",
    location: parameters.due,
    attributes: {
      product: known("postfix", parameters.due),
      "content.logged": contentLogged(instance),
      "recipients.logged": known(false, parameters.due, [
        { location: parameters.due, text: "recipients stand in the audit trail of the mail server only" },
      ]),
      "tls.logged": tlsLogged(instance),
    },
  };
}

function contentLogged(instance: Instance): Value<boolean> {
  const { parameters, services } = instance;
  const peers = parameters.value("debug_peer_list");
  const transcripts = mapValue(peers, (list): Value<boolean> => ({ ...list, value: list.value !== "" }));
  const levels = [
    tlsTranscripts(instance, "smtp_tls_loglevel", undefined),
    tlsTranscripts(instance, "smtpd_tls_loglevel", undefined),
    ...services.flatMap((service) =>
      service.overrides
        .filter(({ name }) => name === "smtp_tls_loglevel" || name === "smtpd_tls_loglevel")
        .map(({ name }) => tlsTranscripts(instance, name, service)),
    ),
  ];
  const verbose = services
    .filter(({ program, verbose: count }) => count > 0 && talkingPrograms.has(program))
    .map((service): Value<boolean> => {
      const location = service.verboseLocation ?? service.location;
      const step: Step = { location, text: `-v makes ${service.name}/${service.type} log its sessions` };
      return known(true, location, [step]);
    });
  const none = known(false, parameters.due, [
    { location: parameters.due, text: "nothing makes Postfix log content" },
  ]);
  return anyOf([transcripts, ...levels, ...verbose, ...checksLogContent(instance)], none);
}

function tlsTranscripts(instance: Instance, name: string, service: Service | undefined): Value<boolean> {
  return mapValue(wholeNumber(name, instance.parameters.value(name, service)), (level) => ({
    ...level,
    value: level.value >= transcriptLevel,
  }));
}

/** The weakest client service decides; a service that logs nothing of TLS leaves its deliveries without a trace. */
function tlsLogged(instance: Instance): Value<boolean> {
  const { parameters, services } = instance;
  const clients = services.filter(({ program }) => program === "smtp");
  const silent = (clients.length === 0 ? [undefined] : clients).map((service) =>
    mapValue(logsTls(instance, service), (logs): Value<boolean> => ({ ...logs, value: !logs.value })),
  );
  const logged = mapValue(
    logsTls(instance, clients[0]),
    (logs): Value<boolean> => ({ ...logs, value: false }),
  );
  return mapValue(
    anyOf(silent, logged.state === "known" ? logged : known(false, parameters.due)),
    (none) => ({
      ...none,
      value: !none.value,
    }),
  );
}

/** One line for each connection, or from Postfix 3.11 on a word in the line of each delivery. */
function logsTls(instance: Instance, service: Service | undefined): Value<boolean> {
  const { parameters } = instance;
  const name = "smtp_tls_loglevel";
  const level = wholeNumber(name, parameters.value(name, service));
  return mapValue(level, (written): Value<boolean> => {
    if (written.value > 0) return { ...written, value: true };
    const status = "smtp_log_tls_feature_status";
    if (parameters.setting(status, service) !== undefined) {
      return mapValue(truth(status, parameters.value(status, service)), (word) =>
        isAtLeast(parameters.version, "3.11") === false ? { ...word, value: false } : word,
      );
    }
    return mapValue(sinceVersion(parameters, "3.11", false, true, status), (word) => ({
      ...written,
      value: word.value,
      chain: [...written.chain, ...word.chain],
    }));
  });
}
