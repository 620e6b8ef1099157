import { execFile } from "node:child_process";
import { accessSync, constants } from "node:fs";
import { delimiter, join } from "node:path";
import { promisify } from "node:util";
import { environment } from "../error.ts";

const run = promisify(execFile);
const probeTimeoutMs = 20_000;

/** The major release of k6 that the scripts are written for. */
const supportedMajor = 2;

/** A k6 that can be started. */
export interface K6 {
  readonly path: string;
  /** Where it was found: `HIPAA_CHECK_K6`, the project, PATH. */
  readonly origin: string;
  /** `v2.2.0`. */
  readonly version: string;
  /** True where the SMTP extension is built in. */
  readonly hasSmtp: boolean;
}

/** Where `loadtest build` leaves a binary, and where it is looked for. */
export function builtBinary(folder: string): string {
  const name = process.platform === "win32" ? "hipaa-check-k6.exe" : "hipaa-check-k6";
  return join(folder, ".hipaa-check", name);
}

function isExecutable(path: string): boolean {
  try {
    accessSync(path, constants.X_OK);
    return true;
  } catch {
    return false;
  }
}

function onPath(): string[] {
  const names = process.platform === "win32" ? ["hipaa-check-k6.exe", "k6.exe"] : ["hipaa-check-k6", "k6"];
  const folders = (process.env.PATH ?? "").split(delimiter).filter((folder) => folder !== "");
  return names.flatMap((name) => folders.map((folder) => join(folder, name)));
}

/** Environment of every k6: nothing that phones home, no listener, no dashboard. */
export const quietEnvironment: Readonly<Record<string, string>> = {
  K6_NO_USAGE_REPORT: "true",
  K6_AUTO_EXTENSION_RESOLUTION: "false",
  K6_WEB_DASHBOARD: "false",
};

async function inspect(path: string, origin: string): Promise<K6> {
  const env = { ...process.env, ...quietEnvironment };
  let output: string;
  try {
    ({ stdout: output } = await run(path, ["version"], { env, timeout: probeTimeoutMs }));
  } catch (error) {
    const { code, killed } = error as NodeJS.ErrnoException & { readonly killed?: boolean };
    const why =
      killed === true ? `no answer within ${probeTimeoutMs / 1000} s` : (code ?? "it ended with an error");
    throw environment("k6-broken", `${path} (${origin}) is no k6 that runs here (${why})`);
  }
  const version = /\bv(\d+)\.\d+\.\d+\S*/.exec(output);
  if (version === null) throw environment("k6-broken", `${path} (${origin}) does not say that it is k6`);
  if (Number(version[1]) !== supportedMajor) {
    throw environment(
      "k6-version",
      `${path} (${origin}) is k6 ${version[0]}; version ${supportedMajor} is needed: run hipaa-check loadtest build, or set HIPAA_CHECK_K6`,
    );
  }
  const hasSmtp = await run(path, ["x", "smtp-sink", "--help"], { env, timeout: probeTimeoutMs }).then(
    () => true,
    () => false,
  );
  return { path, origin, version: version[0], hasSmtp };
}

/**
 * The k6 that a run uses: `HIPAA_CHECK_K6`, then the one that `loadtest build` made for one of the folders, then PATH.
 * @param folders the project's folder and the package's own
 * @throws LoadTestError when there is none, or the one that was named cannot be used
 */
export async function findK6(folders: readonly string[]): Promise<K6> {
  const named = process.env.HIPAA_CHECK_K6;
  if (named !== undefined && named !== "") {
    if (!isExecutable(named)) {
      throw environment("k6-missing", `HIPAA_CHECK_K6 names ${named}, which is no program that can be run`);
    }
    return await inspect(named, "HIPAA_CHECK_K6");
  }
  const built = folders.map(builtBinary).find(isExecutable);
  if (built !== undefined) return await inspect(built, "loadtest build");
  const found = onPath().find(isExecutable);
  if (found !== undefined) return await inspect(found, "PATH");
  throw environment(
    "k6-missing",
    "there is no k6: run hipaa-check loadtest build (it needs Go), or set HIPAA_CHECK_K6 to one that has k6/x/smtp",
  );
}

/** @throws LoadTestError where the SMTP extension is not built in */
export function requireSmtp(k6: K6): void {
  if (k6.hasSmtp) return;
  throw environment(
    "k6-without-smtp",
    `${k6.path} (${k6.origin}) is a k6 without the SMTP extension: run hipaa-check loadtest build, or set HIPAA_CHECK_K6; --http without --exec and --sink works with this one`,
  );
}
