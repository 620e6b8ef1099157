import { Flags } from "@oclif/core";
import { parseDuration } from "#base/duration.ts";
import { UsageError } from "#cli/errors.ts";
import { severities } from "#policy/rule.ts";

/** Flags that several commands share. */
export const editionFlag = Flags.string({
  multiple: true,
  helpValue: "ID",
  description: "edition to check against (repeatable); default: the edition in force",
});

export const configFlag = Flags.string({
  helpValue: "FILE",
  description: "configuration to use in place of ./hipaa-check.yaml",
});

/** A flag that takes a day of the calendar. */
export const dayFlag = Flags.custom<string>({
  helpValue: "YYYY-MM-DD",
  parse: async (text, _context, { name }) => {
    const time = /^\d{4}-\d{2}-\d{2}$/.test(text) ? new Date(`${text}T00:00:00Z`) : undefined;
    if (time !== undefined && !Number.isNaN(time.getTime()) && time.toISOString().startsWith(text))
      return text;
    throw new UsageError(`--${name} ${text}: this is no day. Write YYYY-MM-DD.`);
  },
});

export const asOfFlag = dayFlag({
  description: "day that counts as today, for decisions and records; default: today",
});

export const varFileFlag = Flags.string({
  multiple: true,
  helpValue: "FILE",
  description: "Terraform variable file (repeatable, the last wins)",
});

export const collectFlags = {
  config: configFlag,
  "as-of": asOfFlag,
  "var-file": varFileFlag,
  "env-file": Flags.string({
    multiple: true,
    helpValue: "FILE",
    description:
      "file with NAME=value lines that stands for the environment of the programs under check (repeatable)",
  }),
  "no-cache": Flags.boolean({ description: "read everything anew" }),
};

export const filterFlags = {
  rule: Flags.string({ multiple: true, helpValue: "ID", description: "only this rule (repeatable)" }),
  control: Flags.string({
    multiple: true,
    helpValue: "CITATION",
    description: "only results that bear on this paragraph, such as 164.312(e) (repeatable)",
  }),
  requirement: Flags.string({
    multiple: true,
    helpValue: "ID",
    description: "only this requirement (repeatable)",
  }),
  severity: Flags.string({
    options: severities,
    helpValue: "SEVERITY",
    description: "only this severity and above: critical, high, medium or low",
  }),
  path: Flags.string({
    multiple: true,
    helpValue: "GLOB",
    description: "only files that match (repeatable)",
  }),
};

export const jsonFormatFlag = Flags.string({
  options: ["text", "json"],
  default: "text",
  description: "how to print",
});

/** Milliseconds that a timer of Node can wait. */
const longestTimer = 2 ** 31 - 1;

/** A flag that takes a length of time and gives milliseconds. */
export const durationFlag = Flags.custom<number>({
  helpValue: "DURATION",
  parse: async (text, _context, { name }) => {
    const seconds = parseDuration(text);
    if (seconds !== undefined && seconds > longestTimer / 1000)
      throw new UsageError(`--${name} ${text}: this is longer than can be waited for. Write 24d at most.`);
    if (seconds !== undefined && seconds > 0) return Math.round(seconds * 1000);
    throw new UsageError(`--${name} ${text}: this is no length of time. Write 30s, 10m or 2h.`);
  },
});

/** A flag that takes a TCP port. */
export const portFlag = Flags.custom<number>({
  helpValue: "PORT",
  parse: async (text, _context, { name }) => {
    const port = Number(text);
    if (Number.isInteger(port) && port > 0 && port < 65_536) return port;
    throw new UsageError(`--${name} ${text}: this is no port. Write a number from 1 to 65535.`);
  },
});

export const mailboxFlag = Flags.string({
  helpValue: "URL",
  description:
    "web address of a MailHog or Mailpit that runs already; default: the mailbox of the sandbox that is up",
});

export const jsonFlag = Flags.boolean({ description: "print JSON" });
