import { existsSync, readdirSync } from "node:fs";
import { fileURLToPath } from "node:url";
import { beforeAll, describe, expect, test } from "vitest";
import { posturesWithBehaviour } from "../posture-server/behaviour.ts";
import { loadPostures } from "../posture-server/load.ts";
import { type Posture, type PostureNeed, postureNeeds } from "../posture-server/posture.ts";
import { loopbackEnvironment } from "../probe/environment.ts";
import type { Observation } from "../probe/observation.ts";
import { type ProbeOutcome, probeSender } from "../probe/probe.ts";
import type { PostureResult } from "../probe/report.ts";
import { CarelessSender } from "../probe/senders/careless.ts";
import { hasLoopback6 } from "../resources/listen.ts";

const postures = await loadPostures();

/** The careless sender asks no zone and no policy, so that it needs none to meet a server. */
const environment = {
  ...loopbackEnvironment(),
  provides: new Set<PostureNeed>(
    (Object.keys(postureNeeds) as PostureNeed[])
      .filter((need) => need !== "content-scan")
      .filter((need) => need !== "loopback-ipv6" || hasLoopback6()),
  ),
  recipients: { exempted: "exempted.test", forwarding: "forwarding@sender.test" },
};

const runnable = postures.filter(
  ({ side, server, needs, starttls }) =>
    side !== "receiver" &&
    server !== undefined &&
    starttls !== "never" &&
    (needs ?? []).every((need) => environment.provides.has(need)),
);

/** Where the careless sender was not seen doing what the posture says that it does; empty where it was. */
function differences(
  { careless }: Posture,
  result: PostureResult | undefined,
  observation: Observation | undefined,
): string[] {
  const found: string[] = [];
  if (result?.verdict !== careless?.verdict)
    found.push(`${result?.verdict}, not ${careless?.verdict}: ${result?.reason}`);
  const session = observation?.connections.find(({ tls }) => tls !== undefined)?.tls;
  for (const [name, value] of Object.entries(careless?.tls ?? {})) {
    const seen = session?.[name as keyof typeof session];
    if (seen !== value) found.push(`${name} is ${seen}, not ${value}`);
  }
  return found;
}

async function runCareless(list: readonly Posture[]): Promise<ProbeOutcome> {
  return await probeSender({
    sender: new CarelessSender(),
    postures: list,
    tls: "starttls",
    retryWaitMs: 100,
    environment,
  });
}

function lookUp(
  { report, observations }: ProbeOutcome,
  id: string,
): [PostureResult | undefined, Observation | undefined] {
  return [
    report.postures.find((result) => result.id === id),
    observations.find(({ posture }) => posture === id),
  ];
}

describe("the careless sender", () => {
  let asTheyAre: ProbeOutcome;
  let replaced: ProbeOutcome;

  beforeAll(async () => {
    asTheyAre = await runCareless(postures);
    // Every hostile server gives way to a good one; everything else about the postures stays.
    const good = postures.map(({ behaviour: _behaviour, host: _host, server, ...posture }) =>
      server === undefined || posture.side === "receiver" ? posture : { ...posture, server: {} },
    );
    replaced = await runCareless(good);
  });

  test.each(runnable.map(({ id }) => id))("is caught in %s, and not by a good server in its place", (id) => {
    const posture = runnable.find((candidate) => candidate.id === id) as Posture;
    expect(differences(posture, ...lookUp(asTheyAre, id))).toEqual([]);
    expect(differences(posture, ...lookUp(replaced, id))).not.toEqual([]);
  });

  test("is caught by the negative control of every group, and by none when the servers are good ones", () => {
    const groups = [...new Set(runnable.map(({ group }) => group))];
    expect(asTheyAre.report.groups.map(({ id, valid }) => [id, valid])).toEqual(
      groups.map((id) => [id, true]),
    );
    expect(replaced.report.groups.map(({ id, valid }) => [id, valid])).toEqual(
      groups.map((id) => [id, false]),
    );
  });

  test("that begins with TLS is caught in clear text and by bad certificates", async () => {
    const sender = new CarelessSender();
    const { report } = await probeSender({
      sender,
      tls: "implicit",
      only: ["P66", "P01", "P14", "P07", "P53", "P65a"],
      retryWaitMs: 100,
    });
    expect(Object.fromEntries(report.postures.map(({ id, verdict }) => [id, verdict]))).toEqual({
      P01: "leaked",
      P07: "weak",
      P14: "weak",
      P53: "not-run",
      P65a: "not-run",
      P66: "leaked",
    });
    expect(report.groups.filter(({ valid }) => !valid)).toEqual([]);
  });
});

describe("posture files", () => {
  const numbers = Array.from({ length: 69 }, (_, index) => `P${String(index + 1).padStart(2, "0")}`);

  test("there is at least one for each of P01 to P69", () => {
    const covered = new Set(postures.map(({ id }) => id.slice(0, 3)));
    expect(numbers.filter((number) => !covered.has(number))).toEqual([]);
  });

  test("each either has a server or says what it needs", () => {
    expect(postures.filter(({ server, needs }) => server === undefined && needs === undefined)).toEqual([]);
  });

  test("each that can be run says what a careless sender does there", () => {
    expect(postures.filter(({ server, careless }) => server !== undefined && careless === undefined)).toEqual(
      [],
    );
  });

  test("each in which delivery is weak or noted says so in words", () => {
    expect(
      postures
        .filter(({ deliveryUnderTls, note }) => (deliveryUnderTls ?? "held") !== "held" && note === undefined)
        .map(({ id }) => id),
    ).toEqual([]);
  });

  test("code of its own is registered, and only where there is some", () => {
    const folder = fileURLToPath(new URL(".", import.meta.url));
    const withFile = readdirSync(folder).filter((id) => existsSync(`${folder}${id}/behaviour.ts`));
    expect(postures.filter(({ behaviour }) => behaviour).map(({ id }) => id)).toEqual(withFile);
    expect([...posturesWithBehaviour].sort()).toEqual(withFile);
  });

  test("the quick suite is the one that was promised", () => {
    expect(postures.filter(({ quick }) => quick).map(({ id }) => id)).toEqual([
      "P01",
      "P02a",
      "P03a",
      "P04a",
      "P04d",
      "P07",
      "P14",
      "P15",
      "P17a",
      "P44a",
      "P49a",
      "P65b",
    ]);
  });
});
