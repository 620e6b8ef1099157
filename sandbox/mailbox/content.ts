/** What a message says, decoded. */
export interface MailContent {
  readonly subject: string;
  /** Header fields in their order, names in lower case, values decoded. */
  readonly headers: readonly { readonly name: string; readonly value: string }[];
  readonly text: string | null;
  readonly html: string | null;
  readonly attachments: readonly MailAttachment[];
}

export interface MailAttachment {
  readonly name: string | null;
  readonly type: string;
  /** Bytes after decoding. */
  readonly size: number;
}

/** Decodes a message; a malformed one gives what can be read of it. */
export async function readContent(raw: Buffer): Promise<MailContent> {
  const { default: PostalMime } = await import("postal-mime");
  const email = await PostalMime.parse(raw, { attachmentEncoding: "arraybuffer" });
  return {
    subject: email.subject ?? "",
    headers: email.headers.map(({ key, value }) => ({ name: key, value })),
    text: email.text ?? null,
    html: email.html ?? null,
    attachments: email.attachments.map(({ filename, mimeType, content }) => ({
      name: filename,
      type: mimeType,
      size: typeof content === "string" ? content.length : content.byteLength,
    })),
  };
}
