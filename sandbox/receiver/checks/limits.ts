import { NoReply, type Reply } from "../../probe/senders/smtp-client.ts";
import type { CheckResult, ServerCheck } from "../check.ts";
import type { ServerTarget, Talk } from "../target.ts";

type Answer = { readonly taken: true } | { readonly taken: false; readonly words: string };

function refusal({ code, lines }: Reply): Answer {
  return { taken: false, words: `${code} ${lines[0] ?? ""}`.trim() };
}

/** Whether the server takes an envelope from the partner. No message is handed in. */
async function takesFrom(talk: Talk, sender: string, recipient: string): Promise<Answer> {
  const from = await talk.ask(`MAIL FROM:<${sender}>`);
  if (from.code >= 400) return refusal(from);
  const to = await talk.ask(`RCPT TO:<${recipient}>`);
  await talk.ask("RSET");
  return to.code >= 400 ? refusal(to) : { taken: true };
}

/** S04: mail from a partner that has promised TLS is refused when it comes without. */
export const partnerTls: ServerCheck = async (target): Promise<CheckResult> => {
  const { partner, recipient = "postmaster" } = target.options;
  if (partner === undefined)
    return {
      verdict: "not-run",
      reason: "it needs a partner that has promised TLS: name its domain with --partner",
    };
  if (target.implicitTls) return { verdict: "held", reason: "TLS begins with the connection" };
  const sender = `probe@${partner}`;
  using clear = await target.open();
  await clear.hello();
  if ((await takesFrom(clear, sender, recipient)).taken)
    return { verdict: "weak", reason: `mail from ${partner} is taken without TLS` };
  using secure = await target.openForMail();
  if (secure.client.tls === undefined)
    return { verdict: "weak", reason: "TLS is not offered, so the partner cannot use it" };
  const underTls = await takesFrom(secure, sender, recipient);
  if (!underTls.taken)
    return {
      verdict: "inconclusive",
      reason: `mail from ${partner} is refused under TLS too: ${underTls.words}`,
    };
  return { verdict: "held", reason: `mail from ${partner} is refused without TLS and taken under TLS` };
};

/** Most envelopes that are ever offered in a row. */
export const largestBurst = 1000;

/** S05: a burst of envelopes from one client meets a limit. No message is handed in. */
export const burstLimit: ServerCheck = async (target): Promise<CheckResult> => {
  const { burst } = target.options;
  if (burst === undefined) {
    const reason = "it needs a number of messages that is too many at once: state it with --burst";
    return { verdict: "not-run", reason };
  }
  const most = Math.min(burst, largestBurst);
  const limited = (at: number, words: string): CheckResult => ({
    verdict: "held",
    reason: `message ${at + 1} of a burst was refused (${words})`,
  });
  const quiet = target.fresh();
  using talk = await quiet.openForMail();
  for (let at = 0; at < most; at++) {
    try {
      const answer = await takesFrom(talk, "probe@sender.test", target.options.recipient ?? "postmaster");
      if (!answer.taken && at === 0)
        return {
          verdict: "inconclusive",
          reason: `the first message of the burst was refused: ${answer.words}`,
        };
      if (!answer.taken) return note(target, at, limited(at, answer.words));
    } catch (error) {
      if (!(error instanceof NoReply) || at === 0) throw error;
      return note(target, at, limited(at, error.message));
    }
  }
  return note(target, most, { verdict: "weak", reason: `${most} messages in a row met no limit` });
};

/** A burst is one line in the transcript. */
function note(target: ServerTarget, count: number, result: CheckResult): CheckResult {
  target.transcript.push(`C: MAIL, RCPT, RSET (${count} times)`, `S: ${result.reason}`);
  return result;
}
