import { renderCsv } from "./csv.ts";
import { renderGithub } from "./github.ts";
import { renderGitlabCodeQuality, renderGitlabSast } from "./gitlab.ts";
import { renderHtml } from "./html.ts";
import { renderJson } from "./json.ts";
import { renderJunit } from "./junit.ts";
import { renderMarkdown } from "./markdown.ts";
import type { Reporter } from "./reporter.ts";
import { renderSarif } from "./sarif.ts";
import { renderTerminal } from "./terminal.ts";

/** Every output format. A new one is a file beside this one and one line here. */
export const reporters = {
  csv: renderCsv,
  github: renderGithub,
  "gitlab-codequality": renderGitlabCodeQuality,
  "gitlab-sast": renderGitlabSast,
  html: renderHtml,
  json: renderJson,
  junit: renderJunit,
  markdown: renderMarkdown,
  sarif: renderSarif,
  terminal: renderTerminal,
} as const satisfies Record<string, Reporter>;

export type Format = keyof typeof reporters;

export const formats = Object.keys(reporters) as Format[];
