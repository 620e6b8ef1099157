import { setTimeout as pause } from "node:timers/promises";
import { NoReply } from "../../probe/senders/smtp-client.ts";
import type { CheckResult, ServerCheck } from "../check.ts";
import type { ServerTarget } from "../target.ts";

const listenMs = 1000;

/** P54: what comes together with STARTTLS is not obeyed after the handshake. */
export const commandInjection: ServerCheck = async (target): Promise<CheckResult> => {
  if (target.implicitTls)
    return { verdict: "not-run", reason: "TLS begins with the connection: there is nothing before it" };
  using talk = await target.open();
  const capabilities = await talk.hello();
  if (!capabilities.some((line) => /^STARTTLS$/i.test(line)))
    return { verdict: "not-run", reason: "STARTTLS is not offered" };
  target.transcript.push("C: STARTTLS, NOOP (in one packet)");
  talk.client.write("STARTTLS\r\nNOOP\r\n");
  const reply = await talk.client.reply(target.timeoutMs);
  target.transcript.push(`S: ${reply.code} ${reply.lines[0] ?? ""}`);
  if (reply.code !== 220)
    return {
      verdict: "held",
      reason: `the server refused commands in one packet with STARTTLS (${reply.code})`,
    };
  try {
    await talk.client.upgrade(target.tlsOptions(), target.timeoutMs);
    const injected = await talk.client.reply(listenMs);
    target.transcript.push(`S: ${injected.code} ${injected.lines[0] ?? ""} (nothing was asked)`);
    return { verdict: "weak", reason: `a command from before TLS was answered under TLS (${injected.code})` };
  } catch (error) {
    if (!(error instanceof NoReply)) throw error;
    return { verdict: "held", reason: "what came together with STARTTLS was thrown away" };
  }
};

/** Ends of a message that some server believes; CRLF, dot, CRLF is the only one. */
const looseEnds: Readonly<Record<string, string>> = {
  "LF dot LF": "\n.\n",
  "LF dot CR LF": "\n.\r\n",
  "CR LF dot LF": "\r\n.\n",
  "CR dot CR": "\r.\r",
  "CR LF dot CR": "\r\n.\r",
  "CR dot LF": "\r.\n",
  "CR dot CR LF": "\r.\r\n",
  "LF dot CR": "\n.\r",
  "CR LF NUL dot CR LF": "\r\n\0.\r\n",
  "CR LF dot NUL CR LF": "\r\n.\0\r\n",
  "LF LF dot LF LF": "\n\n.\n\n",
  "CR CR LF dot CR CR LF": "\r\r\n.\r\r\n",
  "LF dot LF dot LF": "\n.\n.\n",
};

const silenceMs = 800;
const parallel = 4;

type Ending = "taken" | "ignored" | "refused" | { readonly notTaken: string };

/** Hands in a message that never ends as it should, and looks whether the server takes it for ended. */
async function handIn(target: ServerTarget, end: string): Promise<Ending> {
  using talk = await target.openForMail();
  const recipient = target.options.recipient ?? "postmaster";
  for (const line of ["MAIL FROM:<>", `RCPT TO:<${recipient}>`, "DATA"]) {
    const reply = await talk.ask(line);
    if (reply.code >= 400)
      return { notTaken: `${line} was answered with ${reply.code} ${reply.lines[0] ?? ""}` };
  }
  talk.client.write(
    `Subject: Synthetic message of a conformance check\r\n\r\nIgnore this message.${end}NOOP\r\n`,
  );
  try {
    const reply = await talk.client.reply(silenceMs);
    return reply.code < 400 ? "taken" : "refused";
  } catch (error) {
    if (!(error instanceof NoReply)) throw error;
    // Closing now leaves the message without an end, so that it is not delivered.
    await pause(0);
    return "ignored";
  }
}

/** P56: nothing but CRLF, dot, CRLF ends a message. */
export const smuggling: ServerCheck = async (target): Promise<CheckResult> => {
  const taken: string[] = [];
  const names = Object.keys(looseEnds);
  for (let at = 0; at < names.length; at += parallel) {
    const batch = names.slice(at, at + parallel);
    const endings = await Promise.all(batch.map((name) => handIn(target.fresh(), looseEnds[name] ?? "")));
    for (const [index, ending] of endings.entries()) {
      const name = batch[index] ?? "";
      if (typeof ending === "object") {
        return {
          verdict: "not-run",
          reason: `no message can be handed in (${ending.notTaken}): name a recipient or a log-in of the server`,
        };
      }
      target.transcript.push(`C: a message with ${name} for an end`, `S: ${ending}`);
      if (ending === "taken") taken.push(name);
    }
  }
  if (taken.length > 0)
    return { verdict: "weak", reason: `taken for the end of a message: ${taken.join("; ")}` };
  return { verdict: "held", reason: "nothing but CRLF, dot, CRLF was taken for the end of a message" };
};
