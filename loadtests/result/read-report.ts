import { readdirSync, readFileSync, statSync } from "node:fs";
import { join } from "node:path";
import { usage } from "../error.ts";
import type { LoadReport } from "./report.ts";
import { loadReportSchema } from "./report-schema.ts";

/**
 * Reads reports that `loadtest run --format json` wrote.
 * @param path a report, or a folder with several (`*.json`)
 * @throws LoadTestError where there is none, or one is no load report
 */
export async function readReports(path: string): Promise<LoadReport[]> {
  const { Ajv } = await import("ajv");
  const validate = new Ajv().compile<LoadReport>(loadReportSchema());
  const status = statSync(path, { throwIfNoEntry: false });
  if (status === undefined) throw usage("report-missing", `${path}: there is no such file or folder`);
  const files = status.isDirectory()
    ? readdirSync(path)
        .filter((name) => name.endsWith(".json"))
        .sort()
        .map((name) => join(path, name))
    : [path];
  if (files.length === 0)
    throw usage("report-missing", `${path}: there is no report (*.json) in this folder`);
  return files.map((file) => {
    let value: unknown;
    try {
      value = JSON.parse(readFileSync(file, "utf8"));
    } catch {
      throw usage("report-invalid", `${file} is not JSON: give what loadtest run --format json wrote`);
    }
    if (validate(value)) return value;
    const [error] = validate.errors ?? [];
    throw usage("report-invalid", `${file} is no load report: ${error?.instancePath} ${error?.message}`);
  });
}
