import { type Known, known, mapValue, type Step, unknown, type Value } from "#base/value.ts";
import type { Fact } from "#facts/fact.ts";
import type { Service } from "#syntax/conf/master-file.ts";
import { dueAt } from "./due.ts";
import type { Instance } from "./instance.ts";
import { splitList } from "./maps/reference.ts";
import { truth, wholeNumber } from "./parameters/parameters.ts";
import { findPlaceholder } from "./parameters/placeholders.ts";
import type { Mode } from "./tls/level.ts";
import { floorOf, weakFamilies } from "./tls/policy.ts";

type Purpose = "relay" | "submission" | "submissions";

/** One fact for each service that takes mail by SMTP. */
export function readListeners(instance: Instance): Fact[] {
  const behindScreen = instance.services.some(({ program }) => program === "postscreen");
  return instance.services
    .filter(({ program, type }) => program === "smtpd" && (type !== "pass" || behindScreen))
    .map((service) => listener(instance, service));
}

function listener(instance: Instance, service: Service): Fact {
  const { parameters } = instance;
  const value = (name: string): Value<string> => parameters.value(name, service);
  const flag = (name: string): Value<boolean> => truth(name, value(name));
  const wrapper = flag("smtpd_tls_wrappermode");
  const demanded = demandedMode(instance, service, wrapper);
  const mode = underRestrictions(instance, service, withCertificate(instance, service, demanded));
  const offered = flag("smtpd_sasl_auth_enable");
  const dueByLevel = <T>(setting: Value<T>): Value<T> => dueAt(setting, parameters.due, demanded.location);
  return {
    kind: "mail.listener",
    id: `${service.name}/${service.type}`,
    location: service.location,
    attributes: {
      product: known("postfix", service.location),
      purpose: purposeOf(service, wrapper),
      loopback: loopbackOf(instance, service),
      "tls.mode": mode,
      "tls.minimumVersion": dueByLevel(
        mapValue(demanded, ({ value: mode }) =>
          floorOf(
            value(mode === "required" ? "smtpd_tls_mandatory_protocols" : "smtpd_tls_protocols"),
            parameters,
          ),
        ),
      ),
      "tls.weakCiphers": dueByLevel(
        mapValue(demanded, (written) => weakCiphers(instance, service, written.value === "required")),
      ),
      "authentication.offered": offered,
      "authentication.cleartextAllowed": mapValue(demanded, (written): Value<boolean> => {
        if (written.value === "required") return { ...written, value: false };
        const allowed = mapValue(
          flag("smtpd_tls_auth_only"),
          (only): Value<boolean> =>
            only.value ? { ...only, value: false } : withoutTls(value("smtpd_sasl_security_options"), only),
        );
        return dueAt(allowed, parameters.due, offered.location);
      }),
      "audit.tlsRecorded": dueByLevel(recorded(instance, service)),
    },
  };
}

/** What the level asks for, before a look at certificates. */
function demandedMode(instance: Instance, service: Service, wrapper: Value<boolean>): Value<Mode> {
  const { parameters } = instance;
  return mapValue(wrapper, (implicit): Value<Mode> => {
    if (implicit.value) return { ...implicit, value: "required" };
    return mapValue(parameters.value("smtpd_tls_security_level", service), (level): Value<Mode> => {
      const word = level.value.toLowerCase();
      if (word === "") return legacyMode(instance, service, level);
      if (word === "none") return { ...level, value: "none" };
      if (word === "may") return { ...level, value: "opportunistic" };
      if (["encrypt", "fingerprint", "verify", "secure"].includes(word))
        return { ...level, value: "required" };
      const reason = `Postfix refuses the level "${level.value}" of smtpd_tls_security_level`;
      return unknown(reason, level.location, level.chain);
    });
  });
}

function legacyMode(instance: Instance, service: Service, unset: Value<string>): Value<Mode> {
  const flag = (name: string): Value<boolean> => truth(name, instance.parameters.value(name, service));
  return mapValue(flag("smtpd_enforce_tls"), (enforce): Value<Mode> => {
    if (enforce.value) return { ...enforce, value: "required" };
    return mapValue(flag("smtpd_use_tls"), (use): Value<Mode> => {
      if (use.value) return { ...use, value: "opportunistic" };
      const { location, chain } = unset;
      return { ...known<Mode>("none", location, chain), isDefault: true };
    });
  });
}

const certificateParameters = [
  "smtpd_tls_chain_files",
  "smtpd_tls_cert_file",
  "smtpd_tls_eccert_file",
  "smtpd_tls_dcert_file",
];

/** TLS without a certificate, or without the tlsmgr service, is offered and then refused. */
function withCertificate(instance: Instance, service: Service, demanded: Value<Mode>): Value<Mode> {
  const { parameters, services, isComplete } = instance;
  return mapValue(demanded, (mode): Value<Mode> => {
    if (mode.value === "none") return mode;
    const step = (text: string): Step => ({ location: mode.location ?? parameters.due, text });
    if (isComplete && !services.some(({ program }) => program === "tlsmgr")) {
      return {
        ...mode,
        value: "none",
        chain: [...mode.chain, step("master.cf has no tlsmgr service, so STARTTLS is refused with 454")],
      };
    }
    const files = certificateParameters.map((name) => parameters.value(name, service));
    if (files.some((file) => file.state === "known" && file.value !== "")) return mode;
    const open = files.find((file) => file.state === "unknown");
    if (open?.state === "unknown") return unknown(open.reason, open.location, [...mode.chain, ...open.chain]);
    return {
      ...mode,
      value: "none",
      chain: [...mode.chain, step("no certificate is set, so STARTTLS is refused with 454")],
    };
  });
}

