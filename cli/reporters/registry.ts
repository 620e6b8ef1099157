import type { Reporter } from "./reporter.ts";

/** Every output format, loaded when it is asked for. A new one is a file beside this one and one line here. */
export const reporters = {
  csv: async () => (await import("./csv.ts")).renderCsv,
  github: async () => (await import("./github.ts")).renderGithub,
  "gitlab-codequality": async () => (await import("./gitlab.ts")).renderGitlabCodeQuality,
  "gitlab-sast": async () => (await import("./gitlab.ts")).renderGitlabSast,
  html: async () => (await import("./html/page.ts")).renderHtml,
  json: async () => (await import("./json.ts")).renderJson,
  junit: async () => (await import("./junit.ts")).renderJunit,
  markdown: async () => (await import("./markdown.ts")).renderMarkdown,
  oscal: async () => (await import("./oscal/results.ts")).renderOscal,
  "oscal-plan": async () => (await import("./oscal/plan.ts")).renderOscalPlan,
  sarif: async () => (await import("./sarif.ts")).renderSarif,
  terminal: async () => (await import("./terminal.ts")).renderTerminal,
} as const satisfies Record<string, () => Promise<Reporter>>;

export type Format = keyof typeof reporters;

export const formats = Object.keys(reporters) as Format[];
