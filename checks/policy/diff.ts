import type { Control, Edition } from "./edition.ts";

/** What became of one line of the law between two editions. */
export interface ControlChange {
  /** `untouched`: the later edition says nothing of a line, since it covers less; the line stands as it was. */
  readonly change: "new" | "removed" | "carried" | "untouched";
  readonly before: readonly Control[];
  readonly after: Control | undefined;
  /** Set where a carried line binds differently: addressable became part of a rule without that choice. */
  readonly binding?: { readonly before: readonly string[]; readonly after: string };
}

/** Compares two editions line by line, along what each line derives from. */
export function diffEditions(before: Edition, after: Edition): ControlChange[] {
  const earlier = new Map(before.controls.map((control) => [control.citation, control]));
  const carried = new Set<string>();
  const changes: ControlChange[] = [];
  for (const control of after.controls) {
    const origins = originsOf(control, before, after, earlier);
    for (const origin of origins) carried.add(origin.citation);
    if (origins.length === 0) changes.push({ change: "new", before: [], after: control });
    else {
      const designations = [...new Set(origins.map((origin) => origin.designation))];
      const changed = designations.some((designation) => designation !== control.designation);
      const binding = changed ? { binding: { before: designations, after: control.designation } } : {};
      changes.push({ change: "carried", before: origins, after: control, ...binding });
    }
  }
  const removed = new Set(
    after.removed.filter(({ edition }) => edition === before.id).map(({ citation }) => citation),
  );
  for (const control of before.controls) {
    if (carried.has(control.citation) || livesOnInParts(control, before, carried)) continue;
    const isRemoved = lineage(control, earlier).some(({ citation }) => removed.has(citation));
    changes.push({ change: isRemoved ? "removed" : "untouched", before: [control], after: undefined });
  }
  return changes;
}

/** The lines of the earlier edition that a line says it derives from; in one and the same edition, the line itself. */
function originsOf(
  control: Control,
  before: Edition,
  after: Edition,
  earlier: ReadonlyMap<string, Control>,
): Control[] {
  const citations =
    before.id === after.id
      ? [control.citation]
      : control.derivesFrom.filter(({ edition }) => edition === before.id).map(({ citation }) => citation);
  return citations.flatMap((citation) => earlier.get(citation) ?? []);
}

/** A line that heads others, some of which were carried over. */
function livesOnInParts(control: Control, before: Edition, carried: ReadonlySet<string>): boolean {
  return before.controls.some(
    (part) =>
      part.parent === control.citation &&
      (carried.has(part.citation) || livesOnInParts(part, before, carried)),
  );
}

/** The line and all that it belongs to. */
function lineage(control: Control, byCitation: ReadonlyMap<string, Control>): Control[] {
  const parent = control.parent === null ? undefined : byCitation.get(control.parent);
  return parent === undefined ? [control] : [control, ...lineage(parent, byCitation)];
}
