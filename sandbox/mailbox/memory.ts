import { randomUUID } from "node:crypto";
import type { MailStore, StoredMail } from "./mail-store.ts";

/** Most bytes that the store keeps; the oldest messages go first. */
const capacity = 256 * 1024 * 1024;

/** The store of the in-process server. */
export class MemoryStore implements MailStore {
  private readonly mails = new Map<string, StoredMail>();
  private size = 0;

  add(mail: Omit<StoredMail, "id" | "receivedAt">): StoredMail {
    const stored = { ...mail, id: randomUUID(), receivedAt: new Date().toISOString() };
    this.mails.set(stored.id, stored);
    this.size += stored.raw.length;
    for (const [id, oldest] of this.mails) {
      if (this.size <= capacity || id === stored.id) break;
      this.mails.delete(id);
      this.size -= oldest.raw.length;
    }
    return stored;
  }

  async all(): Promise<readonly StoredMail[]> {
    return [...this.mails.values()];
  }

  async find(id: string): Promise<StoredMail | undefined> {
    return this.mails.get(id);
  }

  async delete(id: string): Promise<void> {
    this.size -= this.mails.get(id)?.raw.length ?? 0;
    this.mails.delete(id);
  }

  async clear(): Promise<void> {
    this.mails.clear();
    this.size = 0;
  }
}
