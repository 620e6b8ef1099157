import type { QueueState } from "../../probe/sender.ts";

/** Short ones are hexadecimal, long ones of digits and consonants. */
const queueId = /\]: ([0-9A-F]{6,}|(?=[A-Za-z]*\d)[0-9B-DF-HJ-NP-TV-Zb-df-hj-np-tv-z]{10,}): /;

/** What Postfix's log says of its queue. The queue manager tells of every message that comes, is put off and goes. */
export class QueueLog {
  private text = "";
  private start = 0;

  add(chunk: string): void {
    this.text += chunk;
  }

  /** Everything that was logged. */
  get all(): string {
    return this.text;
  }

  /** From now on only what is logged later counts. */
  forget(): void {
    this.start = this.text.length;
  }

  /** Why a program of Postfix cannot run with this configuration; undefined where all do. */
  fatal(): string | undefined {
    return /\]: (?:fatal|panic): (.*)/.exec(this.recent())?.[1];
  }

  /** The mail filter for want of which messages stay outside the queue; undefined where they come in. */
  missingFilter(): string | undefined {
    const recent = this.recent();
    if (!/: milter-reject: \S+ from \S+ 4\.7\.1 /.test(recent)) return undefined;
    return /warning: connect to Milter service (\S+): /.exec(recent)?.[1];
  }

  state(recipient: string): QueueState {
    const held = new Set<string>();
    const tries = new Map<string, number>();
    let reason = "";
    let reported = false;
    for (const line of this.recent().split("\n")) {
      const id = queueId.exec(line)?.[1];
      if (id === undefined) continue;
      if (/: removed$/.test(line)) held.delete(id);
      // Every message that comes, and no other: the queue manager may still speak of earlier ones.
      else if (/\/cleanup\[/.test(line)) held.add(id);
      if (line.includes(": sender non-delivery notification: ")) reported = true;
      const [, to, status, why = ""] = /: to=<([^>]*)>.* status=(\w+)(?: \((.*)\))?/.exec(line) ?? [];
      if (to === undefined) continue;
      tries.set(to, (tries.get(to) ?? 0) + 1);
      if (to.toLowerCase() === recipient.toLowerCase() && ["deferred", "bounced"].includes(status ?? ""))
        reason = why;
    }
    return { holds: held.size > 0, tries: Math.max(0, ...tries.values()), reported, reason };
  }

  /** Whether the first try of a message is over. */
  tried(recipient: string): boolean {
    return this.recent().toLowerCase().includes(`to=<${recipient.toLowerCase()}>`);
  }

  private recent(): string {
    return this.text.slice(this.start);
  }
}
