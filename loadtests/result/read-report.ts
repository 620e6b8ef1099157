import { readdirSync, readFileSync, statSync } from "node:fs";
import { join } from "node:path";
import type { ValidateFunction } from "ajv";
import { usage } from "../error.ts";
import type { SinkReport } from "../measure/engine-report.ts";
import { type Part, partOfReport, partOfSegment, type SegmentResult } from "./part.ts";
import { segmentResultSchema, sinkReportSchema } from "./record-schema.ts";
import type { LoadReport } from "./report.ts";
import { loadReportSchema } from "./report-schema.ts";

/** The files that a path names: itself, or those of a folder with one of the endings. */
function filesOf(path: string, endings: readonly string[]): string[] {
  const status = statSync(path, { throwIfNoEntry: false });
  if (status === undefined) throw usage("report-missing", `${path}: there is no such file or folder`);
  if (!status.isDirectory()) return [path];
  const files = readdirSync(path)
    .filter((name) => endings.some((ending) => name.endsWith(ending)))
    .sort()
    .map((name) => join(path, name));
  if (files.length > 0) return files;
  const wanted = endings.map((ending) => `*${ending}`).join(", ");
  throw usage("report-missing", `${path}: there is no report (${wanted}) in this folder`);
}

function readText(file: string): string {
  try {
    return readFileSync(file, "utf8");
  } catch (error) {
    throw usage("report-invalid", `${file} could not be read (${(error as NodeJS.ErrnoException).code})`);
  }
}

function parse(file: string, text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    throw usage("report-invalid", `${file} is not JSON: give what loadtest run --format json wrote`);
  }
}

function requireValid<T>(validate: ValidateFunction<T>, file: string, value: unknown, what: string): T {
  if (validate(value)) return value;
  const [error] = validate.errors ?? [];
  throw usage("report-invalid", `${file} is no ${what}: ${error?.instancePath} ${error?.message}`);
}

/**
 * Reads reports that `loadtest run --format json` wrote.
 * @param path a report, or a folder with several (`*.json`)
 * @throws LoadTestError where there is none, or one is no load report
 */
export async function readReports(path: string): Promise<LoadReport[]> {
  const { Ajv } = await import("ajv");
  const validate = new Ajv().compile<LoadReport>(loadReportSchema());
  return filesOf(path, [".json"]).map((file) =>
    requireValid(validate, file, parse(file, readText(file)), "load report"),
  );
}

const segmentProducer = "hipaa-check load segment";
const sinkProducer = "smtp-sink";

/** A log may say other things before and after. */
function segmentLine(text: string): string | undefined {
  return text
    .split("\n")
    .findLast((line) => line.startsWith("{") && line.slice(0, 100).includes(`"${segmentProducer}"`));
}

function parseLine(file: string, line: string): unknown {
  try {
    return JSON.parse(line);
  } catch {
    throw usage("segment-cut-off", `${file}: the result of the segment is cut off: fetch the whole log`);
  }
}

/** What one process of an exported plan left. */
interface Found {
  readonly file: string;
  readonly complaint: string;
  readonly result: SegmentResult;
}

/** The first thing that k6 said went wrong. */
function complaintOf(log: string): string {
  const line = log.split("\n").find((each) => /\blevel=error\b/.test(each));
  return line === undefined
    ? ""
    : (/\bmsg="((?:[^"\\]|\\.)*)"/.exec(line)?.[1] ?? line).replaceAll('\\"', '"');
}

function producerOf(value: unknown): unknown {
  return typeof value === "object" && value !== null && "producer" in value ? value.producer : undefined;
}

/**
 * Reads what the processes of a load left: reports, logs of segments, and the report of the sink that segments delivered to.
 * @param paths files, or folders with them (`*.json`, `*.log`)
 * @throws LoadTestError where one is none of these, or the sink's report is missing
 */
export async function readParts(paths: readonly string[]): Promise<Part[]> {
  const { Ajv } = await import("ajv");
  const ajv = new Ajv();
  const isReport = ajv.compile<LoadReport>(loadReportSchema());
  const isSegment = ajv.compile<SegmentResult>(segmentResultSchema());
  const isSink = ajv.compile<SinkReport>(sinkReportSchema());
  const parts: Part[] = [];
  const segments: Found[] = [];
  const sinks: { readonly file: string; readonly report: SinkReport }[] = [];
  for (const file of paths.flatMap((path) => filesOf(path, [".json", ".log"]))) {
    const text = readText(file);
    const line = segmentLine(text);
    if (line === undefined && file.endsWith(".log")) {
      const why = complaintOf(text) || "its process ended before its test did";
      throw usage("segment-without-result", `${file} holds no result of a segment: ${why}`);
    }
    const value = line === undefined ? parse(file, text) : parseLine(file, line);
    if (producerOf(value) === segmentProducer)
      segments.push({
        file,
        complaint: complaintOf(text),
        result: requireValid(isSegment, file, value, "result of a segment"),
      });
    else if (producerOf(value) === sinkProducer)
      sinks.push({ file, report: requireValid(isSink, file, value, "report of a sink") });
    else parts.push(partOfReport(requireValid(isReport, file, value, "load report")));
  }
  return [...parts, ...withSink(segments, sinks)];
}

function withSink(
  segments: readonly Found[],
  sinks: readonly { readonly file: string; readonly report: SinkReport }[],
): Part[] {
  const [sink, other] = sinks;
  if (other !== undefined)
    throw usage("sink-twice", `${sink?.file} and ${other.file} are both of a sink: segments share one`);
  if (sink !== undefined && segments.length === 0)
    throw usage("report-missing", `${sink.file} is of a sink: name what the segments left, too`);
  return segments.map(({ file, complaint, result }) => {
    const isCollected = result.engine.collected !== null;
    if (isCollected && sink === undefined)
      throw usage("sink-missing", `${file} delivered to a sink: name the sink's report, too`);
    if (!isCollected && sink !== undefined)
      throw usage(
        "segment-not-collected",
        `${file} was never held against the sink, so its losses are not known: look for the reason in its log`,
      );
    return partOfSegment(result, complaint, sink?.report);
  });
}
