import { messageOf, SandboxError } from "../error.ts";
import type { MailStore, StoredMail } from "./mail-store.ts";

interface Address {
  readonly Address: string;
}

/** What version 1 of Mailpit's API tells of one message. */
interface MailpitMessage {
  readonly ID: string;
  readonly Created?: string;
  readonly Date?: string;
  readonly From: Address | null;
  readonly To: readonly Address[] | null;
  readonly Cc: readonly Address[] | null;
  readonly Bcc: readonly Address[] | null;
}

const pageSize = 200;
const timeoutMs = 10_000;

/** Mail kept by Mailpit. */
export class MailpitStore implements MailStore {
  private readonly url: string;

  /** @param url the root of its web address: `http://127.0.0.1:8025` */
  constructor(url: string) {
    this.url = url.replace(/\/$/, "");
  }

  async all(): Promise<readonly StoredMail[]> {
    const listed: MailpitMessage[] = [];
    for (let start = 0, total = 1; start < total; start += pageSize) {
      const response = await this.ask(`messages?start=${start}&limit=${pageSize}`);
      const page = (await response.json()) as { total: number; messages?: MailpitMessage[] };
      if (!Array.isArray(page.messages)) throw this.failure("its list holds no messages field");
      total = page.total;
      listed.push(...page.messages);
    }
    // Mailpit lists the newest first.
    return await Promise.all(listed.reverse().map((message) => this.read(message)));
  }

  async find(id: string): Promise<StoredMail | undefined> {
    return (await this.all()).find((mail) => mail.id === id);
  }

  async delete(id: string): Promise<void> {
    await this.ask("messages", { method: "DELETE", body: JSON.stringify({ IDs: [id] }) });
  }

  async clear(): Promise<void> {
    await this.ask("messages", { method: "DELETE" });
  }

  private async read(message: MailpitMessage): Promise<StoredMail> {
    const response = await this.ask(`message/${encodeURIComponent(message.ID)}/raw`);
    const raw = Buffer.from(await response.arrayBuffer());
    // Mailpit puts envelope recipients that no header names into Bcc, and the envelope sender into Return-Path.
    const recipients = [...(message.To ?? []), ...(message.Cc ?? []), ...(message.Bcc ?? [])];
    const returnPath = /^return-path:\s*<([^>]*)>/im.exec(raw.subarray(0, 8192).toString("latin1"));
    return {
      id: message.ID,
      from: returnPath?.[1] ?? message.From?.Address ?? "",
      to: recipients.map(({ Address: address }) => address),
      receivedAt: new Date(message.Created ?? message.Date ?? 0).toISOString(),
      raw,
    };
  }

  private async ask(path: string, init: RequestInit = {}): Promise<Response> {
    let response: Response;
    try {
      response = await fetch(`${this.url}/api/v1/${path}`, {
        ...init,
        signal: AbortSignal.timeout(timeoutMs),
      });
    } catch (error) {
      throw this.failure(messageOf(error));
    }
    if (!response.ok) throw this.failure(`HTTP ${response.status}`);
    return response;
  }

  private failure(why: string): SandboxError {
    const text = `the mailbox at ${this.url} does not answer as Mailpit does: ${why}`;
    return new SandboxError("environment", "mailbox-unreachable", text);
  }
}
