import { cpSync, readFileSync, statSync } from "node:fs";
import { basename, join } from "node:path";
import { fileURLToPath } from "node:url";
import { describe, expect, test } from "vitest";
import { type Measurement, readResults } from "#sandbox/measured/results.ts";
import { type MeasuredSender, measuredSenders } from "#sandbox/measured/senders.ts";
import { loadPostures } from "#sandbox/posture-server/load.ts";
import { reportOf, TemporaryFolder } from "./testing.ts";

/*
 * What the static rules say of a configuration is held against what its sender was seen doing. Exim, OpenSMTPD, swaks
 * and msmtp have no collector: nothing static is said of them.
 */

const measuredFolder = fileURLToPath(new URL("../sandbox/measured/", import.meta.url));
const results = new Map(readResults().map((measurement) => [measurement.id, measurement]));
const postures = await loadPostures();

type Configured = MeasuredSender & { readonly configuration: string };

const configured = measuredSenders.filter(
  (sender): sender is Configured => sender.configuration !== undefined && results.has(sender.id),
);

function measurementOf(id: string): Measurement {
  const found = results.get(id);
  if (found === undefined) throw new Error(`${id} was not measured`);
  return found;
}

/** The configuration as it stands in a project, beside what says which release it is for. */
function projectOf({ id, configuration }: Configured): TemporaryFolder {
  const source = join(measuredFolder, configuration);
  const [, version = ""] = /^\S+ ([\d.]+)/.exec(measurementOf(id).software) ?? [];
  if (statSync(source).isDirectory()) {
    const folder = new TemporaryFolder({ ".env": `mail_version=${version}\n` });
    cpSync(source, folder.path, { recursive: true });
    return folder;
  }
  return new TemporaryFolder({
    ".env": "HIPAA_CHECK_SMTP_PORT=587\n",
    "package.json": JSON.stringify({ dependencies: { nodemailer: version } }),
    // An earlier release is installed under a name of its own here.
    [basename(source)]: readFileSync(source, "utf8").replace(/"nodemailer-\d+"/, '"nodemailer"'),
  });
}

const remembered = new Map<string, ReadonlyMap<string, string>>();

/** What the static rules say of a configuration, by rule; several routes are as bad as the worst of them. */
function staticVerdicts(sender: Configured): ReadonlyMap<string, string> {
  const earlier = remembered.get(sender.id);
  if (earlier !== undefined) return earlier;
  using folder = projectOf(sender);
  const { report } = reportOf(folder, "--env-file", ".env", "--fail-on", "never");
  const order = ["fail", "unknown", "pass", "not-applicable"];
  const found = new Map<string, string>();
  for (const { rule, verdict } of report.results) {
    const known = found.get(rule);
    if (known === undefined || order.indexOf(verdict) < order.indexOf(known)) found.set(rule, verdict);
  }
  remembered.set(sender.id, found);
  return found;
}

const idsOf = (...groups: readonly string[]): readonly string[] =>
  postures
    .filter(
      ({ group, side, message }) => groups.includes(group) && side !== "receiver" && message === undefined,
    )
    .map(({ id }) => id);

const lowered = idsOf("capability", "handshake");
const otherWays = ["P58", "P63"];
const badCertificates = ["P14", "P15", "P16", "P17a", "P17b", "P18"];
const oldVersions = ["P07", "P08"];
const brokenSuites = ["P09a", "P09b", "P10"];
const logIns = ["P65a", "P65b", "P65c"];
const bounces = ["P50a", "P50b"];

interface Claim {
  readonly rule: string;
  /** Postures in which something unsafe would contradict a pass. */
  readonly postures: readonly string[];
  /** What is unsafe there: a verdict, with words of its reason. */
  readonly unsafe: RegExp;
  /** Further postures that show what a fail means; those above when left out. */
  readonly failing?: readonly string[];
  /**
   * Senders that do better than their configuration says, because of something that it does not hold. A fail stays
   * right for them: the next build or the next domain may not do so.
   */
  readonly better?: Readonly<Record<string, string>>;
}

const publishedBy = "what the recipient's domain publishes raises the level";
const securityLevel = "OpenSSL's security level 1, which Postfix asks for here, has no TLS 1.0 and 1.1";

const claims: readonly Claim[] = [
  {
    rule: "mail/outbound-tls",
    postures: [...lowered, ...badCertificates, ...otherWays],
    unsafe: /^leaked: /,
  },
  {
    rule: "mail/outbound-verification",
    postures: badCertificates,
    unsafe: /^(leaked|weak): /,
    // Whoever reads clear text has shown no certificate either.
    failing: [...badCertificates, ...lowered],
  },
  {
    rule: "mail/outbound-tls-version",
    postures: oldVersions,
    unsafe: /^weak: it sent over/,
    better: {
      "postfix-verify": securityLevel,
      "postfix-secure": securityLevel,
      "postfix-dane-tlsa": publishedBy,
      "postfix-mta-sts-enforce": publishedBy,
    },
  },
  {
    rule: "mail/outbound-ciphers",
    postures: brokenSuites,
    unsafe: /^weak: it sent with the suite/,
    better: { "postfix-dane-tlsa": publishedBy, "postfix-mta-sts-enforce": publishedBy },
  },
  { rule: "mail/message-cannot-lower-tls", postures: ["P61"], unsafe: /^leaked: / },
  { rule: "mail/bounces-return-no-content", postures: bounces, unsafe: /^leaked: / },
  {
    rule: "mail/client-credentials",
    postures: logIns,
    unsafe: /^leaked: .*password/,
    better: {
      "nodemailer-9-require-and-opportunistic-tls":
        "it goes on in clear text before it has read which log-ins are offered, and then believes that there is none",
    },
  },
];

/** Postures of a list in which a sender was seen doing what is unsafe. */
function unsafeIn(sender: string, ids: readonly string[], unsafe: RegExp): string[] {
  const { verdicts } = measurementOf(sender);
  return ids.filter((id) => {
    const { verdict, reason } = verdicts[id] ?? {};
    return unsafe.test(`${verdict}: ${reason}`);
  });
}

describe("the static rules agree with what was seen of", () => {
  test.each(configured.map((sender) => [sender.id, sender] as const))("%s", (id, sender) => {
    const found = staticVerdicts(sender);
    expect(found.get("mail/outbound-tls")).toMatch(/^(pass|fail)$/);
    expect(found.get("mail/outbound-verification")).toMatch(/^(pass|fail)$/);
    for (const { rule, postures: ids, unsafe, failing = ids, better = {} } of claims) {
      const verdict = found.get(rule);
      if (verdict === "pass") expect([rule, unsafeIn(id, ids, unsafe)]).toEqual([rule, []]);
      if (verdict !== "fail") continue;
      const seen = unsafeIn(id, failing, unsafe);
      if (better[id] === undefined) expect([rule, seen]).not.toEqual([rule, []]);
      else expect([rule, seen]).toEqual([rule, []]);
    }
  });

  test("senders enough that each rule was seen to pass and to fail", () => {
    const all = configured.map(staticVerdicts);
    for (const { rule } of claims) {
      const verdicts = new Set(all.map((found) => found.get(rule)));
      expect([rule, verdicts.has("pass"), verdicts.has("fail")]).toEqual([rule, true, true]);
    }
  });

  test("senders that do better than their configuration says, for each that is named", () => {
    for (const { rule, better = {} } of claims) {
      for (const id of Object.keys(better)) {
        const sender = configured.find((entry) => entry.id === id);
        expect([id, rule, sender && staticVerdicts(sender).get(rule)]).toEqual([id, rule, "fail"]);
      }
    }
  });
});
