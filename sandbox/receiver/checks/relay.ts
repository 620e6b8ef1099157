import type { CheckResult, ServerCheck } from "../check.ts";

/** A recipient that no server can be responsible for (RFC 2606). */
const stranger = "probe@relay-check.invalid";

/** The same in the forms that relays were fooled with. */
function strangers(host: string): readonly string[] {
  return [stranger, `probe%relay-check.invalid@${host}`, `"${stranger}"@${host}`, `@${host}:${stranger}`];
}

/** A reserved domain that can be found in DNS, for servers that refuse what cannot. */
const findable = "probe@example.com";

/** P69: mail for strangers is refused at RCPT. No message is ever handed in. */
export const openRelay: ServerCheck = async (target): Promise<CheckResult> => {
  const { host } = target.options;
  const doubts: string[] = [];
  const accepts = async (from: string, to: string): Promise<boolean> => {
    using talk = await target.open();
    await talk.hello();
    if (!target.implicitTls && target.purpose === "submission")
      await talk.startTls().then(talk.hello, () => undefined);
    const sender = await talk.ask(`MAIL FROM:<${from}>`);
    if (sender.code >= 400) return false;
    const { code, lines } = await talk.ask(`RCPT TO:<${to}>`);
    await talk.ask("RSET");
    if (
      to === stranger &&
      code >= 400 &&
      !/5\.7\.\d|relay|denied|not permitted|authenticat/i.test(lines.join(" "))
    )
      doubts.push(`${code} ${lines[0] ?? ""}`);
    return code < 400;
  };
  for (const from of ["probe@sender.test", ""]) {
    for (const to of strangers(host)) {
      if (await accepts(from, to))
        return { verdict: "weak", reason: `RCPT TO:<${to}> from <${from}> was accepted without a log-in` };
    }
  }
  // A refusal for another reason says nothing about relaying: ask again with a domain that can be found.
  if (doubts.length > 0) {
    const known = doubts.length;
    if (await accepts("probe@example.org", findable)) {
      return { verdict: "weak", reason: `RCPT TO:<${findable}> was accepted without a log-in` };
    }
    if (doubts.length > known)
      return {
        verdict: "inconclusive",
        reason: `recipients were refused for another reason: ${doubts.at(-1)}`,
      };
  }
  return { verdict: "held", reason: "mail for strangers is refused" };
};
