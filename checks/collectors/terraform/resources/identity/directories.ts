import type { Diagnostic } from "#base/diagnostic.ts";
import { defaulted, known, mapValue, unknown, type Value } from "#base/value.ts";
import type { Fact } from "#facts/fact.ts";
import type { Body, Resource, ResourceReader } from "../../resource.ts";
import {
  flag,
  hasBlock,
  inBlock,
  number,
  resourceFact,
  serviceOf,
  text,
  withDefault,
} from "../shared/reading.ts";
import { readWord } from "../shared/refused.ts";
import { anyOf, type Truth } from "../shared/three-valued.ts";

type Mode = "off" | "optional" | "required";

const modes: Readonly<Record<string, Mode>> = { OFF: "off", OPTIONAL: "optional", ON: "required" };

/** What Cognito asks of passwords where the pool has no `password_policy`. */
const defaultLength = 8;

/** Cognito user pools and the password policy of the account's own users. */
export const readDirectories: ResourceReader = (module) => {
  const diagnostics: Diagnostic[] = [];
  const pools = module.ofType("aws_cognito_user_pool").map((pool) => poolFact(pool, diagnostics));
  const policies = module.ofType("aws_iam_account_password_policy").map((policy) =>
    resourceFact("identity.directory", policy, {
      service: serviceOf(policy),
      "password.minimumLength": withDefault(number(policy.body, "minimum_password_length"), 6),
      "password.reusePrevented": withDefault(number(policy.body, "password_reuse_prevention"), 0),
    }),
  );
  return { facts: [...pools, ...policies], diagnostics };
};

function poolFact(pool: Resource, diagnostics: Diagnostic[]): Fact {
  const { body } = pool;
  const mode = withDefault(
    readWord(text(body, "mfa_configuration"), modes, "mfa_configuration", diagnostics),
    "off",
  );
  const policy = (name: string, without: number): Value<number> =>
    inBlock(body, "password_policy", (block) => number(block, name), defaulted(without, body.location));
  return resourceFact("identity.directory", pool, {
    service: serviceOf(pool),
    "mfa.mode": mode,
    "mfa.methods": methods(body, mode),
    "password.minimumLength": policy("minimum_length", defaultLength),
    "password.reusePrevented": withDefault(policy("password_history_size", 0), 0),
  });
}

/** A factor counts only while MFA is on: the same blocks also serve verification and recovery. */
function methods(body: Body, mode: Value<Mode>): Value<readonly string[]> {
  return mapValue(mode, (known): Value<readonly string[]> => {
    if (known.value === "off") return { ...known, value: [] };
    return listOf(body, {
      totp: inBlock(
        body,
        "software_token_mfa_configuration",
        (block) => flag(block, "enabled", false),
        defaulted(false, body.location),
      ),
      sms: hasBlock(body, "sms_configuration"),
      email: hasBlock(body, "email_mfa_configuration"),
      webauthn: passkeys(body),
    });
  });
}

function passkeys(body: Body): Truth {
  const configured = hasBlock(body, "web_authn_configuration");
  const first = inBlock<boolean>(
    body,
    "sign_in_policy",
    (block) =>
      mapValue(block.attribute("allowed_first_auth_factors"), (factors) => ({
        ...factors,
        value: Array.isArray(factors.value) && factors.value.includes("WEB_AUTHN"),
      })),
    known(false, body.location),
  );
  return anyOf([configured, first], configured);
}

function listOf(body: Body, switches: Readonly<Record<string, Truth>>): Value<readonly string[]> {
  const names: string[] = [];
  for (const [name, on] of Object.entries(switches)) {
    if (on.state === "unknown") return unknown(on.reason, on.location, on.chain);
    if (on.state === "known" && on.value) names.push(name);
  }
  const [only] =
    names.length > 0 ? Object.values(switches).filter((on) => on.state === "known" && on.value) : [];
  return known(names, only?.location ?? body.location);
}
