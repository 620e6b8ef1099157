import { Flags } from "@oclif/core";
import { UsageError } from "#cli/errors.ts";
import { configFlag } from "#cli/flags.ts";
import type { LoadFormat } from "#cli/reporters/loadtest/registry.ts";

const loadFormats = ["terminal", "json", "html"] as const satisfies readonly LoadFormat[];

export const numberFlag = Flags.custom<number>({
  helpValue: "NUMBER",
  parse: async (text, _context, { name }) => {
    const value = Number(text);
    if (Number.isFinite(value) && value > 0) return value;
    throw new UsageError(`--${name} ${text}: write a number above zero.`);
  },
});

/** Where a report goes, and in what form. */
export const loadReportFlags = {
  format: Flags.string({
    multiple: true,
    options: [...loadFormats],
    description: "output format (repeatable); default: terminal",
  }),
  output: Flags.string({
    multiple: true,
    helpValue: "FILE",
    description: "file for the format at the same place, - for standard output (repeatable)",
  }),
  facts: Flags.string({
    helpValue: "FILE",
    description: "facts file for check; its name ends in .facts.json",
  }),
};

/** What a caller puts in place of what a profile says, and what no profile lifts. */
export const planFlags = {
  rate: numberFlag({ description: "messages a second, in place of the profile's" }),
  duration: Flags.string({ helpValue: "DURATION", description: "length of the measured part: 30s, 2m" }),
  size: numberFlag({ description: "octets of each message" }),
  recipients: numberFlag({ description: "recipients of each message" }),
  "recipient-domain": Flags.string({
    helpValue: "DOMAIN",
    description: "domain of the synthetic recipients; default: recipient.example",
  }),
  "ceiling-rate": numberFlag({ description: "messages a second that no run may exceed; default: 2000" }),
  "ceiling-messages": numberFlag({ description: "messages that no run may exceed; default: 200000" }),
  "ceiling-time": Flags.string({
    helpValue: "DURATION",
    description: "time that no run may exceed; default: 15m",
  }),
};

/** What the flags of a plan hold once they are parsed. */
export interface PlanFlags {
  readonly rate?: number | undefined;
  readonly duration?: string | undefined;
  readonly size?: number | undefined;
  readonly recipients?: number | undefined;
  readonly "recipient-domain"?: string | undefined;
  readonly "ceiling-rate"?: number | undefined;
  readonly "ceiling-messages"?: number | undefined;
  readonly "ceiling-time"?: string | undefined;
}

/** Flags of `loadtest run`. */
export const loadFlags = {
  config: configFlag,
  sandbox: Flags.boolean({
    exclusive: ["smtp", "http"],
    description: "load the sandbox's mail server, with a sink behind it (default)",
  }),
  driver: Flags.option({ options: ["containers", "in-process"] as const })({
    description: "how to run the sandbox; default: the best that this machine can",
  }),
  smtp: Flags.string({
    helpValue: "URL",
    description:
      "load this server: smtp+starttls://HOST:PORT, smtps://HOST:PORT, or smtp://HOST:PORT in clear text to the loopback address",
  }),
  http: Flags.string({
    helpValue: "URL",
    exclusive: ["smtp"],
    description: "load an application's own mail API; a stock k6 will do where the mailbox is not in view",
  }),
  "http-method": Flags.string({ dependsOn: ["http"], description: "method of each request; default: POST" }),
  "http-body": Flags.string({
    helpValue: "TEXT",
    dependsOn: ["http"],
    description:
      "body of each request, with {{recipient}}, {{from}} and {{sequence}}; default: JSON of recipient and subject",
  }),
  "http-header": Flags.string({
    multiple: true,
    helpValue: "NAME=VARIABLE",
    dependsOn: ["http"],
    description: "header of each request, its value from this environment variable (repeatable)",
  }),
  exec: Flags.string({
    helpValue: "COMMAND",
    dependsOn: ["http"],
    description:
      "starts the application of --http for the run, told by HIPAA_CHECK_SMTP_HOST and its like where the sandbox is",
  }),
  ca: Flags.string({ helpValue: "FILE", description: "certificate authority to trust, PEM" }),
  sink: Flags.string({
    helpValue: "HOST:PORT",
    description: "listen here for what the target delivers, so that delivery is measured",
  }),
  "recipient-list": Flags.string({
    helpValue: "FILE",
    description: "recipients in place of synthetic ones, one a line",
  }),
  "own-recipients": Flags.boolean({
    description: "the recipients are yours, although their domain is not reserved",
  }),
  ...planFlags,
  ...loadReportFlags,
};

/** What the flags hold once they are parsed. */
export interface LoadFlags extends PlanFlags {
  readonly driver?: "containers" | "in-process" | undefined;
  readonly smtp?: string | undefined;
  readonly http?: string | undefined;
  readonly "http-method"?: string | undefined;
  readonly "http-body"?: string | undefined;
  readonly "http-header"?: readonly string[] | undefined;
  readonly exec?: string | undefined;
  readonly ca?: string | undefined;
  readonly sink?: string | undefined;
  readonly "recipient-list"?: string | undefined;
  readonly "own-recipients": boolean;
}
