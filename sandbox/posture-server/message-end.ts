export interface MessageEnd {
  /** Bytes of the content, without the final dot. */
  readonly content: number;
  /** Where the next command begins. */
  readonly next: number;
}

const strict = Buffer.from("\r\n.\r\n");
const bare = /(?:\r\n|\n|\r)\.(?:\r\n|\n|\r)/;

/**
 * Where a message ends: at CRLF, dot, CRLF and nowhere else, or, for a careless server, at a dot between any line
 * ends. Undefined while the end has not come.
 */
export function findEndOfMessage(input: Buffer, careless = false): MessageEnd | undefined {
  if (input.subarray(0, 3).equals(strict.subarray(2))) return { content: 0, next: 3 };
  if (careless) {
    const match = bare.exec(input.toString("latin1"));
    return match === null ? undefined : { content: match.index, next: match.index + match[0].length };
  }
  const at = input.indexOf(strict);
  return at === -1 ? undefined : { content: at + 2, next: at + strict.length };
}

/** Takes away the dots that the sender doubled at the beginnings of lines. */
export function unstuff(content: Buffer): Buffer {
  const text = content.toString("latin1");
  return Buffer.from(text.replace(/(^|\r\n)\.\./g, "$1."), "latin1");
}
