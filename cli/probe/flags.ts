import { Flags } from "@oclif/core";
import { configFlag, durationFlag, portFlag } from "#cli/flags.ts";
import { factsFileEnding } from "#facts/facts-file.ts";
import { type MessageClass, messageClasses } from "#facts/probe-message.ts";

export const defaultFactsFile = `probe${factsFileEnding}`;

/** Who is put to the test, and what has to be known of it. */
const subjectFlags = {
  postfix: Flags.string({
    helpValue: "DIR",
    description:
      "the folder with main.cf, master.cf and tables of a Postfix, which is run in a container without a network",
  }),
  exec: Flags.string({
    helpValue: "CMD",
    description:
      "a program that sends one message; it finds HIPAA_CHECK_SMTP_HOST and its like in its environment, {smtp.host} and its like in its arguments",
  }),
  module: Flags.string({
    helpValue: "FILE",
    description: "a JavaScript or TypeScript module that exports a nodemailer transport or a function send",
  }),
  http: Flags.string({ helpValue: "URL", description: "an application's own API that causes a mail" }),
  smtp: Flags.boolean({ description: "whatever you point at the port that is shown" }),
  server: Flags.string({ helpValue: "HOST:PORT", description: "a server that receives mail" }),
  fault: Flags.boolean({
    exclusive: ["quick", "content-scan", "message-class", "timeout"],
    description:
      "with --postfix: in place of the postures, kill it, fill its disk and cut its network while it takes mail; nothing that it accepted may be lost or come twice",
  }),
  start: Flags.string({
    helpValue: "CMD",
    dependsOn: ["http"],
    description: "command that starts the application of --http, with the same environment as --exec",
  }),
  "smtp-port": portFlag({
    description: "port at which the sender of --http or --smtp finds its mail server; default: a free one",
  }),
  "http-method": Flags.string({ dependsOn: ["http"], description: "method of the request; default: POST" }),
  "http-header": Flags.string({
    multiple: true,
    helpValue: "NAME:VALUE",
    dependsOn: ["http"],
    description: "header of the request (repeatable)",
  }),
  "http-body": Flags.string({
    helpValue: "TEXT",
    dependsOn: ["http"],
    description: "body of the request, with {from}, {to}, {subject} and {body}; default: JSON of the four",
  }),
  purpose: Flags.option({ options: ["relay", "submission", "submissions"] as const })({
    dependsOn: ["server"],
    description: "what the server is for; default: by its port, else by what it offers",
  }),
  recipient: Flags.string({
    helpValue: "ADDRESS",
    dependsOn: ["server"],
    description: "a mailbox that the server takes mail for; default: postmaster",
  }),
  partner: Flags.string({
    helpValue: "DOMAIN",
    dependsOn: ["server"],
    description: "a partner that has promised to send to the server over TLS only",
  }),
  burst: Flags.integer({
    min: 2,
    max: 1000,
    helpValue: "NUMBER",
    dependsOn: ["server"],
    description:
      "how many messages at once are too many for the server; that many are offered, none is handed in",
  }),
  "message-class": Flags.option({ options: messageClasses })({
    description: "what the sender sends; decides what its messages may hold and must carry",
  }),
  "content-scan": Flags.boolean({
    description: "mail of the sender is scanned for patient data before it leaves: put that to the test too",
  }),
  name: Flags.string({
    helpValue: "TEXT",
    description: "what reports and facts call the sender; default: its command, file or address",
  }),
  configuration: Flags.string({
    helpValue: "PATH",
    description:
      "folder or file that configures what is tested; check then compares what it says with what was seen; default: the folder of --postfix, the file of --module",
  }),
};

export const probeFlags = {
  ...subjectFlags,
  driver: Flags.option({ options: ["containers", "in-process"] as const })({
    description:
      "how the servers run; hostile ones are always this process's own. containers: with --exec and --module a real Postfix has to get a message as well before verdicts count; --postfix runs in no other way. Default: containers with --postfix, else in-process",
  }),
  quick: Flags.boolean({ description: "the most telling postures only" }),
  only: Flags.string({
    multiple: true,
    delimiter: ",",
    helpValue: "ID|GROUP",
    description: "only these postures, faults or groups (repeatable)",
  }),
  list: Flags.boolean({ description: "explain each posture, and each fault" }),
  timeout: durationFlag({
    description: "after how long a sender that does not end is ended; default: 60s, 15s with --quick",
  }),
  wait: durationFlag({
    description:
      "for how long a sender that did not deliver is watched for a later try; default: 8s, 3s with --quick, 60s with --fault",
  }),
  format: Flags.option({ options: ["terminal", "json"] as const })({
    default: "terminal",
    description: "output format",
  }),
  output: Flags.string({ helpValue: "FILE", description: "file for the report, - for standard output" }),
  facts: Flags.string({
    helpValue: "FILE",
    description: `facts file for check, ending in ${factsFileEnding}; default: ${defaultFactsFile}`,
  }),
  verbose: Flags.boolean({ char: "v", description: "show what went over the wire" }),
  config: configFlag,
};

/** What the flags of a run hold once they are parsed. */
export interface ProbeFlags {
  readonly postfix?: string | undefined;
  readonly exec?: string | undefined;
  readonly module?: string | undefined;
  readonly http?: string | undefined;
  readonly smtp: boolean;
  readonly server?: string | undefined;
  readonly fault: boolean;
  readonly start?: string | undefined;
  readonly name?: string | undefined;
  readonly "smtp-port"?: number | undefined;
  readonly "http-method"?: string | undefined;
  readonly "http-header"?: readonly string[] | undefined;
  readonly "http-body"?: string | undefined;
  readonly purpose?: "relay" | "submission" | "submissions" | undefined;
  readonly recipient?: string | undefined;
  readonly partner?: string | undefined;
  readonly burst?: number | undefined;
  readonly "message-class"?: MessageClass | undefined;
  readonly "content-scan": boolean;
  readonly driver?: "containers" | "in-process" | undefined;
  readonly quick: boolean;
  readonly only?: readonly string[] | undefined;
  readonly timeout?: number | undefined;
  readonly wait?: number | undefined;
}
