import type { Json } from "#base/value.ts";
import type { Control, Edition } from "#policy/edition.ts";
import type { Rule } from "#policy/rule.ts";
import {
  ControlIds,
  documentText,
  heading,
  jsonText,
  listed,
  oneLine,
  oscalVersion,
  ownNamespace,
  properties,
  prose,
  uuidOf,
} from "./terms.ts";

type Written = Readonly<Record<string, Json | undefined>>;

/**
 * An edition as an OSCAL catalog: every line as a control, its duty as the statement, and each rule that bears on it as an
 * assessment objective, so that a result can speak of what was checked and not of the whole paragraph.
 */
export function renderCatalog(edition: Edition, rules: readonly Rule[]): Generator<string> {
  const ids = new ControlIds(edition);
  const titles = new Map(rules.map((rule) => [rule.id, rule.title]));
  const groups = [...Map.groupBy(edition.controls, ({ safeguard }) => safeguard)];
  return documentText("catalog", {
    metadata: metadataOf(edition),
    ...listed(
      "groups",
      groups.map(([safeguard, controls]) => ({
        id: `${ids.control(edition.id)}_${safeguard.replace(/[^\w-]+/g, "-")}`,
        class: "safeguard",
        title: heading(safeguard),
        controls: nested<object>(controls, (control, children) =>
          controlOf(control, children, edition, ids, titles),
        ),
      })),
    ),
    ...sources(edition),
  });
}

/** Lines under the line that they belong to, where that one stands in the same group. */
function nested<T>(controls: readonly Control[], make: (control: Control, children: T[]) => T): T[] {
  const present = new Set(controls.map(({ citation }) => citation));
  const below = (parent: string | undefined): T[] =>
    controls
      .filter((control) =>
        parent === undefined
          ? control.parent === null || !present.has(control.parent)
          : control.parent === parent,
      )
      .map((control) => make(control, below(control.citation)));
  return below(undefined);
}

function controlOf(
  control: Control,
  children: readonly object[],
  edition: Edition,
  ids: ControlIds,
  titles: ReadonlyMap<string, string>,
): object {
  const { citation, title, designation, duty, exception, verification, derivesFrom, number, page } = control;
  const id = ids.control(citation);
  const bearing = edition.mappings.flatMap(({ rule, controls, parameters }) =>
    controls
      .filter((each) => each.citation === citation)
      .map(({ relation }) => ({ rule, relation, parameters })),
  );
  return {
    id,
    class: designation,
    title: heading(title),
    props: [
      { name: "label", value: oneLine(citation) },
      {
        name: "sort-id",
        value: `${ids.control(edition.id)}_${String(edition.controls.indexOf(control) + 1).padStart(4, "0")}`,
      },
      ...properties({
        designation,
        page,
        number: number === undefined ? undefined : jsonText(number),
        "derives-from": derivesFrom.map((line) => `${line.edition} ${line.citation}`),
        "verification-grade": verification.grade,
        "verification-source": verification.source,
        "verification-as-of": verification.asOf,
      }),
    ],
    parts: [
      { id: ids.statement(citation), name: "statement", prose: prose(duty) },
      ...(exception === undefined
        ? []
        : [{ id: `${id}_exc`, name: "exception", ns: ownNamespace, prose: prose(exception) }]),
      ...bearing.map(({ rule, relation, parameters }) => ({
        id: ids.objective(citation, rule),
        name: "assessment-objective",
        props: properties({
          rule,
          relation,
          parameters: parameters === undefined ? undefined : jsonText(parameters),
        }),
        prose: prose(titles.get(rule) ?? rule),
      })),
    ],
    ...listed("controls", children),
  };
}

function metadataOf({ id, title, status, statusAsOf, dates, derivedFrom, notes }: Edition) {
  const days = Object.entries(dates)
    .sort(byName)
    .flatMap(([name, written]) => {
      const { date, formula } = written as Written;
      const value = date ?? formula;
      const kebab = name.replace(/[A-Z]/g, (letter) => `-${letter.toLowerCase()}`);
      return value === undefined || value === null ? [] : [[`date-${kebab}`, String(value)] as const];
    });
  return {
    title: heading(title),
    "last-modified": `${statusAsOf}T00:00:00Z`,
    version: statusAsOf,
    "oscal-version": oscalVersion,
    props: properties({
      edition: id,
      status,
      "status-as-of": statusAsOf,
      "derived-from": derivedFrom ?? undefined,
      ...Object.fromEntries(days),
    }),
    ...(notes.length === 0 ? {} : { remarks: notes.map(prose).join("\n\n") }),
  };
}

function byName([a]: readonly [string, Json], [b]: readonly [string, Json]): number {
  return a < b ? -1 : 1;
}

/** The documents that the lines were read in, with their digests where the edition pins them. */
function sources({ id, source }: Edition) {
  const { title, citation, url, document, digest, documents } = source as Written;
  if (typeof url !== "string" || !URL.canParse(url)) return {};
  const read = [{ name: document ?? title, digest }, ...((documents ?? []) as readonly Written[])];
  const pinned = read.flatMap((each) => {
    const { algorithm, value } = (each.digest ?? {}) as Written;
    return typeof value === "string" ? [`${String(each.name)}: ${String(algorithm)} ${value}`] : [];
  });
  const resource = {
    uuid: uuidOf("source", id, url),
    title: heading(String(title ?? url)),
    ...(pinned.length === 0 ? {} : { description: pinned.map(prose).join("\n\n") }),
    props: [{ name: "type", value: "regulation" }, ...properties({ citation: citation?.toString() })],
    rlinks: [{ href: url }],
  };
  return { "back-matter": { resources: [resource] } };
}
