import type { CheckResult, ServerCheck } from "../check.ts";

/** S01: VRFY and EXPN tell nobody who exists. */
export const users: ServerCheck = async (target): Promise<CheckResult> => {
  using talk = await target.open();
  await talk.hello();
  for (const line of ["VRFY postmaster", "VRFY hipaa-check-nobody", "EXPN postmaster"]) {
    const { code } = await talk.ask(line);
    // 252 neither confirms nor denies.
    if (code === 250 || code === 251) return { verdict: "weak", reason: `${line} was answered with ${code}` };
  }
  return { verdict: "held", reason: "VRFY and EXPN tell nothing" };
};

/** S02: a size limit is announced, and enforced where that can be seen. */
export const sizeLimit: ServerCheck = async (target): Promise<CheckResult> => {
  using talk = await target.openForMail();
  // The answer to EHLO that holds under TLS, where there is TLS.
  const size = (await talk.hello()).find((line) => /^SIZE\b/i.test(line));
  const limit = Number(size?.split(" ")[1] ?? 0);
  if (size === undefined) return { verdict: "weak", reason: "no size limit is announced" };
  if (!(limit > 0)) return { verdict: "weak", reason: "the announced size limit is none (SIZE 0)" };
  const { code } = await talk.ask(`MAIL FROM:<probe@sender.test> SIZE=${limit + 1}`);
  if (code < 400)
    return {
      verdict: "weak",
      reason: `a message of ${limit + 1} bytes was accepted against the limit of ${limit}`,
    };
  const enforced = code === 552 ? "and enforced" : `; whether it is enforced is not seen (${code})`;
  return { verdict: "held", reason: `a limit of ${limit} bytes is announced ${enforced}`.replace(" ;", ";") };
};

/** S03: the banner names the host and not the version. */
export const banner: ServerCheck = async (target): Promise<CheckResult> => {
  using talk = await target.open();
  const { code, lines } = talk.greeting;
  const text = lines.join(" ").trim();
  const name = text.split(/\s/, 1)[0] ?? "";
  if (code !== 220) return { verdict: "inconclusive", reason: `the server greeted with ${code} ${text}` };
  if (!/^[a-z0-9-]+(\.[a-z0-9-]+)+$/i.test(name) && name !== "localhost")
    return { verdict: "weak", reason: `the banner names no host: ${text}` };
  const version = /\b\d+\.\d+(\.\d+)*\b/.exec(text.slice(name.length));
  if (version !== null) return { verdict: "weak", reason: `the banner tells a version: ${text}` };
  return { verdict: "held", reason: `the banner names ${name} and no version` };
};
