import type { Service } from "#syntax/conf/master-file.ts";
import { mapReferences, splitList } from "../maps/reference.ts";
import { builtInDefaults, isBuiltIn } from "./built-in.ts";
import type { Parameters } from "./parameters.ts";

/** Old names that Postfix still reads where they are set. */
const legacyNames = new Set([
  "authorized_verp_clients",
  "fallback_relay",
  "lmtp_per_record_deadline",
  "postscreen_blacklist_action",
  "postscreen_dnsbl_ttl",
  "postscreen_dnsbl_whitelist_threshold",
  "postscreen_whitelist_interfaces",
  "smtp_per_record_deadline",
  "smtpd_client_connection_limit_exceptions",
  "smtpd_per_record_deadline",
  "tls_legacy_public_key_fingerprints",
  "virtual_maps",
]);

/** Names that say what the running process is; a setting of such a name is passed over. */
const readOnlyNames = new Set(["process_id", "process_name", "service_name"]);

/** Parameters that Postfix hands on as they are written, to be expanded later with other names. */
export const rawNames: ReadonlySet<string> = new Set([
  "command_execution_directory",
  "default_rbl_reply",
  "forward_path",
  "luser_relay",
  "mailbox_command",
  "postscreen_disable_vrfy_command",
  "postscreen_enforce_tls",
  "postscreen_expansion_filter",
  "postscreen_helo_required",
  "postscreen_reject_footer",
  "postscreen_use_tls",
  "smtpd_expansion_filter",
  "smtpd_reject_footer",
]);

/** Parameters of database clients that can stand in `main.cf`, with the name of the table in front. */
const databaseSuffixes: Readonly<Record<string, string>> = {
  ldap: "bind bind_dn bind_pw cache cache_expiry cache_size chase_referrals debuglevel dereference domain expansion_limit leaf_result_attribute query_filter recursion_limit result_attribute result_filter result_format sasl_authz_id sasl_mechs sasl_minssf sasl_realm scope search_base server_host server_port size_limit special_result_attribute start_tls terminal_result_attribute timeout tls_ca_cert_dir tls_ca_cert_file tls_cert tls_cipher_suite tls_key tls_random_file tls_require_cert version",
  memcache:
    "backup data_size_limit domain flags key_digest key_format line_size_limit max_try memcache retry_pause timeout ttl",
  mongodb:
    "collection dbname domain expansion_limit projection query_filter result_attribute result_format uri",
  mysql:
    "additional_conditions charset dbname domain expansion_limit hosts idle_interval option_file option_group password query require_result_set result_format retry_interval select_field table tls_CAfile tls_CApath tls_cert_file tls_ciphers tls_key_file tls_verify_cert user where_field",
  pgsql:
    "additional_conditions dbname domain encoding expansion_limit hosts idle_interval password query result_format retry_interval select_field select_function table user where_field",
  sqlite:
    "additional_conditions dbpath domain expansion_limit query result_format select_field table where_field",
};

/**
 * Of the names that `main.cf` sets, those that `postconf` prints: Postfix's own, those of services and database tables,
 * restriction classes, and every other one that something refers to. The rest has no effect.
 */
export function printedNames(parameters: Parameters, services: readonly Service[]): ReadonlySet<string> {
  const used = usedNames(parameters, services);
  return new Set(
    parameters.names.filter(
      (name) =>
        !readOnlyNames.has(name) &&
        (isBuiltIn(name) ||
          legacyNames.has(name) ||
          used.has(name) ||
          parameters.ofServices.defaultOf(name) !== undefined),
    ),
  );
}

function usedNames(parameters: Parameters, services: readonly Service[]): Set<string> {
  const used = new Set<string>();
  const texts = [...builtInDefaults()].flatMap(([name, text]) =>
    parameters.setting(name) === undefined ? [text] : [],
  );
  for (const name of parameters.names) {
    const setting = parameters.setting(name);
    if (setting !== undefined && !rawNames.has(name)) texts.push(setting.value);
  }
  for (const service of services) texts.push(...service.overrides.map(({ value }) => value));
  for (const text of texts) for (const name of referredNames(text)) used.add(name);
  for (const scope of [undefined, ...services]) {
    const classes = parameters.setting("smtpd_restriction_classes", scope);
    if (classes === undefined) continue;
    const { result } = parameters.expand(classes.value, scope);
    if ("text" in result) for (const name of splitList(result.text)) used.add(name);
  }
  for (const name of databaseNames(parameters, services)) used.add(name);
  return used;
}

function referredNames(text: string): string[] {
  return [...text.replaceAll("$$", "").matchAll(/\$[({]?\s*([A-Za-z0-9_]+)/g)].map((match) => match[1] ?? "");
}

function databaseNames(parameters: Parameters, services: readonly Service[]): string[] {
  const settings = [
    ...parameters.names
      .filter((name) => isBuiltIn(name) || parameters.ofServices.defaultOf(name) !== undefined)
      .flatMap((name) => parameters.setting(name) ?? []),
    ...services.flatMap(({ overrides }) => overrides),
  ];
  return settings.flatMap((setting) => {
    const { result } = parameters.expand(setting.value);
    if (!("text" in result)) return [];
    return mapReferences(result.text).flatMap(({ type, name }) => {
      if (/^[/.{]/.test(name)) return [];
      return (databaseSuffixes[type] ?? "").split(" ").map((suffix) => `${name}_${suffix}`);
    });
  });
}
