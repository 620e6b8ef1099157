import { readdirSync, readFileSync } from "node:fs";
import { parse } from "yaml";
import { differences, explanationOf } from "#sandbox/measured/differences.ts";
import { expectedVerdict } from "#sandbox/measured/expected.ts";
import { type Measurement, readResults } from "#sandbox/measured/results.ts";
import {
  type MeasuredGroup,
  type MeasuredSender,
  measuredGroups,
  measuredSenders,
} from "#sandbox/measured/senders.ts";
import type { Verdict } from "#sandbox/posture-server/posture.ts";
import { heading, table } from "./markdown.ts";

const signs: Readonly<Record<Verdict, string>> = {
  held: "✓",
  weak: "weak",
  leaked: "**leak**",
  lost: "**lost**",
  inconclusive: "?",
  "not-run": "",
};

interface Column {
  readonly sender: MeasuredSender;
  readonly measurement: Measurement;
}

/** Titles of the postures, by id. */
function readTitles(folder: string): ReadonlyMap<string, string> {
  const folders = readdirSync(folder, { withFileTypes: true }).filter((entry) => entry.isDirectory());
  return new Map(
    folders.map(({ name }) => {
      const { title } = parse(readFileSync(`${folder}/${name}/posture.yaml`, "utf8")) as {
        readonly title: string;
      };
      return [name, title];
    }),
  );
}

function readColumns(): readonly Column[] {
  const results = new Map(readResults().map((measurement) => [measurement.id, measurement]));
  return measuredSenders.flatMap((sender) => {
    const measurement = results.get(sender.id);
    return measurement === undefined ? [] : [{ sender, measurement }];
  });
}

function verdictOf({ measurement }: Column, posture: string): Verdict {
  return measurement.verdicts[posture]?.verdict ?? "not-run";
}

/** A sender where its group is not in view. */
function fullTitle({ group, title }: MeasuredSender): string {
  return group === "Postfix" || group.startsWith("nodemailer") ? `${group} \`${title}\`` : title;
}

/** Senders in words: a whole group by its name, and all but a few where that is shorter. */
function named(found: readonly Column[], all: readonly Column[]): string {
  const parts = [...Map.groupBy(all, ({ sender }) => sender.group)].flatMap(([group, members]) => {
    const inside = members.filter((column) => found.includes(column));
    const outside = members.filter((column) => !found.includes(column));
    const list = (columns: readonly Column[]): string =>
      columns.map(({ sender }) => `\`${sender.title}\``).join(", ");
    if (inside.length === 0) return [];
    if (outside.length === 0) return [group];
    if (outside.length < inside.length) return [`${group} but ${list(outside)}`];
    return inside.map(({ sender }) => fullTitle(sender));
  });
  return found.length === all.length ? "all" : parts.join("; ");
}

function postureLink(id: string): string {
  return `[${id}](../../sandbox/postures/${id}/posture.yaml)`;
}

function settings(columns: readonly Column[]): string {
  const rows = columns.map(({ sender, measurement }) => [
    sender.title,
    sender.configuration === undefined
      ? `\`${sender.setting}\``
      : `[\`${sender.setting}\`](../../sandbox/measured/${sender.configuration})`,
    measurement.software,
    measurement.date,
    sender.configuration === undefined ? "no collector reads it" : "agree",
  ]);
  return table(["column", "configured as", "software", "measured on", "static rules"], rows);
}

function matrix(columns: readonly Column[], titles: ReadonlyMap<string, string>): string {
  const shown = [...titles].filter(([id]) => columns.some((column) => verdictOf(column, id) !== "not-run"));
  const rows = shown.map(([id, title]) => [
    postureLink(id),
    title,
    ...columns.map((column) => {
      const difference = explanationOf(column.sender.id, id);
      const number = difference === undefined ? 0 : differences.indexOf(difference) + 1;
      const sign = signs[verdictOf(column, id)];
      return number === 0 ? sign : `${sign}<sup>[${number}](#difference-${number})</sup>`;
    }),
  ]);
  return table(["id", "posture", ...columns.map(({ sender }) => sender.title)], rows);
}

/** Senders that use no TLS at a good server either: their column proves what leaks, and nothing else. */
function withoutTls(columns: readonly Column[]): string {
  const names = columns
    .filter(({ measurement }) => measurement.atGoodServer !== undefined)
    .map(({ sender }) => sender.title);
  if (names.length === 0) return "";
  return `\n\nIn the column${names.length === 1 ? "" : "s"} ${names.map((name) => `\`${name}\``).join(", ")} the message goes in clear text to a good server too. What leaks there counts; what is held only shows that the sender did not get far enough.`;
}

function section(
  group: MeasuredGroup,
  all: readonly Column[],
  titles: ReadonlyMap<string, string>,
): readonly string[] {
  const columns = all.filter(({ sender }) => sender.group === group);
  if (columns.length === 0) return [];
  return [`## ${group}`, `${settings(columns)}${withoutTls(columns)}`, matrix(columns, titles)];
}

