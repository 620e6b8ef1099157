import { type Json, known, type Step, unknown, type Value } from "#base/value.ts";
import type { Fact } from "#facts/fact.ts";

/** What latencies are about. */
const latencyRequirement = "OPS-01";

interface Demand {
  readonly fact: Fact;
  readonly profile: string;
  readonly measure: string;
  readonly percentile: number;
  readonly maximum: number;
}

type Figures = Readonly<Record<string, Readonly<Record<string, Readonly<Record<string, number | null>>>>>>;

/** What was seen of one demand. */
interface Seen {
  readonly scenario: string;
  /** Undefined where nothing was loaded. */
  readonly target: string | undefined;
  readonly met: Value;
  readonly measured: string;
}

const notMeasured = "not measured";

function statedIn(fact: Fact, name: string): Json | undefined {
  const value = fact.attributes[name];
  return value?.state === "known" ? value.value : undefined;
}

/**
 * Facts of the kind `load.level`: one for each service level that an organisation states and each run of its profile that was
 * held against another limit, or none. Runs are judged when they are made; what is stated may have changed since, or stood in
 * another folder. Nothing without any run: who checks configurations alone has not asked.
 */
export function holdServiceLevels(facts: readonly Fact[]): Fact[] {
  const runs = facts.filter(({ kind }) => kind === "load.run");
  if (runs.length === 0) return [];
  const levels = facts.filter(({ kind }) => kind === "load.level");
  return facts.flatMap(demandOf).flatMap((demand) => {
    const own = runs.filter((run) => statedIn(run, "profile") === demand.profile);
    if (own.length > 0)
      return own.flatMap((run) => holdRun(demand, run, levels).map((seen) => levelFact(demand, seen)));
    const met = unknown(`no load run of ${demand.profile} was given`, demand.fact.location);
    return [levelFact(demand, { scenario: demand.profile, target: undefined, met, measured: notMeasured })];
  });
}

function demandOf(fact: Fact): Demand[] {
  if (fact.kind !== "load.demand") return [];
  const [profile, measure] = [statedIn(fact, "profile"), statedIn(fact, "measure")];
  const [percentile, maximum] = [statedIn(fact, "percentile"), statedIn(fact, "maximum")];
  if (typeof profile !== "string" || typeof measure !== "string") return [];
  if (typeof percentile !== "number" || typeof maximum !== "number") return [];
  return [{ fact, profile, measure, percentile, maximum }];
}

function titleOf({ measure, percentile }: Demand, scenario: string): string {
  return `${measure} p${percentile} of ${scenario}`;
}

function limitOf({ maximum }: Demand): string {
  return `at most ${maximum} ms`;
}

function holdRun(demand: Demand, run: Fact, levels: readonly Fact[]): Seen[] {
  const target = String(statedIn(run, "target") ?? "");
  const { location } = demand.fact;
  const figures = statedIn(run, "latency") as Figures | undefined;
  if (figures === undefined) {
    const chain = [{ location: run.location, text: run.id }];
    const met = unknown("the facts of the run do not hold its times: run it again", location, chain);
    return [{ scenario: demand.profile, target, met, measured: notMeasured }];
  }
  return Object.entries(figures).flatMap(([scenario, measures]) => {
    if (levels.some((level) => isOf(level, demand, run, scenario))) return [];
    const figure = measures[demand.measure]?.[`p${demand.percentile}`];
    const measured = words(figure);
    const chain: Step[] = [{ location: run.location, text: `${run.id}: ${measured}` }];
    const met: Value =
      statedIn(run, "valid") !== true
        ? unknown("the run was invalid", location, chain)
        : figure === undefined
          ? unknown(`the run did not measure ${demand.measure}`, location, chain)
          : known(figure !== null && figure <= demand.maximum, location, chain);
    return [{ scenario, target, met, measured }];
  });
}

/** The run itself was held against this very limit. */
function isOf(level: Fact, demand: Demand, run: Fact, scenario: string): boolean {
  return (
    level.location.file === run.location.file &&
    statedIn(level, "profile") === demand.profile &&
    statedIn(level, "target") === statedIn(run, "target") &&
    statedIn(level, "level") === titleOf(demand, scenario) &&
    statedIn(level, "limit") === limitOf(demand)
  );
}

function words(figure: number | null | undefined): string {
  if (figure === undefined) return notMeasured;
  return figure === null ? "never: lost messages lie within this percentile" : `${figure} ms`;
}

function levelFact(demand: Demand, { scenario, target, met, measured }: Seen): Fact {
  const { location } = demand.fact;
  const title = titleOf(demand, scenario);
  return {
    kind: "load.level",
    id: `${demand.profile}: ${title}${target === undefined ? "" : ` at ${target}`}`,
    location,
    attributes: {
      profile: known(demand.profile, location),
      ...(target === undefined ? {} : { target: known(target, location) }),
      level: known(title, location),
      kind: known("latency", location),
      requirements: known([latencyRequirement], location),
      met,
      measured: known(measured, location),
      limit: known(limitOf(demand), location),
      stated: known("compliance.yaml", location),
    },
    origin: { evidence: "load" },
  };
}
