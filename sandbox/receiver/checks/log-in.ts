import type { CheckResult, ServerCheck } from "../check.ts";

/** A log-in that nobody has. */
const nobody = Buffer.from("\0hipaa-check\0hipaa-check-no-password").toString("base64");

/** P67b: no password is taken before TLS. */
export const logInBeforeTls: ServerCheck = async (target): Promise<CheckResult> => {
  if (target.implicitTls) return { verdict: "held", reason: "TLS begins with the connection" };
  using talk = await target.open();
  const capabilities = await talk.hello();
  const offered = capabilities.find((line) => /^AUTH\b/i.test(line));
  const reply = await talk.ask(`AUTH PLAIN ${nobody}`);
  // 235 takes it, 334 asks for more, 535 has looked at it: all three read what should not have been sent.
  const taken = [235, 334, 454, 535].includes(reply.code);
  const learned = (value: boolean): NonNullable<CheckResult["learned"]> => ({
    "authentication.cleartextAllowed": { value },
    ...(offered === undefined ? {} : { "authentication.offered": { value: true } }),
  });
  if (taken)
    return {
      verdict: "weak",
      reason: `a log-in in clear text was looked at (${reply.code})`,
      learned: learned(true),
    };
  if (offered !== undefined)
    return { verdict: "weak", reason: `a log-in is offered before TLS (${offered})`, learned: learned(true) };
  return {
    verdict: "held",
    reason: `a log-in before TLS is refused (${reply.code})`,
    learned: learned(false),
  };
};

/** P67c: submission takes no mail before TLS. */
export const mailBeforeTls: ServerCheck = async (target): Promise<CheckResult> => {
  if (target.implicitTls) return { verdict: "held", reason: "TLS begins with the connection" };
  if (target.purpose === "relay") {
    return {
      verdict: "not-run",
      reason: "a server for other servers may not insist on TLS towards all of them (RFC 3207, section 4)",
    };
  }
  using talk = await target.open();
  await talk.hello();
  const reply = await talk.ask("MAIL FROM:<probe@sender.test>");
  if (reply.code < 400) {
    const learned = { "tls.mode": { value: "opportunistic" } };
    return { verdict: "weak", reason: `MAIL before TLS is answered with ${reply.code}`, learned };
  }
  return {
    verdict: "held",
    reason: `MAIL before TLS is refused (${reply.code})`,
    learned: { "tls.mode": { value: "required" } },
  };
};
