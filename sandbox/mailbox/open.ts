import { messageOf, SandboxError } from "../error.ts";
import { Mailbox } from "./mailbox.ts";
import { MailHogStore } from "./mailhog.ts";
import { MailpitStore } from "./mailpit.ts";

const timeoutMs = 5000;

/** Only Mailpit has this. */
async function isMailpit(url: string): Promise<boolean> {
  const response = await fetch(`${url}/api/v1/info`, { signal: AbortSignal.timeout(timeoutMs) });
  if (!response.ok) return false;
  const answer = (await response.json().catch(() => undefined)) as { Database?: unknown } | undefined;
  return answer?.Database !== undefined;
}

/**
 * Opens a mailbox that runs already, MailHog or Mailpit, whichever answers.
 * @param address the root of its web address: `http://127.0.0.1:8025`
 * @throws SandboxError when the address is none, or nothing answers there
 */
export async function openMailbox(address: string): Promise<Mailbox> {
  const parsed = URL.canParse(address) ? new URL(address) : undefined;
  if (parsed === undefined || !/^https?:$/.test(parsed.protocol)) {
    const text = `${address} is no address of a mailbox: write http://host:port`;
    throw new SandboxError("usage", "bad-url", text);
  }
  const url = address.replace(/\/$/, "");
  try {
    return new Mailbox((await isMailpit(url)) ? new MailpitStore(url) : new MailHogStore(url));
  } catch (error) {
    const cause = error instanceof Error && error.cause instanceof Error ? error.cause : error;
    const text = `no mailbox answers at ${address}: ${messageOf(cause)}`;
    throw new SandboxError("environment", "mailbox-unreachable", text);
  }
}
