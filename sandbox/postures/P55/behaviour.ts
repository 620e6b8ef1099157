import type { PostureBehaviour } from "../../posture-server/behaviour.ts";

/** A lone dot between line ends that are not both CRLF, with or without a NUL beside it. */
const looseEnd = /(\r\n|\n|\r)\0?\.\0?(\r\n|\n|\r)/g;

const names: Readonly<Record<string, string>> = { "\r": "CR", "\n": "LF", "\0": "NUL", ".": "dot" };

function name(sequence: string): string {
  return [...sequence].map((character) => names[character] ?? character).join(" ");
}

export const behaviour: PostureBehaviour = {
  judge(connection) {
    const messages = connection.received("tls").filter(({ phase }) => phase === "message");
    const loose = new Set<string>();
    for (const { bytes } of messages) {
      // The end that the server itself believed is the last five bytes.
      const content = bytes.subarray(0, -5).toString("latin1");
      for (const [sequence] of content.matchAll(looseEnd)) loose.add(name(sequence));
    }
    const smuggled = connection
      .received("tls")
      .some(({ phase, bytes }) => phase === "MAIL" && bytes.includes("smuggled-"));
    return [
      ...(smuggled ? ["a line of the body became a command: a second message was smuggled out"] : []),
      ...(loose.size === 0
        ? []
        : [`it passed on what other servers take for the end of a message: ${[...loose].join("; ")}`]),
    ];
  },
};
