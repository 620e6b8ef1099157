import type { Phase } from "../wire/record.ts";
import { unstuff } from "./message-end.ts";
import { acceptReply, goodCapabilities, goodCapabilitiesInTls } from "./plan.ts";
import type { Session } from "./session.ts";
import { startTls } from "./upgrade.ts";

/** Where one SMTP dialogue stands. */
export interface Dialogue {
  state: "command" | "log-in" | "message";
  /** Commands so far in this layer. */
  commands: number;
  /** What the log-in still needs: answers that are to come. */
  logInSteps: string[];
  from: string;
  to: string[];
}

export function newDialogue(): Dialogue {
  return { state: "command", commands: 0, logInSteps: [], from: "", to: [] };
}

const hostName = "mx.sandbox.test";

const phaseOf: Readonly<Record<string, Phase>> = {
  EHLO: "EHLO",
  HELO: "EHLO",
  LHLO: "EHLO",
  STARTTLS: "STARTTLS",
  AUTH: "AUTH",
  MAIL: "MAIL",
  RCPT: "RCPT",
  DATA: "DATA",
  BDAT: "DATA",
  RSET: "RSET",
  NOOP: "RSET",
  QUIT: "QUIT",
};

const goodReplies: Readonly<Record<string, string>> = {
  HELO: `250 ${hostName}`,
  MAIL: "250 2.1.0 Ok",
  RCPT: "250 2.1.5 Ok",
  DATA: "354 End data with <CR><LF>.<CR><LF>",
  RSET: "250 2.0.0 Ok",
  NOOP: "250 2.0.0 Ok",
  QUIT: "221 2.0.0 Bye",
  VRFY: "252 2.0.0 Cannot verify",
  EXPN: "502 5.5.1 Error: command not implemented",
};

/** The plan's answer to what happens now; undefined where the server does as a good one does. */
function planned(session: Session, key: string): string | undefined {
  const { replies } = session.plan;
  const list = (session.layer === "clear" ? replies?.inClear : replies?.inTls)?.[key];
  if (list === undefined) return undefined;
  const reply = list[Math.min(session.counts.next(`reply ${key}`), list.length - 1)];
  if (reply === undefined || reply === acceptReply) return undefined;
  session.record.meet(`${key} was answered with ${reply.split(/\r?\n/, 1)[0]}`);
  return reply;
}

/** Sends an answer of the plan; after 421 the server hangs up, as the code says. */
async function sendPlanned(session: Session, reply: string, phase: Phase): Promise<void> {
  await session.send(reply, phase);
  if (reply.startsWith("421")) session.cut("close");
}

export async function greet(session: Session): Promise<void> {
  const { greeting, greetingLines } = session.plan;
  if (session.disconnects("greeting")) return;
  const reply = greeting?.[Math.min(session.counts.next("greeting"), greeting.length - 1)];
  if (reply !== undefined && reply !== acceptReply) {
    session.record.meet(`the greeting was ${reply}`);
    await sendPlanned(session, reply, "greeting");
    return;
  }
  const more = Array.from(
    { length: (greetingLines ?? 1) - 1 },
    (_, index) => `220-${hostName} line ${index + 1}`,
  );
  if (more.length > 0) session.record.meet(`the greeting had ${more.length + 1} lines`);
  await session.send([...more, `220 ${hostName} ESMTP`].join("\r\n"), "greeting");
}

function capabilities(session: Session): string {
  const { plan, layer } = session;
  const own = layer === "clear" ? plan.capabilities : plan.capabilitiesInTls;
  if (own !== undefined) {
    session.record.meet(
      `EHLO ${layer === "clear" ? "in clear text" : "under TLS"} offered ${own.join(", ") || "nothing"}`,
    );
  }
  const lines = [hostName, ...(own ?? (layer === "clear" ? goodCapabilities : goodCapabilitiesInTls))];
  return lines.map((line, index) => `250${index === lines.length - 1 ? " " : "-"}${line}`).join("\r\n");
}

function addressIn(argument: string): string {
  return (/<([^>]*)>/.exec(argument)?.[1] ?? argument.replace(/^\w+:\s*/, "").split(" ")[0] ?? "").trim();
}

