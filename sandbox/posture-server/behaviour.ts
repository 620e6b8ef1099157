import type { Authority } from "../pki/authority.ts";
import type { ConnectionRecord } from "../wire/record.ts";
import type { ServerPlan } from "./plan.ts";
import type { SessionHooks } from "./session.ts";

/** What a posture does beyond its data: what `behaviour.ts` in its folder exports under the name `behaviour`. */
export interface PostureBehaviour {
  readonly hooks?: SessionHooks;
  /** Addresses of the server; all get the same port. */
  readonly addresses?: readonly string[];
  /** Another plan for those who come in on this address. */
  planFor?(address: string): ServerPlan | undefined;
  /** Runs before the server starts; what it gives lives as long as the server. */
  prepare?(authority: Authority): Promise<AsyncDisposable>;
  /** What makes a delivery unsafe although it was encrypted, one clause each. */
  judge?(connection: ConnectionRecord): readonly string[];
}

type Load = () => Promise<{ readonly behaviour: PostureBehaviour }>;

/** The postures with code of their own. */
const behaviours: Readonly<Record<string, Load>> = {
  P13: () => import("../postures/P13/behaviour.ts"),
  P21: () => import("../postures/P21/behaviour.ts"),
  P52: () => import("../postures/P52/behaviour.ts"),
  P53: () => import("../postures/P53/behaviour.ts"),
  P55: () => import("../postures/P55/behaviour.ts"),
  P59: () => import("../postures/P59/behaviour.ts"),
};

export const posturesWithBehaviour: readonly string[] = Object.keys(behaviours);

/** The code of a posture; undefined for one that is data only. */
export async function loadBehaviour(id: string): Promise<PostureBehaviour | undefined> {
  return (await behaviours[id]?.())?.behaviour;
}
