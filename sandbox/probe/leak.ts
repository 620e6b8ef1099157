import { headerFields } from "../mailbox/trace.ts";
import type { ConnectionRecord, Layer, Phase, ReceivedMessage, Segment } from "../wire/record.ts";
import type { Canaries, CanaryEncoding, CanaryPart, Sighting } from "./canary.ts";

/** Something that was shown to whoever listens. */
export interface Leak {
  readonly part: CanaryPart;
  /** Where in the dialogue; `record`: inside TLS records that are not encrypted; `bounce`: in a report of the sender. */
  readonly phase: Phase | "record" | "bounce";
  readonly encoding: CanaryEncoding;
}

/** What may be said in clear text: the opening of the protocol and nothing else. */
const opening: ReadonlySet<Phase> = new Set(["greeting", "EHLO", "STARTTLS", "handshake", "RSET", "QUIT"]);

/** What is shown when a phase is reached in clear text, canary or not: the message may be another than the probe's. */
const partOf: Partial<Record<Phase, CanaryPart>> = { MAIL: "address", RCPT: "address", message: "body" };

function byPhase(segments: readonly Segment[]): Map<Phase, Buffer> {
  const found = new Map<Phase, Buffer[]>();
  for (const { phase, bytes } of segments) found.set(phase, [...(found.get(phase) ?? []), bytes]);
  return new Map([...found].map(([phase, parts]) => [phase, Buffer.concat(parts)]));
}

export interface LeakOf {
  /** Whose canaries they were; undefined where none was seen. */
  readonly posture: string | undefined;
  readonly leak: Leak;
}

function fromSightings(sightings: readonly Sighting[], phase: Leak["phase"]): LeakOf[] {
  return sightings.map(({ canary, encoding }) => ({
    posture: canary.posture,
    leak: { part: canary.part, phase, encoding },
  }));
}

/** Everything that one connection showed in clear text, or in records that can be read without a key. */
export function leaksOf(connection: ConnectionRecord, canaries: Canaries): LeakOf[] {
  const leaks: LeakOf[] = [];
  for (const [phase, bytes] of byPhase(connection.received("clear"))) {
    const seen = fromSightings(canaries.find(bytes), phase);
    leaks.push(...seen);
    const part = partOf[phase];
    if (part !== undefined && !seen.some(({ leak }) => leak.part === part)) {
      leaks.push({ posture: undefined, leak: { part, phase, encoding: "raw" } });
    }
    if (phase === "AUTH" && !seen.some(({ leak }) => leak.part === "password") && showsSecret(bytes)) {
      leaks.push({ posture: undefined, leak: { part: "password", phase, encoding: "base64" } });
    }
  }
  const records = Buffer.concat(connection.received("record").map(({ bytes }) => bytes));
  leaks.push(...fromSightings(canaries.find(records), "record"));
  return unique(leaks);
}

/** True where an AUTH dialogue holds more than the name of a mechanism. */
function showsSecret(bytes: Buffer): boolean {
  return bytes
    .toString("latin1")
    .split(/\r?\n/)
    .some((line) => (/^AUTH\s+\S+\s+\S/i.test(line) || !/^AUTH\b/i.test(line)) && !/^\*?$/.test(line));
}

/** Clear text that belongs to no command that is known, and shows no canary. */
export function unexplained(connection: ConnectionRecord): number {
  return connection
    .received("clear")
    .filter(({ phase }) => phase === "other" && !opening.has(phase))
    .reduce((sum, { bytes }) => sum + bytes.length, 0);
}

/** A message that reports on another one: null sender, or a delivery report. */
export function isBounce({ from, content }: Pick<ReceivedMessage, "from" | "content">): boolean {
  return (
    from === "" || /^content-type:\s*multipart\/report/im.test(content.subarray(0, 16_384).toString("latin1"))
  );
}

/** Whom a message is from and whom it is for, as the sender was told. */
export interface Correspondents {
  readonly from: string;
  readonly to: string;
}

/**
 * Whether a message tells whoever wrote the probe's message what became of it: a bounce, or what an application writes
 * under an address of its own. A copy of the message itself names its recipient.
 */
export function isReport(message: ReceivedMessage, { from, to }: Correspondents): boolean {
  if (isBounce(message)) return true;
  const named = headerFields(message.content).filter((field) => /^(?:to|cc):/i.test(field));
  return (
    message.to.some((address) => address.toLowerCase() === from) &&
    !named.some((field) => field.toLowerCase().includes(to))
  );
}

/** Parts that a report repeats although it may not, whether or not it came under TLS. */
export function echoesOf(
  reports: readonly ReceivedMessage[],
  canaries: Canaries,
  forbidden: readonly CanaryPart[],
): LeakOf[] {
  const sightings = reports.flatMap(({ content }) => canaries.find(content));
  return unique(
    fromSightings(
      sightings.filter(({ canary }) => forbidden.includes(canary.part)),
      "bounce",
    ),
  );
}

/** True when anything but the opening was said in one layer. */
export function saidMore(connection: ConnectionRecord, layer: Layer): boolean {
  return connection.received(layer).some(({ phase }) => !opening.has(phase) && phase !== "other");
}

function unique(leaks: readonly LeakOf[]): LeakOf[] {
  const seen = new Map(leaks.map((entry) => [JSON.stringify(entry), entry]));
  return [...seen.values()];
}
