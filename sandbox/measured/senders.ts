import { createRequire } from "node:module";
import { fileURLToPath } from "node:url";
import { commandSystem } from "../contained/command.ts";
import { gnuTlsVersion, openSslVersion } from "../contained/debian.ts";
import { exim } from "../contained/exim.ts";
import { openSmtpd } from "../contained/opensmtpd.ts";
import { containedSender } from "../contained/sender.ts";
import type { NetworkPlan } from "../posture-server/posture.ts";
import type { Sender } from "../probe/sender.ts";
import { moduleSender } from "../probe/senders/module.ts";
import { postfixSender } from "../probe/senders/postfix.ts";

export const measuredGroups = [
  "Postfix",
  "Other mail servers",
  "nodemailer",
  "nodemailer 9",
  "Command-line clients",
] as const;
export type MeasuredGroup = (typeof measuredGroups)[number];

/** A sender whose behaviour in every posture is measured and published. */
export interface MeasuredSender {
  readonly id: string;
  readonly group: MeasuredGroup;
  /** Over its column. */
  readonly title: string;
  /** One line: how it is configured. */
  readonly setting: string;
  /** Its configuration as the static rules read it, relative to this folder. */
  readonly configuration?: string;
  open(): Promise<Sender>;
}

const folder = fileURLToPath(new URL(".", import.meta.url));

function postfix(
  level: string,
  options: { readonly title?: string; readonly published?: NetworkPlan; readonly setting?: string } = {},
): MeasuredSender {
  const { title = level, published } = options;
  const configuration = `postfix/${level}`;
  return {
    id: `postfix-${title.toLowerCase().replaceAll(/[^a-z]+/g, "-")}`,
    group: "Postfix",
    title,
    setting: options.setting ?? `smtp_tls_security_level = ${level}`,
    configuration,
    open: () => postfixSender(`${folder}${configuration}`, published === undefined ? {} : { published }),
  };
}

const require = createRequire(import.meta.url);

/** @param library `nodemailer`, or the name under which the last release before 10 is installed */
function nodemailer(name: string, title: string, setting: string, library = "nodemailer"): MeasuredSender {
  const configuration = `${library}/${name}.mjs`;
  const { version } = require(`${library}/package.json`) as { readonly version: string };
  const { node, openssl } = process.versions;
  const software = `nodemailer ${version}, Node ${node}, OpenSSL ${openssl}`;
  return {
    id: `${library}-${name}`,
    group: library === "nodemailer" ? "nodemailer" : "nodemailer 9",
    title,
    setting,
    configuration,
    open: () => Promise.resolve({ ...moduleSender(`${folder}${configuration}`), software }),
  };
}

const swaksVersion = `swaks --version | sed -n 's/^swaks version /swaks /p'; ${openSslVersion}`;
const swaks =
  'swaks --server "$HOST:$PORT" --from "$FROM" --to "$TO" --auth-user "$USER" --auth-password "$PASSWORD" --data -';
const msmtpVersion = `msmtp --version | sed -n 's/^msmtp version /msmtp /p'; ${gnuTlsVersion}`;
const msmtp = 'msmtp --host="$HOST" --port="$PORT" --from="$FROM"';

function client(id: string, title: string, command: string, version: string): MeasuredSender {
  return {
    id,
    group: "Command-line clients",
    title,
    setting: command.replaceAll('"', ""),
    open: () => containedSender(commandSystem({ name: title, command, version })),
  };
}

/** Every sender of the published table, in the order of its columns. */
export const measuredSenders: readonly MeasuredSender[] = [
  postfix("none"),
  postfix("may"),
  postfix("encrypt"),
  postfix("verify"),
  postfix("secure"),
  postfix("hardened", {
    setting:
      "secure, with TLS 1.2 or newer, tls_required_enable = no, bounce_size_limit = 1, message_strip_characters = \\0",
  }),
  postfix("exceptions", {
    setting: "encrypt, with a fall-back relay, and may for one domain in smtp_tls_policy_maps",
  }),
  postfix("dane", { setting: "smtp_tls_security_level = dane; the domain publishes nothing" }),
  postfix("dane", {
    title: "dane, TLSA",
    published: { tlsa: "matching" },
    setting: "smtp_tls_security_level = dane; the domain publishes TLSA records of its servers' keys",
  }),
  postfix("mta-sts", { setting: "may, with postfix-mta-sts-resolver; the domain publishes nothing" }),
  postfix("mta-sts", {
    title: "mta-sts, enforce",
    published: { policy: { mode: "enforce" } },
    setting: "may, with postfix-mta-sts-resolver; the domain publishes a policy in enforce mode",
  }),
  {
    id: "exim",
    group: "Other mail servers",
    title: "Exim",
    setting: "Debian's defaults for an Internet site",
    open: () => containedSender(exim),
  },
  {
    id: "opensmtpd",
    group: "Other mail servers",
    title: "OpenSMTPD",
    setting: "Debian's defaults: action relay",
    open: () => containedSender(openSmtpd),
  },
  nodemailer("defaults", "defaults", "{}"),
  nodemailer("require-tls", "require", "{ requireTLS: true }"),
  nodemailer("ignore-tls", "ignore", "{ ignoreTLS: true }"),
  nodemailer("require-and-ignore-tls", "require, ignore", "{ requireTLS: true, ignoreTLS: true }"),
  nodemailer(
    "require-and-opportunistic-tls",
    "require, opportunistic",
    "{ requireTLS: true, opportunisticTLS: true }",
  ),
  nodemailer("opportunistic-tls", "opportunistic", "{ opportunisticTLS: true }"),
  nodemailer(
    "require-tls-unverified",
    "require, unverified",
    "{ requireTLS: true, tls: { rejectUnauthorized: false } }",
  ),
  nodemailer("secure", "secure", "{ secure: true }"),
  nodemailer(
    "require-and-ignore-tls",
    "require, ignore",
    "{ requireTLS: true, ignoreTLS: true }",
    "nodemailer-9",
  ),
  nodemailer(
    "require-and-opportunistic-tls",
    "require, opportunistic",
    "{ requireTLS: true, opportunisticTLS: true }",
    "nodemailer-9",
  ),
  // A log-in is no part of sending in clear text: the good server offers none there.
  client("swaks", "swaks", `${swaks} --auth-optional`, swaksVersion),
  client("swaks-tls", "swaks --tls", `${swaks} --tls`, swaksVersion),
  client("msmtp", "msmtp", `${msmtp} -- "$TO"`, msmtpVersion),
  client(
    "msmtp-tls",
    "msmtp --tls=on",
    `${msmtp} --tls=on --auth=on --user="$USER" --passwordeval='echo "$PASSWORD"' -- "$TO"`,
    msmtpVersion,
  ),
];
