import { messageOf } from "../error.ts";
import { findEngine } from "./engine.ts";

/** Why no container can be run here; undefined where they can. For the names of tests that are left out. */
export const withoutEngine: string | undefined = await findEngine().then(
  () => undefined,
  (error: unknown) => messageOf(error),
);

/** The title of a group of tests, with the reason where it is left out. */
export function needsEngine(title: string): string {
  return withoutEngine === undefined ? title : `${title} (left out: ${withoutEngine})`;
}
