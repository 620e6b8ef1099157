import type { Primitive, Unknown } from "./datum.ts";

/** One question that had to be answered to go on, and the answer that this world gives. */
export interface Decision {
  readonly key: string;
  readonly about: Unknown;
  readonly answer: boolean;
}

/** Thrown by a world that may not decide anything further. */
class Undecided extends Error {}

/** Thrown where the program under check would not have gone on. */
export class Stopped extends Error {}

/**
 * One way the unknowns of a program may turn out. Questions that nothing in view decides are answered by a script,
 * then by "yes"; every answer is kept, so that one cause is answered the same way throughout.
 */
export class World {
  readonly decisions: Decision[] = [];
  /** Environment variables that no file sets count as unset here. */
  readonly unset: boolean;
  private readonly script: readonly boolean[];
  private readonly answers = new Map<string, boolean>();
  private readonly values = new Map<string, Primitive>();
  private peeking = false;

  constructor(script: readonly boolean[] = [], unset = false) {
    this.script = script;
    this.unset = unset;
  }

  /** The answer given before, if any. */
  answered(key: string): boolean | undefined {
    return this.answers.get(key);
  }

  ask(key: string, about: Unknown): boolean {
    const earlier = this.answers.get(key);
    if (earlier !== undefined) return earlier;
    if (this.peeking) throw new Undecided(key);
    const answer = this.script[this.decisions.length] ?? true;
    this.answers.set(key, answer);
    this.decisions.push({ key, about, answer });
    return answer;
  }

  /** Ends this world: what is asked about is not reached in it. */
  stop(): never {
    throw new Stopped();
  }

  /** Settles an unknown for the rest of this world. */
  assign(unknown: Unknown, value: Primitive): void {
    this.values.set(unknown.key, value);
  }

  has(key: string): boolean {
    return this.values.has(key);
  }

  value(key: string): Primitive {
    return this.values.get(key);
  }

  /** Runs without deciding anything new; undefined where that would have been necessary. */
  peek(run: () => boolean): boolean | undefined {
    const before = this.peeking;
    this.peeking = true;
    try {
      return run();
    } catch (error) {
      if (error instanceof Undecided) return undefined;
      throw error;
    } finally {
      this.peeking = before;
    }
  }
}

export interface Outcome<T> {
  readonly result: T;
  readonly decisions: readonly Decision[];
}

export interface Exploration<T> {
  readonly outcomes: readonly Outcome<T>[];
  /** False where there are more worlds than were looked at. */
  readonly complete: boolean;
}

const maximumWorlds = 96;

/** Runs a computation in every world there is. Worlds in which the program stops before are left out. */
export function explore<T>(run: (world: World) => T): Exploration<T> {
  const outcomes: Outcome<T>[] = [];
  let script: boolean[] | undefined = [];
  for (let worlds = 0; script !== undefined; worlds++) {
    if (worlds === maximumWorlds) return { outcomes, complete: false };
    const world: World = new World(script);
    try {
      outcomes.push({ result: run(world), decisions: world.decisions });
    } catch (error) {
      if (!(error instanceof Stopped)) throw error;
    }
    script = nextScript(world.decisions);
  }
  return { outcomes, complete: true };
}

function nextScript(decisions: readonly Decision[]): boolean[] | undefined {
  const answers = decisions.map(({ answer }) => answer);
  const last = answers.lastIndexOf(true);
  return last === -1 ? undefined : [...answers.slice(0, last), false];
}
