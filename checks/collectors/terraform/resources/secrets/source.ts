import type { Location } from "#base/location.ts";
import { absent, known, mapValue, type Step, type Unknown, unknown, type Value } from "#base/value.ts";
import { isPlaceholder, isPointer } from "./names.ts";

export type SecretSource = "literal" | "environment" | "secret-store" | "variable" | "file" | "generated";

/** Types whose attributes are made up by Terraform or by the service. */
const generators =
  /^(?:random_(?:password|string|id|bytes|uuid)|tls_(?:private_key|self_signed_cert|locally_signed_cert)|aws_iam_access_key|aws_iam_user_login_profile|aws_secretsmanager_random_password|aws_cognito_user_pool_client|aws_ecr_authorization_token|aws_eks_cluster_auth)$/;

/** Types that fetch what somebody keeps in a store for secrets. */
const stores =
  /^(?:aws_secretsmanager_secret(?:_version|_versions)?|aws_ssm_parameter|aws_kms_secrets|vault_\w+|sops_\w+|azurerm_key_vault_secret|google_secret_manager_\w+|onepassword_item|bitwarden\w*|doppler_secrets|infisical_\w+)$/;

/** Where a secret comes from, and whether what is written is plainly none. The value itself goes no further. */
export function secretSource(value: Value<string>): {
  readonly source: Value<SecretSource>;
  readonly placeholder: Value<boolean>;
} {
  const literal = (text: string): boolean => !isPointer(text);
  return {
    source: resolve(value),
    placeholder: mapValue(
      dropUnknown(value),
      (written): Value<boolean> =>
        literal(written.value)
          ? known(isPlaceholder(written.value), origin(written), hide(written.chain, written.value))
          : absent(written.location),
    ),
  };
}

function resolve(value: Value<string>): Value<SecretSource> {
  if (value.state === "absent") return value;
  if (value.state === "known") {
    const chain = hide(value.chain, value.value);
    if (isPointer(value.value)) return known("secret-store", value.location, chain);
    const outside = chain.some((step) => /\bTF_VAR_/.test(step.text));
    return known(outside ? "environment" : "literal", origin(value), chain);
  }
  if (value.alternatives === undefined) return resolveUnknown(value);
  return { ...value, alternatives: value.alternatives.map(resolve) };
}

function resolveUnknown(value: Unknown<string>): Value<SecretSource> {
  const words = [value.reason, ...value.chain.map((step) => step.text)].join("\n");
  const types = [
    ...words.matchAll(
      /(?<![\w.])(?:module\.[\w-]+\.)*(?:data\.|ephemeral\.)?([a-z][a-z0-9]*_[a-z0-9_]+)\.[\w-]+/g,
    ),
  ].map((match) => match[1] ?? "");
  if (types.some((type) => stores.test(type))) return known("secret-store", value.location, value.chain);
  if (types.some((type) => generators.test(type))) return known("generated", value.location, value.chain);
  if (types.length === 0 && /(?<![\w.])var\.[\w-]+/.test(words))
    return known("variable", value.location, value.chain);
  return unknown(value.reason, value.location, value.chain);
}

/** An unknown has no text to look at. */
function dropUnknown(value: Value<string>): Value<string> {
  return value.state === "unknown" && value.alternatives === undefined
    ? absent(value.location, value.chain)
    : value;
}

/** Where the text is written: at the end of the way that it took. */
function origin(value: {
  readonly location?: Location;
  readonly chain: readonly Step[];
}): Location | undefined {
  return value.chain.at(-1)?.location ?? value.location;
}

function hide(chain: readonly Step[], secret: string): readonly Step[] {
  if (secret === "") return chain;
  return chain.map((step) => ({ ...step, text: step.text.replaceAll(secret, "(hidden)") }));
}
