import { spawn } from "node:child_process";
import { createInterface } from "node:readline";
import { setTimeout as pause } from "node:timers/promises";
import { environment, type LoadTestError, targetUnusable, usage } from "../error.ts";
import { quietEnvironment } from "./find.ts";
import { processorSeconds } from "./usage.ts";

/** Exit codes of k6 (its `errext/exitcodes`), and what they mean here. */
const meanings: Readonly<Record<number, string>> = {
  100: "its set-up did not end in time",
  101: "its end did not come in time",
  104: "it was given options that it does not take",
  106: "it could not open its own port",
  107: "the script has a mistake",
  109: "it broke",
  110: "the script ended the run as failed",
};
const exitOk = 0;
const exitThresholds = 99;
const exitAborted = 105;
/** The script found that the target cannot be loaded. */
const exitScriptAbort = 108;

const graceMs = 10_000;
const sampleMs = 500;
const linesKept = 40;

export interface K6Run {
  /** Ended on purpose, before its time: what it left is partial. */
  readonly interrupted: boolean;
  /** Processor seconds that k6 used, as last seen; undefined where the system does not say. */
  readonly cpuSeconds: number | undefined;
  /** The first thing that it complained about; empty where it did not. */
  readonly complaint: string;
}

export interface K6RunOptions {
  readonly path: string;
  readonly script: string;
  /** Environment of the script, beside what k6 itself needs. */
  readonly environment: Readonly<Record<string, string>>;
  readonly folder: string;
  /** After how long it is ended whatever it does. */
  readonly timeoutMs: number;
  readonly signal?: AbortSignal;
  /** Told when the scenarios begin: starting k6 and its users takes a while. */
  readonly onBegun?: () => void;
}

/** Has the k6 of `loadtest build` end with its standard input; any other takes no notice. */
const leashVariable = "SMTP_ENDS_WITH_STDIN";

/** The line by which a script tells that its scenarios begin. */
export const beginsLine = "hipaa-check: the scenarios begin";

const kept = [
  "PATH",
  "HOME",
  "TMPDIR",
  "TEMP",
  "SystemRoot",
  "SSL_CERT_FILE",
  "SSL_CERT_DIR",
  "GODEBUG",
  "GOMAXPROCS",
];

/** What k6 says is wrong, without the place in a script of ours that the user never sees. */
function complaintOf(lines: readonly string[]): string {
  const at = lines.findIndex((line) => !/^(\s*at |level=warn|Request Failed$)/.test(line));
  const telling = (lines[at] ?? "").replace(/^(\w*Error|GoError): /, "").trim();
  return telling.endsWith(":") ? `${telling} ${(lines[at + 1] ?? "").replace(/^[\s-]+/, "")}` : telling;
}

function failureOf(code: number | null, signal: string | null, lines: readonly string[]): LoadTestError {
  const said = complaintOf(lines);
  if (code === exitScriptAbort) {
    return targetUnusable(said.replace("test aborted: ", ""));
  }
  const why = code === null ? `it was ended by ${signal}` : (meanings[code] ?? `it ended with ${code}`);
  const text = `k6 could not run the test: ${why}${said === "" ? "" : `: ${said}`}`;
  return code === 107 || code === 104 ? usage("k6-script", text) : environment("k6-failed", text);
}

/**
 * Runs k6 to its end. The first signal lets it finish what it has measured, a second one is not waited for.
 * @throws LoadTestError when it does not end as a test that was run
 */
export async function runK6(options: K6RunOptions): Promise<K6Run> {
  if (options.signal?.aborted === true) return { interrupted: true, cpuSeconds: undefined, complaint: "" };
  const passed = Object.fromEntries(
    kept.flatMap((name) => (process.env[name] === undefined ? [] : [[name, process.env[name]]])),
  );
  const child = spawn(
    options.path,
    ["run", "--quiet", "--no-color", "--log-format=raw", "--summary-mode=compact", options.script],
    {
      cwd: options.folder,
      env: { ...passed, ...quietEnvironment, [leashVariable]: "1", ...options.environment },
      // The other end of its standard input is closed when this process is gone, however it went.
      stdio: ["pipe", "ignore", "pipe"],
      // A Ctrl-C goes to every process of the terminal's group. k6 gets one signal, from here: at a second one it drops everything.
      detached: true,
    },
  );
  child.stdin.on("error", () => undefined);
  const lines: string[] = [];
  createInterface({ input: child.stderr }).on("line", (line) => {
    if (line.trim() === beginsLine) options.onBegun?.();
    else if (line.trim() !== "" && lines.length < linesKept) lines.push(line);
  });
  let interrupted = false;
  let overdue = false;
  const end = (): void => {
    interrupted = true;
    child.kill("SIGINT");
    pause(graceMs, undefined, { ref: false }).then(() => child.kill("SIGKILL"));
  };
  const timer = setTimeout(() => {
    overdue = true;
    end();
  }, options.timeoutMs);
  let cpuSeconds: number | undefined;
  const sampler = setInterval(() => {
    cpuSeconds = child.pid === undefined ? undefined : (processorSeconds(child.pid) ?? cpuSeconds);
  }, sampleMs);
  options.signal?.addEventListener("abort", end);
  try {
    const [code, signal] = await new Promise<[number | null, string | null]>((resolve, reject) => {
      child.on("error", (error) =>
        reject(environment("k6-failed", `k6 could not be started: ${error.message}`)),
      );
      child.on("close", (exitCode, exitSignal) => resolve([exitCode, exitSignal]));
    });
    if (overdue) throw environment("k6-overdue", "k6 did not end in time and was ended");
    const seen = { cpuSeconds, complaint: complaintOf(lines) };
    if (interrupted || code === exitAborted) return { ...seen, interrupted: true };
    if (code === exitOk || code === exitThresholds) return { ...seen, interrupted: false };
    throw failureOf(code, signal, lines);
  } finally {
    clearTimeout(timer);
    clearInterval(sampler);
    options.signal?.removeEventListener("abort", end);
    if (child.exitCode === null && child.signalCode === null) child.kill("SIGKILL");
  }
}
