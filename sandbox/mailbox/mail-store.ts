/** One message as it was accepted, with its envelope. */
export interface StoredMail {
  readonly id: string;
  /** Envelope sender; empty for the null sender of bounces. */
  readonly from: string;
  /** Envelope recipients. */
  readonly to: readonly string[];
  /** ISO 8601. */
  readonly receivedAt: string;
  /** The message with its header, as it was stored. */
  readonly raw: Buffer;
}

/** Where accepted mail is kept: in this process, in MailHog, in Mailpit. */
export interface MailStore {
  /** Every message, oldest first. */
  all(): Promise<readonly StoredMail[]>;
  find(id: string): Promise<StoredMail | undefined>;
  delete(id: string): Promise<void>;
  clear(): Promise<void>;
}
