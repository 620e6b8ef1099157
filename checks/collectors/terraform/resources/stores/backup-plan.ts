import { known, mapValue, unknown, type Value } from "#base/value.ts";
import type { Body, Module, Resource } from "../../resource.ts";
import { comesFrom } from "../shared/cause.ts";
import { inBlock, number, text } from "../shared/reading.ts";
import { allOf, anyOf, bare, choose, type Truth } from "../shared/three-valued.ts";
import type { Reading } from "./store-reading.ts";

/**
 * Days for which backups of a store are kept: by the store itself, or else by a plan of AWS Backup whose selection
 * takes the store in.
 */
export function backedUp(own: Reading<number>): Reading<number> {
  return (resource, module) => {
    const days = own(resource, module);
    if (days.state === "known" && days.value > 0) return days;
    const unplanned = module.incomplete === undefined ? days : bare(module.incomplete);
    return module.ofType("aws_backup_selection").reduce<Value<number>>(
      (otherwise, selection) =>
        choose(
          selects(selection, resource),
          () => planDays(module, selection),
          () => otherwise,
        ),
      unplanned,
    );
  };
}

/** For stores that keep no backups of their own. */
export function backedUpByPlan(): Reading<number> {
  return backedUp(({ body }) => ({ ...known(0, body.location), isDefault: true }));
}

function selects(selection: Resource, resource: Resource): Truth {
  const { body } = selection;
  const listed = selectedByList(selection, resource);
  const tagged = body.blocks("selection_tag").map((tag) => hasTag(tag, resource));
  const hidden = [body.uncertain("selection_tag"), selection.uncertainExistence].flatMap((cause) =>
    cause === undefined ? [] : [bare(cause)],
  );
  const narrowed = body.blocks("condition").length > 0 || body.tree("not_resources") !== undefined;
  const found = anyOf([listed, ...tagged, ...hidden], known(false, body.location));
  if (!narrowed) return found;
  return allOf(
    [found, unknown(`${selection.address} narrows what it takes in by conditions`, body.location)],
    found,
  );
}

function selectedByList(selection: Resource, resource: Resource): Truth {
  const { body } = selection;
  const list = body.tree("resources");
  const items =
    list === undefined || list.state === "absent" ? [] : list.state === "list" ? list.items : [list];
  const truths = items.map((item): Truth => {
    if (item.state === "known") {
      if (item.value === "*") return known(true, item.location);
      return String(item.value).includes("*")
        ? unknown(
            `${selection.address} takes resources in by the pattern "${String(item.value)}"`,
            item.location,
          )
        : known(false, item.location);
    }
    if (item.state !== "unknown") return known(false, body.location);
    if (comesFrom(item, resource.address)) return known(true, item.location, item.chain);
    const other = body.references("resources").some((address) => comesFrom(item, address));
    return other ? known(false, item.location) : bare(item);
  });
  return anyOf(truths, known(false, body.location));
}

/** A tag that the resource itself does not carry may still come from the provider's `default_tags`. */
function hasTag(tag: Body, resource: Resource): Truth {
  const key = text(tag, "key");
  const value = text(tag, "value");
  const tags = resource.body.tree("tags");
  if (key.state !== "known" || value.state !== "known")
    return unknown("the selection's tag is not known", tag.location);
  const own =
    tags?.state === "map" && Object.hasOwn(tags.entries, key.value) ? tags.entries[key.value] : undefined;
  if (own?.state === "known") return known(String(own.value) === value.value, own.location);
  return unknown(
    `backups are selected by the tag ${key.value}, which the resource does not set itself (the provider's default_tags may)`,
    tag.location,
  );
}

/** The longest time for which a rule of the plan keeps a backup. */
function planDays(module: Module, selection: Resource): Value<number> {
  const id = selection.body.attribute("plan_id");
  const plan = module
    .ofType("aws_backup_plan")
    .find((candidate) => id.state === "unknown" && comesFrom(id, candidate.address));
  if (plan === undefined) return unknown(`the plan of ${selection.address} is not in view`, id.location);
  const days = plan.body.blocks("rule").map((rule) => ruleDays(rule));
  const open = days.find((value) => value.state === "unknown") ?? plan.body.uncertain("rule");
  if (open !== undefined) return bare(open);
  const longest = days
    .flatMap((value) => (value.state === "known" ? [value] : []))
    .sort((a, b) => b.value - a.value)
    .at(0);
  return longest ?? unknown(`${plan.address} has no rule`, plan.body.location);
}

function ruleDays(rule: Body): Value<number> {
  const endless = unknown("the backup plan sets no delete_after, so its backups have no end", rule.location);
  return inBlock<number>(
    rule,
    "lifecycle",
    (lifecycle) => {
      const days = number(lifecycle, "delete_after");
      return days.state === "absent" ? endless : mapValue(days, (count) => count);
    },
    endless,
  );
}
