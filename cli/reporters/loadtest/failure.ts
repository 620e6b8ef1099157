import type { LoadReport } from "#loadtests/index.ts";

/** What the server replied, or what happened where it did not. */
export function replyWords({ code, enhanced, text }: LoadReport["failures"][number]): string {
  return [code === 0 ? "" : String(code), enhanced, text].filter((part) => part !== "").join(" ");
}
