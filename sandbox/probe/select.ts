import { SandboxError } from "../error.ts";
import { type Posture, type PostureGroup, postureGroups, postureNeeds } from "../posture-server/posture.ts";
import type { CanaryPart } from "./canary.ts";
import type { ProbeEnvironment } from "./environment.ts";
import type { TlsStart } from "./sender.ts";

/**
 * The postures of a run.
 * @param only ids and groups; all when undefined
 * @throws SandboxError for a name that is neither
 */
export function selectPostures(
  postures: readonly Posture[],
  { quick, only }: { readonly quick?: boolean | undefined; readonly only?: readonly string[] | undefined },
): readonly Posture[] {
  const unknown = only?.find(
    (name) => !postures.some(({ id }) => id === name) && !(postureGroups as readonly string[]).includes(name),
  );
  if (unknown !== undefined) {
    const text = `there is no posture or group ${unknown}: \`hipaa-check sandbox probe --list\` names them all`;
    throw new SandboxError("usage", "no-such-posture", text);
  }
  return postures
    .filter((posture) => quick !== true || posture.quick === true)
    .filter(({ id, group }) => only === undefined || only.includes(id) || only.includes(group));
}

/**
 * Why a posture cannot be run here; undefined where it can.
 * @param tls undefined while it is not known yet how the sender begins TLS
 * @param carried parts of the message that the sender was seen passing on; undefined while none has arrived
 */
export function whyNotRun(
  posture: Posture,
  environment: ProbeEnvironment,
  tls: TlsStart | undefined,
  carried?: ReadonlySet<CanaryPart>,
): string | undefined {
  if (posture.side === "receiver") return "it puts a receiving server to the test: probe one with --server";
  const missing = posture.needs?.find((need) => !environment.provides.has(need));
  if (missing !== undefined) return `it needs ${postureNeeds[missing]}`;
  if (posture.server === undefined) return "it has no server that can be run here";
  if (carried !== undefined) {
    const { headers, payload } = posture.message ?? {};
    if (headers !== undefined && !carried.has("header"))
      return "it needs a sender that passes on the header fields that it is given";
    if (payload !== undefined && !carried.has("body"))
      return "it needs a sender that passes on the body that it is given";
  }
  if (tls === "implicit" && posture.implicit === "never") {
    return "the sender speaks TLS from the first byte and never asks for STARTTLS";
  }
  if (tls === "starttls" && posture.starttls === "never") {
    return "the sender asks for STARTTLS and never speaks TLS from the first byte";
  }
  return undefined;
}

/** What stands in when no posture of a group can catch a careless sender that speaks TLS from the first byte. */
const clearServer: Posture = {
  id: "clear-text server",
  group: "capability",
  title: "A clear-text server where TLS is expected",
  why: "",
  requirements: [],
  implicit: "clear",
  server: { capabilities: ["8BITMIME"] },
  careless: { verdict: "leaked" },
};

/** The posture in which the careless sender has to be caught before a group counts. */
export function negativeControl(
  group: PostureGroup,
  postures: readonly Posture[],
  environment: ProbeEnvironment,
  tls: TlsStart,
): Posture {
  const catches = ({ careless, implicit }: Posture): boolean => {
    if (careless?.verdict === "weak") return true;
    return careless?.verdict === "leaked" && (tls === "starttls" || implicit === "clear");
  };
  const found = postures.find(
    (posture) =>
      posture.group === group && catches(posture) && whyNotRun(posture, environment, tls) === undefined,
  );
  return found ?? clearServer;
}
