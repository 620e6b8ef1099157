import { setTimeout as pause } from "node:timers/promises";
import { SandboxError } from "../error.ts";
import { type MailContent, readContent } from "./content.ts";
import type { MailStore, StoredMail } from "./mail-store.ts";
import { type MailAuthentication, type MailTls, readTrace } from "./trace.ts";

/** One line of `inbox list --json`. */
export interface MailSummary {
  readonly id: string;
  /** Envelope sender; empty for a bounce. */
  readonly from: string;
  /** Envelope recipients. */
  readonly to: readonly string[];
  /** Decoded. */
  readonly subject: string;
  /** ISO 8601. */
  readonly receivedAt: string;
  /** Null where the message came in clear text. */
  readonly tls: MailTls | null;
  /** Null where nobody logged in. */
  readonly auth: MailAuthentication | null;
}

/** `inbox show --json`. */
export interface Mail extends MailSummary, MailContent {
  /** The whole message as it was stored. */
  readonly raw: string;
}

/** Which message to wait for; all that are given must hold. Texts are found anywhere, in any case. */
export interface MailFilter {
  readonly from?: string;
  readonly to?: string;
  readonly subject?: string;
}

export interface WaitOptions {
  /** Default 10 seconds. */
  readonly timeoutMs?: number;
  readonly signal?: AbortSignal;
}

const pollInterval = 50;

/** Reads what arrived, wherever it is kept. */
export class Mailbox {
  private readonly store: MailStore;

  constructor(store: MailStore) {
    this.store = store;
  }

  /** Everything that arrived, oldest first. */
  async list(): Promise<MailSummary[]> {
    const mails = await this.store.all();
    return await Promise.all(mails.map(summarize));
  }

  /** One message with its content; undefined where there is none of that id. */
  async show(id: string): Promise<Mail | undefined> {
    const mail = await this.store.find(id);
    if (mail === undefined) return undefined;
    const content = await readContent(mail.raw);
    return { ...summary(mail, content.subject), ...content, raw: mail.raw.toString("utf8") };
  }

  /** The first message that meets the filter, waiting for it when it is not there yet. @throws SandboxError */
  async wait(filter: MailFilter = {}, options: WaitOptions = {}): Promise<Mail> {
    const timeout = options.timeoutMs ?? 10_000;
    const end = Date.now() + timeout;
    for (;;) {
      const found = (await this.list()).find((mail) => meets(mail, filter));
      const mail = found === undefined ? undefined : await this.show(found.id);
      if (mail !== undefined) return mail;
      if (Date.now() >= end) {
        throw new SandboxError(
          "environment",
          "no-mail",
          `no such message arrived within ${timeout / 1000} s`,
        );
      }
      if (options.signal?.aborted === true)
        throw new SandboxError("environment", "interrupted", "interrupted before such a message arrived");
      await pause(pollInterval);
    }
  }

  async delete(id: string): Promise<void> {
    await this.store.delete(id);
  }

  async clear(): Promise<void> {
    await this.store.clear();
  }
}

function summary(mail: StoredMail, subject: string): MailSummary {
  const { id, from, to, receivedAt } = mail;
  return { id, from, to, subject, receivedAt, ...readTrace(mail.raw) };
}

async function summarize(mail: StoredMail): Promise<MailSummary> {
  return summary(mail, (await readContent(mail.raw)).subject);
}

function includes(text: string, part: string | undefined): boolean {
  return part === undefined || text.toLowerCase().includes(part.toLowerCase());
}

function meets(mail: MailSummary, filter: MailFilter): boolean {
  return (
    includes(mail.from, filter.from) &&
    (filter.to === undefined || mail.to.some((address) => includes(address, filter.to))) &&
    includes(mail.subject, filter.subject)
  );
}
