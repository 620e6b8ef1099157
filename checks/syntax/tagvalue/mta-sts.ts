import { isReportAddressList } from "./dmarc.ts";
import { parseTagList } from "./tag-list.ts";

/** What the record at `_mta-sts` or `_smtp._tls` says. */
export interface PolicyRecord {
  /** What breaks the grammar, in plain words. Empty when it can be read. */
  readonly problems: readonly string[];
}

/** Reads the text at `_mta-sts.<domain>` (RFC 8461 section 3.1). Undefined when it is no MTA-STS record. */
export function readMtaStsRecord(text: string): PolicyRecord | undefined {
  if (!/^v=STSv1\s*;/.test(text)) return undefined;
  const list = parseTagList(text);
  const id = list.get("id");
  const problems = [...list.problems];
  if (id === undefined || !/^[A-Za-z0-9]{1,32}$/.test(id))
    problems.push("the tag id is not 1 to 32 letters and digits");
  return { problems };
}

/** Reads the text at `_smtp._tls.<domain>` (RFC 8460 section 3). Undefined when it is no TLS-RPT record. */
export function readTlsReporting(text: string): (PolicyRecord & { readonly reports: boolean }) | undefined {
  if (!/^v=TLSRPTv1\s*;/.test(text)) return undefined;
  const list = parseTagList(text);
  const reports = isReportAddressList(list.get("rua") ?? "");
  return { problems: reports ? list.problems : [...list.problems, "the tag rua names no address"], reports };
}

export type MtaStsMode = "enforce" | "testing" | "none";

/** The policy file that `https://mta-sts.<domain>/.well-known/mta-sts.txt` serves (RFC 8461 section 3.2). */
export interface MtaStsPolicy extends PolicyRecord {
  readonly mode?: MtaStsMode;
  /** Host names and patterns of `mx:` lines, in order. */
  readonly mx: readonly string[];
}

const longestMaxAge = 31_557_600;

/** Reads the policy file. Never throws: what does not fit is a problem. */
export function readMtaStsPolicy(text: string): MtaStsPolicy {
  const problems: string[] = [];
  const fields = new Map<string, string>();
  const mx: string[] = [];
  for (const line of text.split(/\r?\n/)) {
    if (line.trim() === "") continue;
    const match = /^([A-Za-z0-9][A-Za-z0-9_.-]*)\s*:\s*(\S.*?)\s*$/.exec(line);
    if (match === null) {
      problems.push(`the line "${line.trim()}" is no "name: value"`);
      continue;
    }
    const name = match[1] ?? "";
    const value = match[2] ?? "";
    if (name === "mx") mx.push(value);
    else if (!fields.has(name)) fields.set(name, value);
  }
  if (fields.get("version") !== "STSv1") problems.push("version is not STSv1");
  const age = fields.get("max_age");
  if (age === undefined || !/^\d{1,10}$/.test(age) || Number(age) > longestMaxAge) {
    problems.push(`max_age is no number of seconds from 0 to ${longestMaxAge}`);
  }
  const mode = fields.get("mode");
  if (mode !== "enforce" && mode !== "testing" && mode !== "none") {
    return { problems: [...problems, "mode is neither enforce, testing nor none"], mx };
  }
  if (mode !== "none" && mx.length === 0) problems.push("no mx line names a mail server");
  return { problems, mode, mx };
}
