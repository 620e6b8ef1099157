import { compareTlsVersions, type TlsVersion } from "#base/tls-version.ts";
import type { StatedFact, StatedValue } from "#facts/facts-file.ts";
import type { ProbeOutcome } from "../probe/probe.ts";
import type { PostureResult } from "../probe/report.ts";
import { weakFamiliesIn } from "../wire/weak-suites.ts";

/** What must have been run before it can be said that a sender holds. */
const capabilityFloor = ["P01", "P02a", "P03a", "P04a"];
const certificateFloor = ["P14", "P15", "P17a"];
const chainFloor = ["P14", "P15"];

function line({ id, verdict, reason }: PostureResult): string {
  return `${id} ${verdict}: ${reason}`;
}

function missing(results: ReadonlyMap<string, PostureResult>, ids: readonly string[]): string[] {
  return ids.filter((id) => results.get(id)?.verdict !== "held");
}

/** Reads the verdicts of a run as the effective policy of the sender's outbound route. */
export function routeFact({ report, observations }: ProbeOutcome): StatedFact {
  const results = new Map(report.postures.map((result) => [result.id, result]));
  const valid = (group: string): boolean =>
    report.groups.some(({ id, valid: isValid }) => id === group && isValid);
  const ran = report.postures.filter(({ verdict }) => verdict !== "not-run");
  // What only a header of the message brought about is a question of its own (message.loweringHonoured).
  const isLowered = ({ id }: PostureResult): boolean =>
    id === "P61" && results.get("P01")?.verdict === "held";
  const shown = ran
    .filter(({ leaked }) => leaked.some(({ phase }) => phase !== "bounce"))
    .filter((result) => !isLowered(result));
  const controls = report.groups.map(({ controls: { positive } }) => positive);

  const mode = (): StatedValue => {
    if (controls.some(({ verdict }) => verdict === "leaked")) {
      return { value: "none", because: ["a good server offered TLS, and the sender spoke in clear text"] };
    }
    if (shown.length > 0) return { value: "opportunistic", because: shown.slice(0, 5).map(line) };
    const open = missing(results, capabilityFloor);
    if (!valid("capability")) return { unknown: "the controls of the group capability did not pass" };
    const undecided = ran.filter(
      ({ group, verdict }) => ["capability", "handshake"].includes(group) && verdict === "inconclusive",
    );
    if (open.length > 0 || undecided.length > 0) {
      return {
        unknown: `${[...open, ...undecided.map(({ id }) => id)].join(", ")} did not show that the sender holds`,
      };
    }
    return {
      value: "required",
      because: capabilityFloor
        .map((id) => results.get(id))
        .filter((result) => result !== undefined)
        .map(line),
    };
  };

  const verification = (): StatedValue => {
    const certificate = ran.filter(({ group }) => group === "certificate");
    const weak = certificate.filter(({ verdict }) => verdict === "weak");
    const trusting = weak.filter(({ id }) => ["P14", "P15", "P16", "P18", "P25", "P26a"].includes(id));
    if (trusting.length > 0) return { value: "none", because: trusting.map(line) };
    if (!valid("certificate")) return { unknown: "the controls of the group certificate did not pass" };
    const named = weak.filter(({ id }) => ["P17a", "P17b", "P20", "P24"].includes(id));
    if (named.length > 0 && missing(results, chainFloor).length === 0)
      return { value: "chain", because: named.map(line) };
    const open = missing(results, certificateFloor);
    if (open.length > 0) return { unknown: `${open.join(", ")} did not show that the sender verifies` };
    return {
      value: "name",
      because: certificateFloor
        .map((id) => results.get(id))
        .filter((result) => result !== undefined)
        .map(line),
    };
  };

  const hellos = observations
    .flatMap(({ connections }) => connections.map(({ clientHello }) => clientHello))
    .filter((hello) => hello !== undefined);

  const minimumVersion = (): StatedValue => {
    for (const [id, version] of [
      ["P07", "TLSv1.0"],
      ["P08", "TLSv1.1"],
    ] as const) {
      const result = results.get(id);
      if (result?.verdict === "weak") return { value: version, because: [line(result)] };
    }
    // A sender that lists its versions says all; an older one names its newest only.
    const listed = hellos
      .filter(({ versions }) => versions.length > 1 || versions.includes("TLSv1.3"))
      .flatMap(({ versions }) => versions);
    const oldest = listed.toSorted(compareTlsVersions)[0] as TlsVersion | undefined;
    if (oldest !== undefined)
      return {
        value: oldest,
        because: ["the oldest version that the sender offers in its first TLS message"],
      };
    if (missing(results, ["P07", "P08"]).length === 0)
      return { value: "TLSv1.2", because: ["P07 and P08 held"] };
    return { unknown: "the sender did not list its versions, and TLS 1.0 and 1.1 were not both put to it" };
  };

  const loggedIn = observations
    .flatMap(({ connections }) => connections.map(({ authentication }) => authentication))
    .filter((found) => found !== undefined);

  const mechanism = (): StatedValue | undefined => {
    if (loggedIn.some((name) => ["XOAUTH2", "OAUTHBEARER"].includes(name))) return { value: "oauth2" };
    if (loggedIn.length > 0) return { value: "password", because: [`the sender used AUTH ${loggedIn[0]}`] };
    return observations.some(({ judgement }) => judgement.delivered) ? { value: "none" } : undefined;
  };

  const clearLogIn = (): StatedValue | undefined => {
    const passwords = ran.filter(({ leaked }) =>
      leaked.some(({ part, phase }) => part === "password" && phase !== "bounce"),
    );
    if (passwords.length > 0) return { value: true, because: passwords.slice(0, 5).map(line) };
    const credentials = ran.filter(({ group }) => group === "credentials");
    if (loggedIn.length === 0) return undefined;
    if (
      credentials.length > 0 &&
      valid("credentials") &&
      credentials.every(({ verdict }) => verdict === "held")
    ) {
      return { value: false, because: credentials.map(line) };
    }
    return { unknown: "no posture that offers a log-in in clear text was decided" };
  };

  const lowering = (): StatedValue | undefined => {
    const header = results.get("P61");
    if (header?.verdict === "held") return { value: false, because: [line(header)] };
    const plain = results.get("P01");
    if (header?.verdict === "leaked" && plain?.verdict === "held")
      return { value: true, because: [line(header), line(plain)] };
    return undefined;
  };

  return {
    kind: "mail.route",
    id: report.sender.name,
    attributes: {
      product: { value: report.sender.kind },
      "tls.mode": mode(),
      "tls.verification": verification(),
      "tls.minimumVersion": minimumVersion(),
      "tls.weakCiphers":
        hellos.length === 0
          ? { unknown: "the sender never began a TLS handshake" }
          : {
              value: weakFamiliesIn(hellos.flatMap(({ suites }) => suites)),
              because: ["the suites that the sender offers in its first TLS messages"],
            },
      "authentication.mechanism": mechanism(),
      "authentication.cleartextAllowed": clearLogIn(),
      "message.loweringHonoured": lowering(),
    },
  };
}
