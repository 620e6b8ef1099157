import type { ConnectionRecord, Segment } from "./record.ts";

/** Marks what a line shows that is secret, and hides the rest of what is. */
export type Marker = (text: string) => string;

const longestTranscript = 400;
const longestLine = 300;

/** Header fields whose values say nothing about anybody. */
const plainFields = /^(mime-version|content-type|content-transfer-encoding|date|message-id|tls-required):/i;

function printable(text: string): string {
  return text.replace(
    /[^\x20-\x7e]/g,
    (character) => `\\x${character.charCodeAt(0).toString(16).padStart(2, "0")}`,
  );
}

/** The lines of a message: names of header fields, and of the rest only those that show a canary. */
function messageLines(text: string, mark: Marker): string[] {
  const shown: string[] = [];
  let hidden = 0;
  const flush = (): void => {
    if (hidden > 0) shown.push(`[${hidden} more bytes of the message]`);
    hidden = 0;
  };
  let inHeader = true;
  for (const line of text.split(/\r?\n/)) {
    if (line === "") inHeader = false;
    const marked = mark(line);
    if (marked !== line) {
      flush();
      shown.push(marked);
    } else if (inHeader && /^[!-9;-~]+:/.test(line)) {
      flush();
      shown.push(plainFields.test(line) ? line : `${line.slice(0, line.indexOf(":") + 1)} [not shown]`);
    } else {
      hidden += line.length + 2;
    }
  }
  flush();
  return shown;
}

/** AUTH without what proves who the sender is. */
function logInLines(text: string, mark: Marker): string[] {
  return text
    .split(/\r?\n/)
    .filter((line) => line !== "")
    .map((line) => {
      const marked = mark(line);
      if (marked !== line) return marked;
      const command = /^(AUTH\s+\S+)(\s+\S.*)?$/i.exec(line);
      if (command === null) return "[credentials not shown]";
      return command[2] === undefined ? line : `${command[1]} [credentials not shown]`;
    });
}

function linesOf({ phase, direction, bytes }: Segment, mark: Marker): string[] {
  const text = bytes.toString("latin1");
  if (phase === "handshake") return [`[${bytes.length} bytes]`];
  if (direction === "in" && phase === "message") return messageLines(text, mark);
  if (direction === "in" && phase === "AUTH") return logInLines(text, mark);
  return text
    .replace(/\r?\n$/, "")
    .split(/\r?\n/)
    .map((line) => (direction === "in" ? mark(line) : line));
}

/**
 * What went over the wire, for people: each line with its time, its direction and whether it could be read by
 * others. Canaries are marked; other content and every credential is left out.
 */
export function writeTranscript(connections: readonly ConnectionRecord[], mark: Marker): string {
  const lines: string[] = [];
  for (const connection of connections) {
    lines.push(`--- connection ${connection.id}, ${new Date(connection.openedAt).toISOString()}`);
    for (const entry of connection.entries) {
      const time = `${(entry.at / 1000).toFixed(3)}s`;
      if (entry.kind === "note") {
        lines.push(`${time} *** ${entry.text}`);
        continue;
      }
      if (entry.layer === "record") continue;
      const who = entry.direction === "in" ? "C" : "S";
      const texts = linesOf(entry, mark).map((text) => printable(text).slice(0, longestLine));
      const shown = texts.length > 20 ? [...texts.slice(0, 18), `[${texts.length - 18} more lines]`] : texts;
      for (const text of shown)
        lines.push(`${time} ${entry.layer === "tls" ? "tls  " : "CLEAR"} ${who}: ${text}`);
    }
  }
  if (lines.length <= longestTranscript) return lines.join("\n");
  return [...lines.slice(0, longestTranscript), `[${lines.length - longestTranscript} more lines]`].join(
    "\n",
  );
}
