import { type Json, type Known, known, type Step, unknown, type Value } from "#base/value.ts";
import type { Fact, FactAttribute } from "#facts/fact.ts";
import { findFactKind } from "#facts/registry.ts";
import { isWithin } from "./paths.ts";

/** What one configuration says of an attribute: the weakest value, and whether a part of it is not known. */
interface Claim {
  readonly value: Known;
  readonly rank: number;
  readonly isOpen: boolean;
  /** The fact that says it. */
  readonly fact: Fact;
}

type Ranked = FactAttribute & { readonly ranking: NonNullable<FactAttribute["ranking"]> };

/**
 * Facts of the kind `evidence.agreement`: one for each attribute of which both an observation and the configuration
 * that it names speak. What was seen contradicts a configuration only where it is worse than everything that it says.
 */
export function compareEvidence(facts: readonly Fact[]): Fact[] {
  const configured = facts.filter(({ origin }) => (origin?.evidence ?? "static") === "static");
  return facts.flatMap((seen) => {
    const configuration = seen.origin?.configuration;
    if (configuration === undefined) return [];
    const about = configured.filter((fact) => isAbout(fact, seen, configuration));
    return Object.entries(findFactKind(seen.kind)?.attributes ?? {}).flatMap(([name, attribute]) => {
      const value = seen.attributes[name];
      if (!isRanked(attribute) || value?.state !== "known") return [];
      const claim = weakestClaim(about, name, attribute);
      return claim === undefined ? [] : [agreement(seen, name, value, attribute, claim)];
    });
  });
}

function isRanked(attribute: FactAttribute): attribute is Ranked {
  return attribute.ranking !== undefined;
}

/** Same kind, inside the named configuration, and not told apart from the observation by what distinguishes. */
function isAbout(fact: Fact, seen: Fact, configuration: string): boolean {
  if (fact.kind !== seen.kind || !isWithin(configuration, fact.location.file)) return false;
  return Object.entries(findFactKind(seen.kind)?.attributes ?? {}).every(([name, { distinguishes }]) => {
    const [ours, theirs] = [seen.attributes[name], fact.attributes[name]];
    if (distinguishes !== true || ours?.state !== "known" || theirs?.state !== "known") return true;
    return ours.value === theirs.value;
  });
}

function rankOf(value: Json, { ranking }: Ranked): number {
  return ranking.findIndex((equals) => equals.includes(value));
}

function weakestClaim(facts: readonly Fact[], name: string, attribute: Ranked): Claim | undefined {
  let weakest: Omit<Claim, "isOpen"> | undefined;
  let isOpen = false;
  for (const fact of facts) {
    const value = fact.attributes[name];
    if (value?.state === "unknown") isOpen = true;
    if (value?.state !== "known") continue;
    const rank = rankOf(value.value, attribute);
    if (rank !== -1 && (weakest === undefined || rank < weakest.rank)) weakest = { value, rank, fact };
  }
  return weakest === undefined ? undefined : { ...weakest, isOpen };
}

function agreement(seen: Fact, name: string, value: Known, attribute: Ranked, claim: Claim): Fact {
  const location = claim.value.location ?? claim.fact.location;
  const seenAt = value.location ?? seen.location;
  const [configuredWords, seenWords] = [String(claim.value.value), String(value.value)];
  const chain: Step[] = [
    { location, text: `${claim.fact.id} is configured with ${name} ${configuredWords}` },
    ...claim.value.chain,
    { location: seenAt, text: `${seen.id} was seen with ${name} ${seenWords}` },
    ...value.chain,
  ];
  const isWorse = rankOf(value.value, attribute) < claim.rank;
  const agrees: Value =
    isWorse && claim.isOpen
      ? unknown(
          "a part of the configuration could not be resolved, and may be what was seen",
          location,
          chain,
        )
      : known(!isWorse, location, chain);
  return {
    kind: "evidence.agreement",
    id: `${claim.fact.id} ${name}`,
    location,
    attributes: {
      attribute: known(`${seen.kind} ${name}`, location),
      configured: known(configuredWords, location),
      seen: known(seenWords, seenAt),
      agrees,
    },
    origin: seen.origin ?? { evidence: "probe" },
  };
}
