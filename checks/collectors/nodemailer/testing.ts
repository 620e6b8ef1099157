import { memoryFiles } from "#base/files.ts";
import type { Collected, CollectHost } from "#facts/collector.ts";
import { collector } from "./collector.ts";

export type Files = Readonly<Record<string, string>>;

/** A small project of a fixture. */
export interface Example {
  readonly title: string;
  readonly files: Files;
}

/** The projects of a fixture: `//// title` begins one, `//# path` a file in it. */
export function readExamples(text: string): Example[] {
  return text
    .split(/^\/\/\/\/ /m)
    .slice(1)
    .map((part) => {
      const [title = "", ...lines] = part.split("\n");
      const files: Record<string, string> = {};
      let path = "mail.ts";
      for (const line of lines) {
        const next = /^\/\/# (\S+)$/.exec(line)?.[1];
        if (next === undefined) files[path] = `${files[path] ?? ""}${line}\n`;
        else path = next;
      }
      return {
        title,
        files: Object.fromEntries(Object.entries(files).filter(([, content]) => content.trim() !== "")),
      };
    });
}

/** A host for files in memory; `deploy.env` counts as given with --env-file. */
export function memoryHost(files: Files): CollectHost {
  return {
    options: {
      varFiles: [],
      envFiles: "deploy.env" in files ? ["deploy.env"] : [],
      terraformVariables: {},
    },
    read: (path) => files[path],
    holds: (path) => (files[path] ?? "") !== "",
    list: memoryFiles(files).list,
  };
}

/** Collects every project of a tree of files in memory. */
export async function collectAll(files: Files): Promise<Collected> {
  const host = memoryHost(files);
  const matched = Object.keys(files).filter((path) => /\.[cm]?[jt]sx?$/.test(path));
  const units = collector.group(matched.sort(), host);
  const collected = await Promise.all(units.map((unit) => collector.collect(unit, host)));
  return {
    facts: collected.flatMap((part) => part.facts),
    diagnostics: collected.flatMap((part) => part.diagnostics),
  };
}
