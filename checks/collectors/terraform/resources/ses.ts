import type { Diagnostic } from "#base/diagnostic.ts";
import { absent, defaulted, known, mapValue, type Step, unknown, type Value, withStep } from "#base/value.ts";
import type { Fact } from "#facts/fact.ts";
import type { Body, Module, Resource, ResourceReader } from "../resource.ts";
import { comesFrom } from "./shared/cause.ts";
import { inBlock, resourceFact, text, withDefault } from "./shared/reading.ts";
import { readWord } from "./shared/refused.ts";

type Mode = "none" | "opportunistic" | "required";

/** The older API and the newer one write the same two words differently, and each refuses the other's. */
const configurationSets: Readonly<Record<string, { words: Readonly<Record<string, Mode>>; name: string }>> = {
  aws_ses_configuration_set: { words: { Require: "required", Optional: "opportunistic" }, name: "name" },
  aws_sesv2_configuration_set: {
    words: { REQUIRE: "required", OPTIONAL: "opportunistic" },
    name: "configuration_set_name",
  },
};

/** Amazon SES: configuration sets and identities as routes by which mail leaves, receipt rules as listeners. */
export const readSes: ResourceReader = (module) => {
  const diagnostics: Diagnostic[] = [];
  const facts: Fact[] = [];
  for (const type of Object.keys(configurationSets)) {
    for (const set of module.ofType(type)) facts.push(route(set, setMode(set, diagnostics)));
  }
  for (const identity of module.ofType("aws_sesv2_email_identity")) {
    facts.push(route(identity, identityMode(module, identity.body)));
  }
  for (const type of ["aws_ses_domain_identity", "aws_ses_email_identity"]) {
    const argument = type === "aws_ses_domain_identity" ? "domain" : "email";
    for (const identity of module.ofType(type)) {
      const mode = twin(module, identity, argument);
      if (mode !== undefined) facts.push(route(identity, mode));
    }
  }
  for (const rule of module.ofType("aws_ses_receipt_rule")) {
    const enabled = rule.body.attribute("enabled");
    if (enabled.state === "known" && enabled.value === false) continue;
    facts.push(listener(rule, diagnostics));
  }
  return { facts, diagnostics };
};

/** `Optional` is the documented default of both APIs. */
function setMode(set: Resource, diagnostics: Diagnostic[]): Value<Mode> {
  const words = configurationSets[set.type]?.words ?? {};
  const without: Value<Mode> = defaulted("opportunistic", set.body.location);
  const read = (block: Body): Value<Mode> =>
    withDefault(readWord(text(block, "tls_policy"), words, "tls_policy", diagnostics), "opportunistic");
  return inBlock(set.body, "delivery_options", read, without);
}

/** The mode of the set that an identity uses where a message names none. */
function identityMode(module: Module, body: Body): Value<Mode> {
  const name = text(body, "configuration_set_name");
  const unset: Step = {
    location: name.location ?? body.location,
    text: "a message from this identity that names no configuration set is sent without one",
  };
  if (name.state === "absent") return defaulted("opportunistic", name.location, [...name.chain, unset]);
  if (name.state === "unknown" && name.alternatives !== undefined) {
    return unknown(name.reason, name.location, name.chain);
  }
  const set = Object.keys(configurationSets)
    .flatMap((type) => module.ofType(type))
    .find((candidate) =>
      name.state === "known"
        ? text(candidate.body, configurationSets[candidate.type]?.name ?? "name").state === "known" &&
          isNamed(candidate, name.value)
        : comesFrom(name, candidate.address),
    );
  if (set !== undefined) {
    const step = {
      location: name.location ?? body.location,
      text: `the default configuration set is ${set.address}`,
    };
    return withStep(setMode(set, []), step);
  }
  const reason =
    name.state === "known"
      ? `the configuration set "${name.value}" is not declared in this module`
      : name.reason;
  return unknown(reason, name.location, name.chain);
}

function isNamed(set: Resource, name: string): boolean {
  const own = text(set.body, configurationSets[set.type]?.name ?? "name");
  return own.state === "known" && own.value === name;
}

/**
 * An identity of the older API has no argument for a default configuration set. Where the newer API's resource
 * declares the same identity, that one speaks for it and there is no second fact.
 */
function twin(module: Module, identity: Resource, argument: string): Value<Mode> | undefined {
  const own = text(identity.body, argument);
  const same = module.ofType("aws_sesv2_email_identity").some((newer) => {
    const name = text(newer.body, "email_identity");
    if (name.state === "unknown") return comesFrom(name, identity.address);
    return name.state === "known" && own.state === "known" && name.value === own.value;
  });
  if (same) return undefined;
  const step = {
    location: identity.body.location,
    text: `${identity.type} has no default configuration set: a message that names none is sent without one`,
  };
  return defaulted("opportunistic", identity.body.location, [step]);
}

function route(resource: Resource, mode: Value<Mode>): Fact {
  const { location } = resource.body;
  return resourceFact("mail.route", resource, {
    product: known("amazon-ses", location),
    loopback: known(false, location),
    "tls.mode": mode,
    "tls.verification": mapValue(
      mode,
      (known): Value<string> =>
        known.value === "required"
          ? unknown(
              "Amazon SES documents no check of the receiver's certificate and offers no setting that demands one",
              known.location,
              known.chain,
            )
          : { ...known, value: "none" },
    ),
    "tls.minimumVersion": unknown(
      "Amazon SES prefers TLS 1.3 to the receiver, documents that older versions are used too, and offers no setting for a floor",
      location,
    ),
  });
}

function listener(rule: Resource, diagnostics: Diagnostic[]): Fact {
  const { body } = rule;
  const words = { Require: "required", Optional: "opportunistic" };
  return resourceFact("mail.listener", rule, {
    product: known("amazon-ses", body.location),
    purpose: known("relay", body.location),
    loopback: known(false, body.location),
    "tls.mode": withDefault(
      readWord(text(body, "tls_policy"), words, "tls_policy", diagnostics),
      "opportunistic",
    ),
    "tls.minimumVersion": unknown("Amazon SES documents no floor for mail that it receives", body.location),
    "authentication.offered": known(false, body.location),
    "authentication.cleartextAllowed": absent(body.location),
  });
}
