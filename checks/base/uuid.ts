import { createHash } from "node:crypto";

/** The namespace for names that are URLs: RFC 9562, section 6.6. */
const urlNamespace = Buffer.from("6ba7b8119dad11d180b400c04fd430c8", "hex");

/** A UUID of version 5 (RFC 9562): the same for the same URL, on any machine. */
export function uuidOfUrl(url: string): string {
  const octets = createHash("sha1").update(urlNamespace).update(url).digest().subarray(0, 16);
  octets.writeUInt8((octets.readUInt8(6) & 0x0f) | 0x50, 6);
  octets.writeUInt8((octets.readUInt8(8) & 0x3f) | 0x80, 8);
  const hex = octets.toString("hex");
  return [hex.slice(0, 8), hex.slice(8, 12), hex.slice(12, 16), hex.slice(16, 20), hex.slice(20)].join("-");
}
