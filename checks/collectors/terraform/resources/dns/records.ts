import type { Location } from "#base/location.ts";
import { known, mapValue, unknown, type Value } from "#base/value.ts";
import { joinTxtStrings } from "#syntax/tagvalue/txt-strings.ts";
import type { Module, Resource, Tree } from "../../resource.ts";
import { comesFrom } from "../shared/cause.ts";
import { text } from "../shared/reading.ts";

/** One `aws_route53_record` with its name written out. */
export interface ZoneRecord {
  readonly resource: Resource;
  readonly type: Value<string>;
  /** Lower case, without a final dot. Relative (see `zone`) where the zone's name is not known. */
  readonly name: Value<string>;
  /** The zone's name; undefined when no zone in view bears it. */
  readonly zone: Zone | undefined;
  /** Values, TXT strings joined. One unknown where the whole list is not known. */
  readonly values: readonly Value<string>[];
}

export interface Zone {
  readonly name: string;
  /** `aws_route53_zone`: its records are made here. A data source may have records elsewhere. */
  readonly resource: Resource;
}

/** The records that the module declares, in order. */
export function zoneRecords(module: Module): readonly ZoneRecord[] {
  return module.ofType("aws_route53_record").map((resource) => {
    const zone = zoneOf(module, resource);
    const name = mapValue(text(resource.body, "name"), (written) => ({
      ...written,
      value: fullName(written.value, zone?.name),
    }));
    return {
      resource,
      zone,
      type: mapValue(text(resource.body, "type"), (type) => ({ ...type, value: type.value.toUpperCase() })),
      name: name.state === "absent" && zone !== undefined ? known(zone.name, name.location) : name,
      values: valuesOf(resource),
    };
  });
}

/** The zones that the module declares or looks up, whose names are known. */
export function zonesOf(module: Module): readonly Zone[] {
  return module.resources
    .filter((resource) => resource.type === "aws_route53_zone")
    .flatMap((resource) => {
      const name = text(resource.body, "name");
      return name.state === "known" ? [{ name: bareName(name.value), resource }] : [];
    });
}

function zoneOf(module: Module, record: Resource): Zone | undefined {
  const id = record.body.attribute("zone_id");
  if (id.state !== "unknown") return undefined;
  return zonesOf(module).find((zone) => comesFrom(id, zone.resource.address));
}

/** As the provider does it: a name that does not end in the zone's gets it appended. */
function fullName(name: string, zone: string | undefined): string {
  const own = bareName(name);
  if (zone === undefined || name.endsWith(".") || own === zone || own.endsWith(`.${zone}`)) return own;
  return own === "" ? zone : `${own}.${zone}`;
}

function bareName(name: string): string {
  return name.toLowerCase().replace(/\.$/, "");
}

function valuesOf({ body }: Resource): readonly Value<string>[] {
  const tree = body.tree("records");
  if (tree === undefined || tree.state === "absent") return [];
  const items = tree.state === "list" ? tree.items : [tree];
  return items.map((item) => recordValue(item, tree.location ?? body.location));
}

function recordValue(item: Tree, location: Location): Value<string> {
  if (item.state === "map" || item.state === "list") return unknown("a record value is no text", location);
  return mapValue(item, (written) => ({
    ...written,
    location: written.location ?? location,
    value: joinTxtStrings(String(written.value)),
  }));
}
