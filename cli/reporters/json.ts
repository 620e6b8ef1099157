import type { Reporter } from "./reporter.ts";

/** The contract for programs: see policies/schema/report.schema.json. */
export const renderJson: Reporter = (report) => `${JSON.stringify(report, undefined, 2)}\n`;