/** Reads one command line, records it under its phase and answers it. */
export async function answerCommand(session: Session, text: string, line: Buffer): Promise<void> {
  const [word = "", ...rest] = text.split(" ");
  const verb = word.toUpperCase();
  const argument = rest.join(" ");
  const phase = phaseOf[verb] ?? "other";
  session.record.segment("in", session.layer, phase, line);
  session.dialogue.commands++;
  if (session.disconnects(phase)) return;
  if ((await session.hooks.command?.(session, verb, argument)) === true) return;
  const reply = planned(session, verb);
  if (reply !== undefined) await sendPlanned(session, reply, phase);
  else await answerWell(session, verb, argument, phase);
}

async function answerWell(session: Session, verb: string, argument: string, phase: Phase): Promise<void> {
  const { dialogue } = session;
  switch (verb) {
    case "EHLO":
    case "LHLO":
      return await session.send(capabilities(session), phase);
    case "STARTTLS":
      if (session.layer === "tls") return await session.send("503 5.5.1 TLS is on already", phase);
      await session.send("220 2.0.0 Ready to start TLS", phase);
      return startTls(session);
    case "AUTH":
      return await startLogIn(session, argument);
    case "MAIL":
      dialogue.from = addressIn(argument);
      dialogue.to = [];
      break;
    case "RCPT":
      dialogue.to.push(addressIn(argument));
      break;
    case "DATA":
      dialogue.state = "message";
      break;
    case "VRFY":
      if (session.plan.weaknesses?.tellsUsers)
        return await session.send(`250 2.0.0 <${argument}@sandbox.test>`, phase);
      break;
  }
  await session.send(goodReplies[verb] ?? "500 5.5.2 Error: command not recognized", phase);
  if (verb === "QUIT") session.cut("close");
}

const logInSteps: Readonly<Record<string, readonly string[]>> = {
  PLAIN: ["334 "],
  LOGIN: ["334 VXNlcm5hbWU6", "334 UGFzc3dvcmQ6"],
  XOAUTH2: ["334 "],
  OAUTHBEARER: ["334 "],
  "CRAM-MD5": [`334 ${Buffer.from("<1.1@mx.sandbox.test>").toString("base64")}`],
};

/** Takes every password: what matters is who is shown it. */
async function startLogIn(session: Session, argument: string): Promise<void> {
  const [mechanism = "", ...initial] = argument.trim().split(" ");
  const steps = logInSteps[mechanism.toUpperCase()];
  if (steps === undefined) return await session.send("504 5.5.4 Unrecognized authentication type", "AUTH");
  session.dialogue.logInSteps = [...steps];
  if (initial.join("") !== "") {
    session.record.authentication = mechanism.toUpperCase();
    session.dialogue.logInSteps.shift();
  }
  session.dialogue.state = "log-in";
  await continueLogIn(session);
}

async function continueLogIn(session: Session): Promise<void> {
  const step = session.dialogue.logInSteps.shift();
  if (step !== undefined) return await session.send(step, "AUTH");
  session.dialogue.state = "command";
  await session.send(planned(session, "log-in") ?? "235 2.7.0 Authentication successful", "AUTH");
}

export async function answerLogIn(session: Session, text: string): Promise<void> {
  if (text === "*") {
    session.dialogue.state = "command";
    return await session.send("501 5.7.0 Authentication aborted", "AUTH");
  }
  session.record.authentication ??= "LOGIN";
  await continueLogIn(session);
}

/** Takes a whole message and says so, or does with it what the plan says. */
export async function takeMessage(session: Session, content: Buffer): Promise<void> {
  const { dialogue, record, layer } = session;
  dialogue.state = "command";
  const keep = (accepted: boolean): void => {
    record.messages.push({
      from: dialogue.from,
      to: [...dialogue.to],
      layer,
      content: unstuff(content),
      accepted,
    });
  };
  if (session.plan.disconnect?.at === "final-dot" && session.disconnects("final-dot")) return keep(false);
  const reply = planned(session, "final-dot");
  keep(reply === undefined || reply.startsWith("2"));
  if (reply === undefined) await session.send("250 2.0.0 Ok: taken", "message");
  else await sendPlanned(session, reply, "message");
}
