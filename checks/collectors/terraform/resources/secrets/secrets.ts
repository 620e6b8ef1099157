import { known, mapValue, unknown, type Value } from "#base/value.ts";
import type { Fact } from "#facts/fact.ts";
import type { Body, Resource, ResourceReader, Tree } from "../../resource.ts";
import { parseJsonTree } from "../shared/json-tree.ts";
import { resourceFact, text } from "../shared/reading.ts";
import { carriesPassword, isPlaceholder, namesSecret } from "./names.ts";
import { secretSource } from "./source.ts";

/** Arguments that take one secret. A dot leads into a nested block; the write-only twin (`…_wo`) is read as well. */
const secretArguments: ReadonlyMap<string, readonly string[]> = new Map(
  Object.entries({
    aws_db_instance: ["password"],
    aws_directory_service_directory: ["password"],
    aws_dms_endpoint: ["password"],
    aws_docdb_cluster: ["master_password"],
    aws_elasticache_replication_group: ["auth_token"],
    aws_lightsail_database: ["master_password"],
    aws_mq_broker: ["user.password"],
    aws_opensearch_domain: ["advanced_security_options.master_user_options.master_user_password"],
    aws_rds_cluster: ["master_password"],
    aws_redshift_cluster: ["master_password"],
    aws_redshiftserverless_namespace: ["admin_user_password"],
    aws_secretsmanager_secret_version: ["secret_string"],
  }),
);

/** Arguments that hold settings by name, of which some take a secret. */
const settingMaps: ReadonlyMap<string, readonly string[]> = new Map(
  Object.entries({
    aws_amplify_app: ["environment_variables"],
    aws_amplify_branch: ["environment_variables"],
    aws_apprunner_service: [
      "source_configuration.image_repository.image_configuration.runtime_environment_variables",
    ],
    aws_glue_connection: ["connection_properties"],
    aws_lambda_function: ["environment.variables"],
  }),
);

/** Blocks that hold one setting each as `name` and `value`. */
const settingBlocks: ReadonlyMap<string, string> = new Map(
  Object.entries({
    aws_codebuild_project: "environment.environment_variable",
    aws_elastic_beanstalk_environment: "setting",
  }),
);

/** Arguments with container definitions as JSON. */
const containerArguments: ReadonlyMap<string, string> = new Map(
  Object.entries({
    aws_batch_job_definition: "container_properties",
    aws_ecs_task_definition: "container_definitions",
  }),
);

/** Settings that take a password, key or token: where the value comes from, never the value. */
export const readSecrets: ResourceReader = (module) => ({
  facts: module.resources
    .filter((resource) => resource.mode === "managed")
    .flatMap((resource) => [
      ...(secretArguments.get(resource.type) ?? []).flatMap((path) => argumentFacts(resource, path)),
      ...(settingMaps.get(resource.type) ?? []).flatMap((path) => mapFacts(resource, path)),
      ...blockFacts(resource),
      ...containerFacts(resource),
      ...parameterFacts(resource),
    ]),
  diagnostics: [],
});

/** Bodies that a dotted path leads to, and the name at its end. */
function bodiesAt(body: Body, path: string): { readonly bodies: readonly Body[]; readonly name: string } {
  const parts = path.split(".");
  const name = parts.pop() ?? path;
  const bodies = parts.reduce<readonly Body[]>(
    (inside, part) => inside.flatMap((block) => block.blocks(part)),
    [body],
  );
  return { bodies, name };
}

function argumentFacts(resource: Resource, path: string): Fact[] {
  const { bodies, name } = bodiesAt(resource.body, path);
  return bodies.flatMap((body, index) =>
    [name, `${name}_wo`].flatMap((argument) => {
      const tree = body.tree(argument);
      if (tree === undefined || tree.state === "absent") return [];
      const value = decisiveText(tree);
      if (value === undefined) return [];
      const id = bodies.length > 1 ? `${resource.address}.${path}[${index}]` : resource.address;
      const top = path.split(".")[0] ?? path;
      return [secretFact(resource, id, argument, settable(resource, top === name ? argument : top, value))];
    }),
  );
}

/**
 * The text that decides: of a JSON object the worst of the entries whose names say that they are secret. Undefined
 * where none does.
 */
function decisiveText(tree: Tree): Value<string> | undefined {
  const content = objectIn(tree) ?? tree;
  if (content.state === "list") return unknown("a list stands where a secret is to be", content.location);
  if (content.state !== "map") return asText(content);
  const secrets = Object.entries(content.entries)
    .filter(([name]) => namesSecret(name))
    .flatMap(([, entry]) => decisiveText(entry) ?? []);
  return (
    secrets.find((value) => value.state === "known") ?? secrets.find((value) => value.state === "unknown")
  );
}