const restrictionLists = ["client", "helo", "sender", "relay", "recipient", "data", "end_of_data"];

/** A restriction that refuses plain text sessions demands TLS, where nothing before it lets anybody pass. */
function underRestrictions(instance: Instance, service: Service, mode: Value<Mode>): Value<Mode> {
  if (mode.state !== "known" || mode.value !== "opportunistic") return mode;
  for (const list of restrictionLists) {
    const value = instance.parameters.value(`smtpd_${list}_restrictions`, service);
    if (value.state !== "known") continue;
    const words = splitList(value.value.toLowerCase());
    const at = words.indexOf("reject_plaintext_session");
    const isFirst = at !== -1 && !words.slice(0, at).some((word) => /^(?:permit|check_)/.test(word));
    if (isFirst) return { ...value, value: "required" };
  }
  return mode;
}

/** Log-in without TLS: where plain text passwords are kept out, it takes a mechanism that answers a challenge. */
function withoutTls(options: Value<string>, only: Known<boolean>): Value<boolean> {
  return mapValue(options, (list): Value<boolean> => {
    if (!splitList(list.value.toLowerCase()).includes("noplaintext")) return { ...only, value: true };
    const reason =
      "smtpd_sasl_security_options keeps plain text passwords to TLS, and whether the SASL server offers another mechanism is not in view";
    return unknown(reason, list.location, list.chain);
  });
}

function weakCiphers(instance: Instance, service: Service, isRequired: boolean): Value {
  const { parameters } = instance;
  const value = (name: string): Value<string> => parameters.value(name, service);
  const asks = ["smtpd_tls_ask_ccert", ...(isRequired ? ["smtpd_tls_req_ccert"] : [])]
    .map((name) => truth(name, value(name)))
    .some((flag) => flag.state === "known" && flag.value);
  return weakFamilies(
    value(isRequired ? "smtpd_tls_mandatory_ciphers" : "smtpd_tls_ciphers"),
    [
      value("smtpd_tls_exclude_ciphers"),
      ...(isRequired ? [value("smtpd_tls_mandatory_exclude_ciphers")] : []),
    ],
    asks ? "aNULL" : "",
    parameters,
  );
}

/** By port or name of the service; on any other port implicit TLS and a forced log-in tell. */
function purposeOf(service: Service, wrapper: Value<boolean>): Value<Purpose> {
  const port = service.name.slice(service.name.lastIndexOf(":") + 1).toLowerCase();
  const at = service.location;
  if (service.type !== "inet" || port === "smtp" || port === "25") return known<Purpose>("relay", at);
  if (port === "submission" || port === "587") return known<Purpose>("submission", at);
  if (["smtps", "submissions", "465"].includes(port)) return known<Purpose>("submissions", at);
  return mapValue(wrapper, (implicit): Value<Purpose> => {
    if (implicit.value) return known<Purpose>("submissions", implicit.location, implicit.chain);
    return known<Purpose>(demandsLogIn(service) ? "submission" : "relay", at);
  });
}

/** The service's own options let in only who has logged in. */
function demandsLogIn(service: Service): boolean {
  return service.overrides.some(
    ({ name, value }) =>
      /^smtpd_(?:client|helo|sender|relay|recipient)_restrictions$/.test(name) &&
      /permit_sasl_authenticated/.test(value) &&
      /\breject\b/.test(value.replaceAll(/reject_\w+/g, "")),
  );
}

function loopbackOf(instance: Instance, service: Service): Value<boolean> {
  const at = service.location;
  if (service.type !== "inet") return known(service.type !== "pass", at);
  const colon = service.name.lastIndexOf(":");
  if (colon !== -1) return loopbackHost(service.name.slice(0, colon), known(service.name, at));
  return mapValue(instance.parameters.value("inet_interfaces", service), (interfaces) => {
    const hosts = splitList(interfaces.value).map((host) => loopbackHost(host, interfaces));
    const remote = hosts.find((host) => host.state === "known" && !host.value);
    return remote ?? hosts.find((host) => host.state === "unknown") ?? { ...interfaces, value: true };
  });
}

/** A text that no host can have as its name is one that a deployment replaces. */
function loopbackHost(host: string, written: Known<string>): Value<boolean> {
  if (/^[A-Z][A-Z0-9]*_[A-Z0-9_]+$/.test(host) || findPlaceholder(host) !== undefined) {
    return unknown(`a deployment fills in ${host}`, written.location, written.chain);
  }
  return { ...written, value: isLoopbackAddress(host) };
}

function isLoopbackAddress(text: string): boolean {
  const host = text.replace(/^\[|\]$/g, "").toLowerCase();
  return host === "loopback-only" || host === "localhost" || host === "::1" || /^127(?:\.\d+){3}$/.test(host);
}

function recorded(instance: Instance, service: Service): Value<boolean> {
  const { parameters } = instance;
  const header = "smtpd_tls_received_header";
  return mapValue(truth(header, parameters.value(header, service)), (inHeader): Value<boolean> => {
    if (inHeader.value) return inHeader;
    const level = "smtpd_tls_loglevel";
    return mapValue(wholeNumber(level, parameters.value(level, service)), (inLog): Value<boolean> => {
      if (inLog.value > 0 || inLog.isDefault !== true) return { ...inLog, value: inLog.value > 0 };
      return { ...inHeader, chain: [...inHeader.chain, ...inLog.chain] };
    });
  });
}
