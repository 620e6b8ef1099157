import type { Style } from "#cli/ui/style.ts";
import { alignColumns, printable } from "#cli/ui/text.ts";
import type { Mail, MailSummary, Up } from "#sandbox/index.ts";

const shownRecipients = 3;

/** The time of day, with the day where it is another one. */
function clockTime(time: Date): string {
  const isToday = time.toDateString() === new Date().toDateString();
  return isToday ? time.toLocaleTimeString("en-GB") : time.toLocaleString("en-GB");
}

/** A list of recipients that leaves room for the rest of the line. */
function recipientWords(to: readonly string[]): string {
  const more = to.length - shownRecipients;
  return `${to.slice(0, shownRecipients).join(", ")}${more > 0 ? ` and ${more} more` : ""}`;
}

/** How a sandbox that is up is reached, for people. */
export function renderUp({ connection, reason, until, wasRunning }: Up, style: Style): string {
  const { submission, smtps, mx, ca, mailbox } = connection;
  const place = ({ host, port }: { readonly host: string; readonly port: number }): string =>
    `${host}:${port}`;
  const services = [
    ["  submission", place(submission), "mail from applications: STARTTLS, then log in"],
    ["  smtps     ", place(smtps), "the same, with TLS from the first byte"],
    ["  mx        ", place(mx), "mail from other servers"],
  ];
  const more = [
    ["  user      ", submission.user],
    ["  password  ", submission.password],
    ["  CA file   ", ca],
    ["  mailbox   ", mailbox.url],
  ];
  const end = clockTime(new Date(until));
  return [
    wasRunning
      ? style("bold", `A sandbox is ${printable(reason)}`)
      : `${style("bold", "The sandbox is up")}: ${printable(reason)}`,
    ...alignColumns(services),
    ...alignColumns(more),
    `It ends by itself at ${end}; hipaa-check sandbox down ends it now.`,
    'For the programs of a shell: set -a; eval "$(hipaa-check sandbox up --env)"; set +a',
    "",
  ].join("\n");
}

function tlsWords({ tls, auth }: MailSummary): string {
  const transport = tls === null ? "clear text" : `${tls.version} ${tls.cipher}`;
  return auth === null ? transport : `${transport}, logged in as ${auth.user}`;
}

/** One line for each message. */
export function renderInbox(mails: readonly MailSummary[], style: Style): string {
  if (mails.length === 0) return "The inbox is empty.\n";
  const rows = mails.map((mail) =>
    [
      mail.id,
      mail.receivedAt,
      `${mail.from === "" ? "<>" : mail.from} → ${recipientWords(mail.to)}`,
      mail.subject,
      tlsWords(mail),
    ].map(printable),
  );
  const [head = "", ...lines] = alignColumns([
    ["id", "received", "envelope", "subject", "came over"],
    ...rows,
  ]);
  return `${[style("bold", head), ...lines].join("\n")}\n`;
}

/** One message: its envelope, how it came, its header and its text. */
export function renderMail(mail: Mail, style: Style): string {
  const envelope = alignColumns([
    ["id", mail.id],
    ["received", mail.receivedAt],
    ["from", mail.from === "" ? "<> (a bounce)" : mail.from],
    ["to", mail.to.join(", ")],
    ["came over", tlsWords(mail)],
  ]);
  const header = mail.headers.map(({ name, value }) => `${name}: ${value}`);
  const attachments = mail.attachments.map(
    ({ name, type, size }) => `${name ?? "(no name)"}  ${type}  ${size} bytes`,
  );
  const section = (title: string, lines: readonly string[]): string[] =>
    lines.length === 0 ? [] : ["", style("bold", title), ...lines.map(printable)];
  return `${[
    ...envelope.map(printable),
    ...section("Header", header),
    ...section("Text", (mail.text ?? mail.html ?? "").trimEnd().split("\n")),
    ...section("Attachments", attachments),
  ].join("\n")}\n`;
}