function differenceRows(columns: readonly Column[]): readonly (readonly string[])[] {
  return differences.map(({ postures, senders, measured, why }, index) => {
    const [posture = ""] = postures.split(" ");
    const [sender = ""] = senders.split(" ");
    const found = columns.filter((column) => senders.split(" ").includes(column.sender.id));
    return [
      `<a id="difference-${index + 1}"></a>${index + 1}`,
      postures.split(" ").join(", "),
      named(found, columns),
      `${expectedVerdict(sender, posture) ?? "nothing"}`,
      measured,
      why,
    ];
  });
}

/** Postures that were not run, by reason. */
function notRunRows(columns: readonly Column[]): readonly (readonly string[])[] {
  const cases = columns.flatMap((column) =>
    Object.entries(column.measurement.verdicts)
      .filter(([, { verdict }]) => verdict === "not-run")
      .map(([posture, { reason }]) => ({ posture, reason, column })),
  );
  const byReason = Map.groupBy(cases, ({ posture, reason }) => `${posture} ${reason}`);
  const rows = [...byReason.values()].map((found) => ({
    posture: found[0]?.posture ?? "",
    reason: found[0]?.reason ?? "",
    senders: named(
      found.map(({ column }) => column),
      columns,
    ),
  }));
  // Postures that the same senders did not meet for the same reason share a line.
  return [...Map.groupBy(rows, ({ senders, reason }) => `${senders} ${reason}`).values()].map((group) => [
    group.map(({ posture }) => posture).join(", "),
    group[0]?.senders ?? "",
    group[0]?.reason ?? "",
  ]);
}

const words = `What real mail servers, libraries and programs did in each posture of the suite, judged from the wire at the receiver. Nothing here is
taken from documentation: \`npm run postures\` puts every sender into every posture and writes
[\`sandbox/measured/results.json\`](../../sandbox/measured/results.json), with the words of the probe for each verdict, and this page is written from it.

| sign | verdict | means |
|---|---|---|
| ✓ | held | delivered well, or nothing but the opening of the protocol was said in clear text |
| weak | weak | delivered over TLS that is not authenticated or below the floor |
| **leak** | leaked | part of the message, or the password, was shown in clear text or in a report |
| **lost** | lost | accepted, and neither delivered nor kept nor reported |
| ? | inconclusive | could not be decided |
|  | not run | does not apply; [below](#what-was-not-run) is why |

A number leads to the explanation of a verdict that is not [what was expected](#what-was-not-expected).`;

const expectations = `Before anything was measured, documentation and source code of the senders led to expect a verdict for most of the table. Every difference is
explained here, and a test fails when one is not, or when an explanation has no difference any more.`;

const method = `The server of a posture records every octet. Before each group of postures a good server has to get the message and a careless sender has to
be caught; a run in which that fails is not kept. Mail servers run in containers from Debian 13, with their queue timers shortened and the resolver and the trusted
authorities of the sandbox, and with nothing else changed. In the columns "TLSA" and "enforce" the recipient's domain publishes what they say in all postures that publish nothing of their own;
the sender's domain publishes nothing. Modules run on the Node of this project.

The static rules for mail routes are held against this table: where a rule passes, nothing was seen that it rules out, and where one fails, it was seen
(\`cli/measured-senders.test.ts\`). Exim, OpenSMTPD, swaks and msmtp have no collector, so nothing static is said of them. A small part of the table
is measured again by the tests (\`sandbox/measured/measured.test.ts\`).

P62 waits for a Postfix of 3.11 or newer, and Debian 13 has 3.10. Postures that put a receiving server to the test (\`sandbox probe --server\`) have no column here.`;

/** What every measured sender did in every posture, as `npm run postures` saw it. */
export function posturesPage(root: string): string {
  const titles = readTitles(`${root}sandbox/postures`);
  const columns = readColumns();
  const parts = [
    heading("Postures, measured", words).trimEnd(),
    ...measuredGroups.flatMap((group) => section(group, columns, titles)),
    "## What was not expected",
    expectations,
    table(["#", "postures", "senders", "expected", "measured", "why"], differenceRows(columns)),
    "## What was not run",
    table(["postures", "senders", "why"], notRunRows(columns)),
    "## How it is measured",
    method,
  ];
  return `${parts.join("\n\n")}\n`;
}
