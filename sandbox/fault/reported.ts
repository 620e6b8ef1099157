/** Recipients of messages that a Postfix has given up and reported to their authors, by its log; in lower case. */
export function reportedIn(log: string): ReadonlySet<string> {
  const recipients = new Map<string, string[]>();
  const reported = new Set<string>();
  for (const line of log.split("\n")) {
    const [, id = "", rest = ""] = /\]: (\w{6,}): (.*)/.exec(line) ?? [];
    const [, to, original] = /^to=<([^>]*)>(?:, orig_to=<([^>]*)>)?.* status=bounced/.exec(rest) ?? [];
    if (to !== undefined) recipients.set(id, [...(recipients.get(id) ?? []), to, original ?? to]);
    // It stands behind the delivery that failed.
    if (!rest.startsWith("sender non-delivery notification: ")) continue;
    for (const recipient of recipients.get(id) ?? []) reported.add(recipient.toLowerCase());
  }
  return reported;
}
