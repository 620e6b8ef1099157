import type { ts } from "ts-morph";
import { type Json, type Step, unknown, type Value } from "#base/value.ts";
import { rootsOf, type Unknown } from "../evaluate/datum.ts";
import { type Callers, Evaluator, type Program } from "../evaluate/evaluator.ts";
import type { Run } from "../evaluate/run.ts";
import { arriveAt } from "../evaluate/statements.ts";
import { explore, type Outcome, Stopped, World } from "../evaluate/world.ts";
import { reasonOf, stepsOf } from "./words.ts";

/** A way on which a program gets to a transport. */
export interface Way {
  readonly program: Program;
  /** The calls that lead to the transport, the one that makes it first. */
  readonly calls: readonly ts.Node[];
  readonly callers: Callers;
}

/** The answers to a question in every world in which all calls of a way are made. */
export interface Answers<T> {
  readonly outcomes: readonly Outcome<T>[];
  /** False where not every world was looked at. */
  readonly complete: boolean;
  /** What kept the question from being answered in some world. */
  readonly blamed: readonly Unknown[];
}

/** Asks a question in every world. `needed` collects functions and classes whose callers decide the answer. */
export function ask<T>(way: Way, needed: Set<ts.Node>, question: (run: Run) => T): Answers<T> {
  const blamed: Unknown[] = [];
  const { outcomes, complete } = explore((world) => {
    const run = new Evaluator(way.program, world, way.callers);
    const result = askIn(run, way, question);
    blamed.push(...run.blamed);
    return result;
  });
  addOwners(blamed, needed);
  return { outcomes, complete, blamed };
}

function addOwners(unknowns: readonly Unknown[], needed: Set<ts.Node>): void {
  for (const { owner } of unknowns.flatMap(rootsOf)) if (owner !== undefined) needed.add(owner);
}

function askIn<T>(run: Run, { calls }: Way, question: (run: Run) => T): T {
  for (const node of calls) arriveAt(node, run.frameAt(node), run);
  return question(run);
}

/** What the answers about an attribute come to: one value, or an unknown with its alternatives and what decides. */
export function tell<T extends Json>(
  way: Way,
  needed: Set<ts.Node>,
  attribute: string,
  question: (run: Run) => Value<T>,
): Value<T> | undefined {
  const { outcomes, complete, blamed } = ask(way, needed, question);
  const distinct = new Map(outcomes.map(({ result }) => [keyOf(result), result] as const).toReversed());
  const [first, ...others] = [...distinct.values()].toReversed();
  if (first === undefined || (others.length === 0 && complete)) return first;
  const values = [first, ...others];
  const causes = decisive(outcomes);
  addOwners(causes, needed);
  const open = values.filter((value) => value.state === "unknown");
  const told = new Set(blamed.map((one) => reasonOf([one])));
  const all = [...causes, ...blamed];
  const reasons = [
    ...(all.length === 0 ? [] : [reasonOf(all)]),
    ...open.map(({ reason }) => reason).filter((reason) => !told.has(reason)),
    ...(complete ? [] : ["more settings have a say than are followed"]),
  ];
  const isWritten = (value: Value<T>): boolean => value.state === "known" && value.isDefault !== true;
  const location = (values.find(isWritten) ?? first).location;
  const chain = [
    ...stepsOf(causes),
    ...open.flatMap((value) => value.chain),
    ...withoutEnvironment(way, causes, attribute, question),
  ];
  const value = unknown([...new Set(reasons)].join("; "), location, chain);
  return complete && open.length === 0 ? { ...value, alternatives: values } : value;
}

/** What holds where the environment sets nothing: a definite meaning of the code, though not of the deployment. */
function withoutEnvironment<T extends Json>(
  way: Way,
  causes: readonly Unknown[],
  attribute: string,
  question: (run: Run) => Value<T>,
): Step[] {
  const root = causes.flatMap(rootsOf).find(({ origin }) => origin === "environment");
  if (root === undefined) return [];
  try {
    const run = new Evaluator(way.program, new World([], true), way.callers);
    const value = askIn(run, way, question);
    if (value.state !== "known" || run.world.decisions.length > 0) return [];
    const words = Array.isArray(value.value) ? value.value.join(", ") : String(value.value);
    return [{ location: root.location, text: `where nothing is set, ${attribute} is ${words}` }];
  } catch (error) {
    if (error instanceof Stopped) return [];
    throw error;
  }
}

function keyOf(value: Value): string {
  if (value.state === "known") return `known ${JSON.stringify(value.value)}`;
  return value.state === "unknown" ? `unknown ${value.reason}` : "absent";
}

/** What the decisions are about of which the two sides lead to different answers. */
function decisive(outcomes: readonly Outcome<Value>[], depth = 0): Unknown[] {
  const decision = outcomes.find(({ decisions }) => decisions.length > depth)?.decisions[depth];
  if (decision === undefined || outcomes.length < 2) return [];
  const side = (answer: boolean): Outcome<Value>[] =>
    outcomes.filter(({ decisions }) => decisions[depth]?.answer === answer);
  const [yes, no] = [side(true), side(false)];
  const below = [...decisive(yes, depth + 1), ...decisive(no, depth + 1)];
  const answers = (some: readonly Outcome<Value>[]): string =>
    [...new Set(some.map(({ result }) => keyOf(result)))].sort().join("\n");
  const matters = yes.length > 0 && no.length > 0 && answers(yes) !== answers(no);
  return matters ? [decision.about, ...below] : below;
}
