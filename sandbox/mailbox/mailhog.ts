import mailhog from "mailhog";
import { messageOf, SandboxError } from "../error.ts";
import type { MailStore, StoredMail } from "./mail-store.ts";

/** What MailHog's version 2 API gives beside what the client's types name. */
interface MailHogItem {
  readonly ID: string;
  readonly Created: string;
  readonly Raw: { readonly From: string; readonly To: readonly string[] | null; readonly Data: string };
}

const pageSize = 200;

function read(item: MailHogItem): StoredMail {
  return {
    id: item.ID,
    from: item.Raw.From,
    to: item.Raw.To ?? [],
    receivedAt: new Date(item.Created).toISOString(),
    raw: Buffer.from(item.Raw.Data, "utf8"),
  };
}

/** Mail kept by MailHog, or by anything that speaks its API, such as the in-process server. */
export class MailHogStore implements MailStore {
  private readonly client: ReturnType<typeof mailhog>;
  private readonly url: string;

  /** @param url the root of its web address: `http://127.0.0.1:8025` */
  constructor(url: string) {
    const { protocol, hostname, port, pathname } = new URL(url);
    this.url = url;
    this.client = mailhog({
      protocol,
      host: hostname,
      port: Number(port || (protocol === "https:" ? 443 : 80)),
      basePath: `${pathname.replace(/\/$/, "")}/api`,
    });
  }

  async all(): Promise<readonly StoredMail[]> {
    const items: MailHogItem[] = [];
    for (let start = 0, total = 1; start < total; start += pageSize) {
      const page = await this.ask(() => this.client.messages(start, pageSize));
      total = page?.total ?? 0;
      items.push(...((page?.items ?? []) as unknown as MailHogItem[]));
    }
    // MailHog lists the newest first.
    return items.map(read).reverse();
  }

  async find(id: string): Promise<StoredMail | undefined> {
    return (await this.all()).find((mail) => mail.id === id);
  }

  async delete(id: string): Promise<void> {
    await this.ask(() => this.client.deleteMessage(id));
  }

  async clear(): Promise<void> {
    await this.ask(() => this.client.deleteAll());
  }

  private async ask<T>(question: () => Promise<T>): Promise<T> {
    try {
      return await question();
    } catch (error) {
      const why = `the mailbox at ${this.url} does not answer as MailHog does: ${messageOf(error)}`;
      throw new SandboxError("environment", "mailbox-unreachable", why);
    }
  }
}
