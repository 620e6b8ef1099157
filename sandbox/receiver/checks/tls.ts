import { compareTlsVersions, type TlsVersion } from "#base/tls-version.ts";
import { NoReply } from "../../probe/senders/smtp-client.ts";
import { gradeSuite } from "../../probe/suites.ts";
import { commonSuites, helloVersions } from "../../wire/hello-probe.ts";
import { type WeakFamily, weakFamilies, weakSuites } from "../../wire/weak-suites.ts";
import type { CheckResult, ServerCheck } from "../check.ts";
import type { ServerTarget } from "../target.ts";

/** P67a: TLS can be had. */
export const tlsOffered: ServerCheck = async (target) => {
  if (target.implicitTls) {
    return {
      verdict: "held",
      reason: "TLS begins with the connection",
      learned: { "tls.mode": { value: "required" } },
    };
  }
  using talk = await target.open();
  const offered = (await talk.hello()).some((line) => /^STARTTLS$/i.test(line));
  const none = { "tls.mode": { value: "none" } } as const;
  if (!offered) return { verdict: "weak", reason: "STARTTLS is not offered", learned: none };
  try {
    await talk.startTls();
  } catch (error) {
    if (!(error instanceof NoReply)) throw error;
    return {
      verdict: "weak",
      reason: `STARTTLS is offered and cannot be had: ${error.message}`,
      learned: none,
    };
  }
  const { tls } = talk.client;
  const version = tls?.getProtocol() ?? "unknown";
  const cipher = tls?.getCipher().name ?? "unknown";
  return {
    verdict: "held",
    reason: `STARTTLS is offered and works (${version}, ${cipher})`,
    tls: { version, cipher },
  };
};

/** P68a: no version below TLS 1.2 is negotiated. */
export const versions: ServerCheck = async (target): Promise<CheckResult> => {
  const taken: TlsVersion[] = [];
  for (const [name, version] of Object.entries(helloVersions) as [TlsVersion, number][]) {
    const answer = await target.offer(version, commonSuites);
    if (answer.answer === "silent")
      return { verdict: "inconclusive", reason: `the server did not answer an offer of ${name}` };
    if (answer.answer === "accepted" && answer.version === version) taken.push(name);
    target.transcript.push(`C: TLS: ${name} only`, `S: TLS: ${answer.answer}`);
  }
  const modern = (await leftToItself(target))?.version === "TLSv1.3";
  const all: readonly TlsVersion[] = modern ? [...taken, "TLSv1.3"] : taken;
  const oldest = all.toSorted(compareTlsVersions)[0];
  const learned = oldest === undefined ? {} : { "tls.minimumVersion": { value: oldest } };
  const old = taken.filter((version) => compareTlsVersions(version, "TLSv1.2") < 0);
  if (old.length > 0) return { verdict: "weak", reason: `${old.join(", ")} can be negotiated`, learned };
  if (all.length === 0) return { verdict: "weak", reason: "no version of TLS can be negotiated", learned };
  return { verdict: "held", reason: `${all.join(" and ")} can be negotiated, nothing older`, learned };
};

/** TLS as the server does it when it is left to itself; undefined where none can be had. */
async function leftToItself(
  target: ServerTarget,
): Promise<{ version: string | null; cipher: string } | undefined> {
  try {
    using talk = await target.openForMail();
    const { tls } = talk.client;
    return tls === undefined ? undefined : { version: tls.getProtocol(), cipher: tls.getCipher().name };
  } catch (error) {
    if (!(error instanceof NoReply)) throw error;
    return undefined;
  }
}

/** P68b: no weak suite is negotiated, in any version. */
export const suites: ServerCheck = async (target): Promise<CheckResult> => {
  const found: WeakFamily[] = [];
  for (const family of weakFamilies) {
    for (const version of [helloVersions["TLSv1.2"], helloVersions["TLSv1.0"]]) {
      const answer = await target.offer(version, weakSuites[family]);
      target.transcript.push(`C: TLS: suites with ${family} only`, `S: TLS: ${answer.answer}`);
      if (answer.answer === "silent")
        return { verdict: "inconclusive", reason: `the server did not answer an offer of ${family} suites` };
      if (answer.answer !== "accepted" || !weakSuites[family].includes(answer.suite)) continue;
      found.push(family);
      break;
    }
  }
  const learned = { "tls.weakCiphers": { value: found } };
  if (found.length > 0)
    return { verdict: "weak", reason: `suites can be negotiated with: ${found.join(", ")}`, learned };
  const cipher = (await leftToItself(target))?.cipher;
  if (cipher === undefined) return { verdict: "not-run", reason: "the server does no TLS" };
  const grade = gradeSuite(cipher);
  return {
    verdict: "held",
    reason: `no weak suite can be negotiated; left to itself it takes ${cipher} (${grade})`,
    learned,
  };
};
