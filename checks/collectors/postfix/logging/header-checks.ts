import { known, unknown, type Value } from "#base/value.ts";
import type { Service } from "#syntax/conf/master-file.ts";
import type { Instance } from "../instance.ts";
import { mapReferences } from "../maps/reference.ts";

/** Parameters whose tables are held against lines of messages, with what the lines are. */
const checks: Readonly<Record<string, "header" | "body">> = {
  body_checks: "body",
  header_checks: "header",
  milter_header_checks: "header",
  mime_header_checks: "header",
  nested_header_checks: "header",
  smtp_body_checks: "body",
  smtp_header_checks: "header",
  smtp_mime_header_checks: "header",
  smtp_nested_header_checks: "header",
};

/** Actions that write the line to the log while the message goes on. */
const passing = /^(?:BCC|FILTER|HOLD|INFO|PREPEND|REDIRECT|REPLACE|STRIP|WARN)\b/i;
/** Actions that write the line to the log and end the message. */
const ending = /^(?:DELAY|DISCARD|REJECT|[45]\d\d)\b/i;

/** Headers that say nothing of the content, at the beginning of a pattern. */
const harmless =
  /^\^?(?:\\s\*?|\[\[:space:\]\]\*?|\(\??:?)*(?:Received|Return-Path|Delivered-To|Message-ID|Date|From|To|Cc|Bcc|Sender|Reply-To|Mime-Version|User-Agent|X-[\w-]+|DKIM-[\w-]+|ARC-[\w-]+|Authentication-Results|List-[\w-]+|Precedence|Auto-Submitted|Errors-To|Disposition-Notification-To|Content-Transfer-Encoding|In-Reply-To|References|Thread-[\w-]+)\b/i;
const speaksOfContent = /subject|content-(?:type|disposition|description)|name\s*=/i;

/** For each header and body check: whether it brings content into the log. */
export function checksLogContent(instance: Instance): Value<boolean>[] {
  const scopes: (Service | undefined)[] = [
    undefined,
    ...instance.services.filter(({ overrides }) => overrides.some(({ name }) => name in checks)),
  ];
  return scopes.flatMap((service) =>
    Object.entries(checks)
      .filter(([name]) => service === undefined || service.overrides.some((setting) => setting.name === name))
      .flatMap(([name, lines]) => checkTables(instance, name, lines, service)),
  );
}

function checkTables(
  instance: Instance,
  name: string,
  lines: "header" | "body",
  service: Service | undefined,
): Value<boolean>[] {
  const value = instance.parameters.value(name, service);
  const location = value.location ?? instance.parameters.due;
  if (value.state === "unknown") return [unknown(value.reason, value.location, value.chain)];
  if (value.state === "absent") return [];
  return mapReferences(value.value).flatMap((reference): Value<boolean>[] => {
    const table = instance.tables.open(reference, location);
    if (table.kind === "unseen") {
      return [unknown(`${table.reason}, and ${name} may log what it matches`, location)];
    }
    const entries =
      table.kind === "constant"
        ? [{ pattern: "", value: table.value, location: table.location }]
        : table.kind === "patterns"
          ? table.entries
          : table.entries.map((entry) => ({ ...entry, pattern: entry.key }));
    return entries
      .filter(({ pattern, value: action }) => logsContent(pattern, action, lines))
      .map(({ location: at }) =>
        known(true, at, [{ location: at, text: `${name} writes the line that matches to the log` }]),
      );
  });
}

/** An attachment's name counts only where the message goes on: filters of programs name what nobody wants. */
function logsContent(pattern: string, action: string, lines: "header" | "body"): boolean {
  const passes = passing.test(action);
  if (!passes && !ending.test(action)) return false;
  if (lines === "body") return true;
  if (harmless.test(pattern) && !speaksOfContent.test(pattern)) return false;
  const namesAttachment = /name|Content-(?:Type|Disposition)/i.test(pattern) && !/subject/i.test(pattern);
  return passes || !namesAttachment;
}
