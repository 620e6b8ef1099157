import { messageOf, SandboxError } from "../error.ts";
import type { ServerProbeOutcome } from "../facts/server-facts.ts";
import { Authority } from "../pki/authority.ts";
import { loadPostures } from "../posture-server/load.ts";
import { type Posture, type PostureGroup, postureGroups } from "../posture-server/posture.ts";
import { startPostureServer } from "../posture-server/server.ts";
import type { ProbeEvent } from "../probe/events.ts";
import { recipientDomain } from "../probe/message.ts";
import { type ControlResult, type GroupResult, type PostureResult, summarize } from "../probe/report.ts";
import { selectPostures } from "../probe/select.ts";
import { NoReply } from "../probe/senders/smtp-client.ts";
import { loopbackAddress } from "../resources/listen.ts";
import { checkTarget } from "../resources/owned-target.ts";
import type { CheckResult } from "./check.ts";
import { serverChecks } from "./checks/index.ts";
import { type Purpose, parseTarget, ServerTarget, type TargetOptions } from "./target.ts";

export interface ServerProbeOptions {
  /** `host:port`. */
  readonly target: string;
  /** Hosts beside loopback that the user has listed as owned. */
  readonly owned?: readonly string[];
  /** Default: by the port, else by what the server offers. */
  readonly purpose?: Purpose;
  /** A mailbox that the server takes mail for; default `postmaster`. */
  readonly recipient?: string;
  readonly logIn?: { readonly user: string; readonly password: string };
  /** Domain of a partner that has promised to send over TLS only. */
  readonly partner?: string;
  /** How many messages at once are too many. */
  readonly burst?: number;
  /** Ids of checks and names of groups; all when left out. */
  readonly only?: readonly string[];
  /** Default: the shipped ones. */
  readonly postures?: readonly Posture[];
  /** For one answer; default 10 s. */
  readonly timeoutMs?: number;
  readonly onEvent?: (event: ProbeEvent) => void;
  readonly signal?: AbortSignal;
}

const interrupted = "interrupted before it was run";

async function runCheck(posture: Posture, target: ServerTarget): Promise<CheckResult> {
  const check = serverChecks[posture.id];
  if (check === undefined) return { verdict: "not-run", reason: "there is no check of this name" };
  try {
    return await check(target);
  } catch (error) {
    if (!(error instanceof NoReply)) throw error;
    return { verdict: "inconclusive", reason: `the server did not answer: ${error.message}` };
  }
}

/** The check has to find what is wrong with a server that is careless in just this. */
export async function checkCareless(posture: Posture, authority: Authority): Promise<CheckResult> {
  await using server = await startPostureServer({
    plan: posture.server ?? {},
    authority,
    implicitTls: false,
  });
  const options: TargetOptions = {
    host: "localhost",
    address: loopbackAddress,
    port: server.port,
    partner: "partner.test",
    burst: 20,
    timeoutMs: 5000,
  };
  return await runCheck(posture, await ServerTarget.find(options));
}

async function negativeControl(
  group: PostureGroup,
  postures: readonly Posture[],
  authority: Authority,
): Promise<ControlResult> {
  const posture = postures.find(({ group: own, side }) => own === group && side === "receiver");
  if (posture === undefined) return { passed: false, verdict: "not-run", reason: "the group has no check" };
  const { verdict, reason } = await checkCareless(posture, authority);
  return { passed: verdict === "weak", verdict, reason: `${posture.id}: ${reason}` };
}

async function positiveControl(
  options: TargetOptions,
): Promise<{ result: ControlResult; target: ServerTarget | undefined }> {
  try {
    const target = await ServerTarget.find(options);
    using talk = await target.open();
    const capabilities = await talk.hello();
    const answers = talk.greeting.code === 220 && capabilities.length > 0;
    const reason = answers
      ? `the server answers, as one for ${target.purpose}`
      : `the server greeted with ${talk.greeting.code} and does not know EHLO`;
    return { result: { passed: answers, verdict: answers ? "held" : "inconclusive", reason }, target };
  } catch (error) {
    if (!(error instanceof NoReply)) throw error;
    const reason = `the server does not answer: ${messageOf(error)}`;
    return { result: { passed: false, verdict: "inconclusive", reason }, target: undefined };
  }
}

/**
 * Puts a receiving server to the test. It must be loopback or listed as owned; no message is delivered unless the
 * server takes a wrong end of a message for the end.
 * @throws SandboxError for a target that is none or not owned, or a posture file with a mistake
 */
export async function probeServer(options: ServerProbeOptions): Promise<ServerProbeOutcome> {
  const { onEvent, signal } = options;
  const { host, port } = parseTarget(options.target);
  const owned = await checkTarget(host, options.owned);
  if (!owned.owned) throw new SandboxError("usage", "target-not-owned", owned.reason);
  const all = options.postures ?? (await loadPostures());
  const receiving = all.filter(({ side }) => side === "receiver");
  const selected = selectPostures(receiving, { only: options.only });
  const groupIds = postureGroups.filter((group) => selected.some((posture) => posture.group === group));
  onEvent?.({ kind: "start", postures: selected.length, groups: groupIds });
  const authority = await Authority.create({ hosts: ["localhost", loopbackAddress], recipientDomain });
  const { purpose, recipient, logIn, partner, burst } = options;
  const { result: positive, target } = await positiveControl({
    host,
    port,
    address: owned.address,
    timeoutMs: options.timeoutMs ?? 10_000,
    ...(purpose === undefined ? {} : { purpose }),
    ...(recipient === undefined ? {} : { recipient }),
    ...(logIn === undefined ? {} : { logIn }),
    ...(partner === undefined ? {} : { partner }),
    ...(burst === undefined ? {} : { burst }),
  });
  const groups: GroupResult[] = [];
  const postures: PostureResult[] = [];
  const learned: Record<string, NonNullable<CheckResult["learned"]>> = {};
  for (const group of groupIds) {
    const negative = await negativeControl(group, receiving, authority);
    onEvent?.({ kind: "control", group, control: "positive", result: positive });
    onEvent?.({ kind: "control", group, control: "negative", result: negative });
    for (const posture of selected.filter((candidate) => candidate.group === group)) {
      const fresh = target?.fresh();
      const stop =
        signal?.aborted === true ? interrupted : target === undefined ? positive.reason : undefined;
      const result =
        fresh === undefined || stop !== undefined
          ? {
              verdict: signal?.aborted === true ? ("not-run" as const) : ("inconclusive" as const),
              reason: stop ?? positive.reason,
            }
          : await runCheck(posture, fresh);
      const { id, title, requirements } = posture;
      const found: PostureResult = {
        id,
        group,
        title,
        verdict: result.verdict,
        reason: result.reason,
        requirements,
        leaked: [],
        tls: "tls" in result ? (result.tls ?? null) : null,
        transcript: fresh?.transcript.join("\n") ?? "",
      };
      if ("learned" in result && result.learned !== undefined) learned[id] = result.learned;
      postures.push(found);
      onEvent?.({ kind: "posture", result: found });
    }
    const result = { id: group, valid: positive.passed && negative.passed, controls: { positive, negative } };
    groups.push(result);
    onEvent?.({ kind: "group", result });
  }
  const report = {
    schemaVersion: "1" as const,
    sender: { kind: "server" as const, name: options.target },
    driver: "in-process" as const,
    groups,
    postures,
    summary: summarize(groups, postures, signal?.aborted === true),
  };
  return { report, learned, purpose: target?.purpose };
}
