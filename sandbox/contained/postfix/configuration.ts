import { readdir, readFile, stat } from "node:fs/promises";
import { join, relative, sep } from "node:path";
import type { ContainerFile } from "../../containers/container.ts";
import { SandboxError } from "../../error.ts";

/** Where Postfix looks for its configuration in the container. */
export const configurationFolder = "/etc/postfix";

const largestBytes = 32 * 1024 * 1024;
const mostFiles = 2000;

/** Files that belong to an installation and not to a configuration; those of the container's own stay. */
const ofTheInstallation =
  /^(dynamicmaps\.cf(\.d)?|postfix-files(\.d)?|(main|master)\.cf\.(proto|default)|makedefs\.out|post-install|postfix-script)(\/|$)/;

/**
 * The timers that are shortened, so that minutes of retries are seen in seconds. Not to one second: times are counted in
 * whole ones, and a retry could then come before the first try has let go of the message.
 */
export const shortTimers: Readonly<Record<string, string>> = {
  minimal_backoff_time: "2s",
  maximal_backoff_time: "3s",
  queue_run_delay: "1s",
};

const overlayTitle = "# hipaa-check sandbox: shorter timers, and nothing else.";

/** A user's configuration as it goes into a container. */
export interface Configuration {
  readonly files: Readonly<Record<string, ContainerFile>>;
  /** Text of the files, for what no program of Postfix tells. */
  readonly text: string;
}

/**
 * Reads `main.cf`, `master.cf` and whatever lies beside them. Every file goes as it is, but for the timers at the end
 * of `main.cf`. Links are not followed: they may lead out of the folder.
 * @throws SandboxError when it is no configuration of Postfix
 */
export async function readConfiguration(folder: string): Promise<Configuration> {
  const isFolder = await stat(folder).then(
    (found) => found.isDirectory(),
    () => false,
  );
  if (!isFolder) throw refusal(`there is no folder ${folder}: give the one that holds main.cf`);
  const entries = await readdir(folder, { recursive: true, withFileTypes: true });
  const paths = entries
    .filter((entry) => entry.isFile())
    .map((entry) => relative(folder, join(entry.parentPath, entry.name)).split(sep).join("/"))
    .filter((path) => !ofTheInstallation.test(path))
    .sort();
  if (!paths.includes("main.cf"))
    throw refusal(`there is no main.cf in ${folder}: give the folder that holds it`);
  if (paths.length > mostFiles) {
    throw refusal(`${folder} holds ${paths.length} files: give the folder of a Postfix configuration`);
  }
  const files: Record<string, ContainerFile> = {};
  const texts: string[] = [];
  let bytes = 0;
  for (const path of paths) {
    const source = join(folder, path);
    const [content, { mode }] = await Promise.all([readFile(source), stat(source)]);
    bytes += content.length;
    if (bytes > largestBytes) {
      throw refusal(
        `${folder} holds more than ${largestBytes / 2 ** 20} MiB: give the folder of a Postfix configuration`,
      );
    }
    files[`${configurationFolder}/${path}`] = {
      content: path === "main.cf" ? withTimers(content) : content,
      mode: mode & 0o777,
    };
    if (!content.includes(0)) texts.push(content.toString("utf8"));
  }
  return { files, text: texts.join("\n") };
}

function withTimers(content: Buffer): Buffer {
  const lines = Object.entries(shortTimers).map(([name, value]) => `${name} = ${value}`);
  return Buffer.concat([content, Buffer.from(`\n${overlayTitle}\n${lines.join("\n")}\n`)]);
}

function refusal(text: string): SandboxError {
  return new SandboxError("usage", "no-configuration", text);
}
