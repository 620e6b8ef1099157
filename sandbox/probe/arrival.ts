import { headerFields } from "../mailbox/trace.ts";
import type { ConnectionRecord, ReceivedMessage } from "../wire/record.ts";
import type { Canaries, Canary, CanaryPart } from "./canary.ts";

/** Where content can stand that does not belong there: everybody on the way reads it, and logs keep it. */
export const exposedPlaces = ["subject", "header", "address", "file-name"] as const;
export type ExposedPlace = (typeof exposedPlaces)[number];

/** What the first message that a good server took over carried of what the sender was told to send. */
export interface Arrival {
  readonly parts: readonly CanaryPart[];
  /** Where the text of the body or of the attachment stood outside of them. */
  readonly exposed: readonly ExposedPlace[];
  /** The name by which the sender introduced itself. */
  readonly heloName: string | undefined;
}

function ownCanaries(text: Buffer, posture: string, canaries: Canaries): Canary[] {
  return canaries
    .find(text)
    .map(({ canary }) => canary)
    .filter((canary) => canary.posture === posture);
}

/** Parts of a posture's message that arrived, in whatever message. */
export function carriedParts(
  messages: readonly ReceivedMessage[],
  posture: string,
  canaries: Canaries,
): ReadonlySet<CanaryPart> {
  const found = messages.flatMap(({ content, to }) => {
    const text = Buffer.concat([Buffer.from(`${to.join(" ")}\n`), content]);
    return ownCanaries(text, posture, canaries);
  });
  return new Set(found.map(({ part }) => part));
}

/** Content, and not the name of the file that holds it. */
function isContent({ part, written }: Canary): boolean {
  return part === "body" || (part === "attachment" && written === "base64");
}

const fileName = /\bname\*?\d?\*?=(?:"[^"]*"|[^;\r\n]+)/gi;

function exposedIn(
  { from, to, content }: ReceivedMessage,
  posture: string,
  canaries: Canaries,
): ExposedPlace[] {
  const shows = (text: string): boolean =>
    ownCanaries(Buffer.from(text, "latin1"), posture, canaries).some(isContent);
  const fields = headerFields(content);
  const isSubject = (field: string): boolean => /^subject:/i.test(field);
  const texts: Readonly<Record<ExposedPlace, readonly string[]>> = {
    subject: fields.filter(isSubject),
    header: fields.filter((field) => !isSubject(field)),
    address: [from, ...to],
    "file-name": content.toString("latin1").match(fileName) ?? [],
  };
  return exposedPlaces.filter((place) => texts[place].some(shows));
}

/** The last EHLO, or HELO, of a connection. */
function heloName(connection: ConnectionRecord): string | undefined {
  const hellos = [...connection.received("clear"), ...connection.received("tls")]
    .filter(({ phase }) => phase === "EHLO")
    .map(({ bytes }) => /^(?:EHLO|HELO|LHLO)[ \t]+(\S+)/i.exec(bytes.toString("latin1"))?.[1]);
  return hellos.findLast((name) => name !== undefined);
}

export function arrivalOf(
  connection: ConnectionRecord,
  message: ReceivedMessage,
  posture: string,
  canaries: Canaries,
): Arrival {
  return {
    parts: [...carriedParts([message], posture, canaries)],
    exposed: exposedIn(message, posture, canaries),
    heloName: heloName(connection),
  };
}