function objectIn(tree: Tree): Tree | undefined {
  const parsed = tree.state === "known" && typeof tree.value === "string" ? parseJsonTree(tree) : undefined;
  return parsed?.state === "map" && Object.keys(parsed.entries).length > 0 ? parsed : undefined;
}

type Scalar = Exclude<Tree, { state: "list" } | { state: "map" }>;

function asText(value: Scalar): Value<string> {
  return mapValue(value, (written) => ({ ...written, value: String(written.value) }));
}

function mapFacts(resource: Resource, path: string): Fact[] {
  const { bodies, name } = bodiesAt(resource.body, path);
  return bodies.flatMap((body) => {
    const tree = body.tree(name);
    return tree?.state === "map" ? settingFacts(resource, path, Object.entries(tree.entries)) : [];
  });
}

function settingFacts(
  resource: Resource,
  path: string,
  settings: readonly (readonly [string, Tree])[],
): Fact[] {
  return settings.flatMap(([name, tree]) => {
    if (tree.state === "list" || tree.state === "map") return [];
    const value = asText(tree);
    const open = value.state === "known" && carriesPassword(value.value);
    if (!open && !namesSecret(name)) return [];
    return [secretFact(resource, `${resource.address}.${path}.${name}`, name, value)];
  });
}

function blockFacts(resource: Resource): Fact[] {
  const path = settingBlocks.get(resource.type);
  if (path === undefined) return [];
  const { bodies, name: type } = bodiesAt(resource.body, path);
  const settings = bodies
    .flatMap((body) => body.blocks(type))
    .flatMap((block): [string, Tree][] => {
      const name = text(block, "name");
      const kind = text(block, "type");
      const value = block.tree("value");
      const fetched = kind.state === "known" && kind.value !== "PLAINTEXT";
      return name.state === "known" && value !== undefined && !fetched ? [[name.value, value]] : [];
    });
  return settingFacts(resource, path, settings);
}

function containerFacts(resource: Resource): Fact[] {
  const argument = containerArguments.get(resource.type);
  const tree = argument === undefined ? undefined : resource.body.tree(argument);
  if (argument === undefined || tree === undefined) return [];
  const content = tree.state === "known" ? parseJsonTree(tree) : tree;
  const containers = content?.state === "list" ? content.items : content === undefined ? [] : [content];
  const settings = containers
    .flatMap((container) => (container.state === "map" ? (container.entries.environment ?? []) : []))
    .flatMap((list) => (list.state === "list" ? list.items : []))
    .flatMap((item): [string, Tree][] => {
      if (item.state !== "map") return [];
      const { name, value } = item.entries;
      return name?.state === "known" && value !== undefined ? [[String(name.value), value]] : [];
    });
  return settingFacts(resource, `${argument}.environment`, settings);
}

/** A parameter that is no `SecureString` counts where its name says that it is a secret. */
function parameterFacts(resource: Resource): Fact[] {
  if (resource.type !== "aws_ssm_parameter") return [];
  const type = text(resource.body, "type");
  const name = text(resource.body, "name");
  const secure = type.state === "known" && type.value === "SecureString";
  const named = name.state === "known" && namesSecret(name.value.split("/").at(-1) ?? "");
  if (!secure && !named) return [];
  return ["value", "value_wo", "insecure_value"].flatMap((argument) => {
    const tree = resource.body.tree(argument);
    if (tree === undefined || tree.state === "absent") return [];
    const value = decisiveText(tree);
    if (value === undefined) return [];
    return [secretFact(resource, resource.address, argument, settable(resource, argument, value))];
  });
}

/** Under `ignore_changes` what is written is only the first value: somebody sets another one that stays. */
function settable(resource: Resource, argument: string, value: Value<string>): Value<string> {
  const ignored = resource.body.blocks("lifecycle").flatMap((block) => block.names("ignore_changes"));
  if (value.state !== "known" || !(ignored.includes(argument) || ignored.includes("all"))) return value;
  if (isPlaceholder(value.value)) return value;
  const reason = `ignore_changes leaves ${argument} to whoever sets it outside Terraform, and nothing tells what stands there now`;
  return unknown(reason, value.location);
}

function secretFact(resource: Resource, id: string, setting: string, value: Value<string>): Fact {
  const { source, placeholder } = secretSource(value);
  const fact = resourceFact("secret", resource, {
    setting: known(setting, resource.body.location),
    source,
    placeholder,
  });
  return { ...fact, id };
}
