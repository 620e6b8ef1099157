import { absent, known, mapValue, unknown, type Value } from "#base/value.ts";
import type { Module, Resource } from "../../resource.ts";
import { comesFrom } from "../shared/cause.ts";
import { text } from "../shared/reading.ts";
import { bare, type Truth } from "../shared/three-valued.ts";
import { changedDefault, type Reading } from "./store-reading.ts";

/** Where a database says in a parameter group that clients must use TLS. */
export interface TransportParameter {
  /** The argument that names the group, and the type of resource that declares one. */
  readonly argument: string;
  readonly groupType: string;
  /** Names that the parameter has in the engines of this resource. */
  readonly names: readonly string[];
  /** Values that switch the demand off. */
  readonly off: readonly string[];
  /** What holds where the group does not set it, by the group's family (undefined when that is not known). */
  readonly unset: (family: string | undefined) => boolean | "changed";
}

/** Whether clients are refused without TLS, by parameter group or by the engine's own default. */
export function tlsDemanded(parameter: TransportParameter): Reading<boolean> {
  return (database, module) => {
    const name = text(database.body, parameter.argument);
    const named = name.state === "known" && !name.value.startsWith("default.");
    if (name.state === "unknown" || named) {
      const group = declaredGroup(module, parameter.groupType, name);
      if (group === undefined) return unseen(name);
      return parameterIn(group, parameter);
    }
    return byDefault(
      database,
      parameter,
      name.state === "known" ? name.value.slice("default.".length) : family(database),
    );
  };
}

function declaredGroup(module: Module, type: string, name: Value<string>): Resource | undefined {
  return module.ofType(type).find((group) => {
    const own = text(group.body, "name");
    if (name.state === "known") return own.state === "known" && own.value === name.value;
    return name.state === "unknown" && comesFrom(name, group.address);
  });
}

function unseen(name: Value<string>): Truth {
  if (name.state === "known") {
    return unknown(
      `the parameter group "${name.value}" is not declared in this module`,
      name.location,
      name.chain,
    );
  }
  return name.state === "absent" ? absent(name.location, name.chain) : bare(name);
}

function parameterIn(group: Resource, parameter: TransportParameter): Truth {
  const { body } = group;
  const hidden = body.uncertain("parameter");
  for (const block of body.blocks("parameter")) {
    const name = text(block, "name");
    if (name.state !== "known" || !parameter.names.includes(name.value)) continue;
    return mapValue(text(block, "value"), (value) => ({
      ...value,
      value: !parameter.off.includes(value.value.toLowerCase()),
    }));
  }
  if (hidden !== undefined) return bare(hidden);
  const own = text(body, "family");
  return byDefault(group, parameter, own.state === "known" ? own.value : undefined);
}

function byDefault(at: Resource, parameter: TransportParameter, familyName: string | undefined): Truth {
  const outcome = parameter.unset(familyName);
  if (outcome === "changed") {
    const reason = `${parameter.names.join(" or ")} is not set, and its default depends on the engine's version`;
    return changedDefault(at.body, reason, [true, false]);
  }
  return { ...known(outcome, at.body.location), isDefault: true };
}

/** The parameter group family that an engine and its version lead to: `postgres` and `15.4` to `postgres15`. */
function family({ body }: Resource): string | undefined {
  const engine = text(body, "engine");
  const version = text(body, "engine_version");
  if (engine.state !== "known" || version.state !== "known") return undefined;
  const [major = "", minor = ""] = version.value.split(".");
  const withMinor = /^(?:mysql|mariadb|aurora-mysql)$/.test(engine.value) && minor !== "";
  return `${engine.value}${major}${withMinor ? `.${minor}` : ""}`;
}

/**
 * `rds.force_ssl` is on by default from RDS for PostgreSQL 15 and Aurora PostgreSQL 17, `require_secure_transport` is
 * off by default up to MySQL 8.0 and MariaDB 11.4 (docs.aws.amazon.com/AmazonRDS, PostgreSQL.Concepts.General.SSL and
 * mysql-ssl-connections). Later versions of the latter two are left open.
 */
export function forcesTls(familyName: string | undefined): boolean | "changed" {
  const match = /^([a-z-]+?)(\d+)(?:\.(\d+))?$/.exec(familyName ?? "");
  if (match === null) return "changed";
  const version = Number(match[2]) + Number(match[3] ?? 0) / 100;
  switch (match[1]) {
    case "postgres":
      return version >= 15;
    case "aurora-postgresql":
      return version >= 17;
    case "mysql":
    case "aurora-mysql":
      return version < 8.04 ? false : "changed";
    case "mariadb":
      return version < 11.08 ? false : "changed";
    default:
      return "changed";
  }
}

export const offValues: readonly string[] = ["0", "off", "false", "disabled"];
