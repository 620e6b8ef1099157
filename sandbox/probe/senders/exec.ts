import { SandboxError } from "../../error.ts";
import type { Sender, SendOrder } from "../sender.ts";
import { nameOf } from "./name.ts";
import { orderEnvironment, ProcessGroups, runProcess } from "./process.ts";

/** The names that stand for values in a command, and the variables that hold them. */
const placeholders: Readonly<Record<string, string>> = {
  "smtp.host": "HIPAA_CHECK_SMTP_HOST",
  "smtp.port": "HIPAA_CHECK_SMTP_PORT",
  "smtp.user": "HIPAA_CHECK_SMTP_USER",
  "smtp.password": "HIPAA_CHECK_SMTP_PASSWORD",
  "smtp.ca": "HIPAA_CHECK_SMTP_CA",
  from: "HIPAA_CHECK_FROM",
  to: "HIPAA_CHECK_TO",
  subject: "HIPAA_CHECK_SUBJECT",
  body: "HIPAA_CHECK_BODY",
  message: "HIPAA_CHECK_MESSAGE",
};

type Quotes = "none" | "single" | "double";

function quote(value: string, quotes: Quotes): string {
  if (quotes === "double") return value.replace(/[\\"$`]/g, "\\$&");
  const inside = value.replaceAll("'", "'\\''");
  return quotes === "single" ? inside : `'${inside}'`;
}

/** Puts values in the place of `{smtp.host}` and its like, quoted for the shell as the place demands. */
export function fillCommand(command: string, environment: Readonly<Record<string, string>>): string {
  let filled = "";
  let quotes: Quotes = "none";
  for (let at = 0; at < command.length; ) {
    const name = /^\{([a-z.]+)\}/.exec(command.slice(at))?.[1];
    const variable = name === undefined ? undefined : placeholders[name];
    if (name !== undefined && variable !== undefined) {
      filled += quote(environment[variable] ?? "", quotes);
      at += name.length + 2;
      continue;
    }
    const character = command[at] ?? "";
    if (character === "\\" && quotes !== "single") {
      filled += command.slice(at, at + 2);
      at += 2;
      continue;
    }
    if (character === "'" && quotes !== "double") quotes = quotes === "single" ? "none" : "single";
    if (character === '"' && quotes !== "single") quotes = quotes === "double" ? "none" : "double";
    filled += character;
    at++;
  }
  return filled;
}

/**
 * Any program, run by the shell once for each posture. It ends with 0 when the message was sent or taken over.
 * @throws SandboxError where there is no command
 */
export function execSender(command: string): Sender {
  if (command.trim() === "")
    throw new SandboxError(
      "usage",
      "no-command",
      "there is no command: give the program that sends one message",
    );
  const groups = new ProcessGroups();
  return {
    kind: "exec",
    name: nameOf(command),
    async send(order: SendOrder, context) {
      const env = orderEnvironment(order);
      return await runProcess(
        { command: "/bin/sh", arguments: ["-c", fillCommand(command, env)], env },
        groups,
        context,
      );
    },
    [Symbol.asyncDispose]: () => groups[Symbol.asyncDispose](),
  };
}
