import { createHash } from "node:crypto";
import { cp, readdir, readFile } from "node:fs/promises";
import { join } from "node:path";
import { messageOf, SandboxError } from "../error.ts";
import { imageFolder } from "../paths.ts";
import { createTemporaryFolder } from "../resources/temporary-folder.ts";
import type { Engine } from "./engine.ts";

/** The images of the sandbox: `sandbox/images/<name>/Dockerfile`. */
export const imageNames = ["postfix", "mailhog", "network", "exim", "opensmtpd", "clients"] as const;
export type ImageName = (typeof imageNames)[number];

export interface BuildOptions {
  /** Told once when an image has to be built, which takes a minute or two. */
  readonly onProgress?: ((text: string) => void) | undefined;
  readonly signal?: AbortSignal | undefined;
  /** Default: the shipped one. */
  readonly folder?: string | undefined;
}

/** What the engine says while it builds, one JSON object a line. */
interface BuildLine {
  readonly stream?: string;
  readonly error?: string;
}

/** Every file of a folder, as paths relative to it, sorted. */
async function filesOf(folder: string): Promise<string[]> {
  const entries = await readdir(folder, { recursive: true, withFileTypes: true });
  return entries
    .filter((entry) => entry.isFile())
    .map((entry) => join(entry.parentPath, entry.name).slice(folder.length).replace(/^\//, ""))
    .sort();
}

/** The tag says what is in the image: the same files, the same tag. */
async function referenceOf(name: ImageName, folder: string): Promise<string> {
  const digest = createHash("sha256");
  for (const file of await filesOf(folder)) {
    digest
      .update(`${file}\0`)
      .update(await readFile(join(folder, file)))
      .update("\0");
  }
  return `hipaa-check-sandbox/${name}:${digest.digest("hex").slice(0, 16)}`;
}

const pullTrouble =
  /pull access denied|manifest|dial tcp|no such host|toomanyrequests|registry|Client\.Timeout/i;

/** One line about a build that failed. */
function buildError(name: ImageName, base: string, error: string, last: string): SandboxError {
  const line = (error.split("\n").find((text) => text.trim() !== "") ?? "no reason given").trim();
  if (pullTrouble.test(line)) {
    const text = `the base image ${base} cannot be pulled: ${line}; connect to a registry, or load the image with \`docker load\``;
    return new SandboxError("environment", "image-not-pulled", text);
  }
  const said = last === "" ? "" : `, after: ${last}`;
  return new SandboxError(
    "environment",
    "image-not-built",
    `the image ${name} cannot be built: ${line}${said}`,
  );
}

/**
 * Where this machine trusts more than a fresh Debian does, builds do too: networks that inspect TLS name their
 * authority in `NODE_EXTRA_CA_CERTS`.
 */
async function extraCertificates(): Promise<string | undefined> {
  const file = process.env.NODE_EXTRA_CA_CERTS;
  return file === undefined || file === "" ? undefined : await readFile(file, "utf8").catch(() => undefined);
}

async function build(
  engine: Engine,
  {
    name,
    reference,
    folder,
  }: { readonly name: ImageName; readonly reference: string; readonly folder: string },
  signal: AbortSignal | undefined,
): Promise<void> {
  await using context = await createTemporaryFolder("image");
  await cp(folder, context.path, { recursive: true });
  const certificates = await extraCertificates();
  if (certificates !== undefined) await context.write("certificates.pem", certificates);
  const dockerfile = await readFile(join(context.path, "Dockerfile"), "utf8");
  const base = /^FROM\s+(\S+)/m.exec(dockerfile)?.[1] ?? "";
  const { dockerode } = engine.client.container;
  let last = "";
  try {
    const stream = await dockerode.buildImage(
      { context: context.path, src: await readdir(context.path) },
      {
        t: reference,
        // The classic builder: the other one needs a session that its command line opens.
        version: "1",
        networkmode: "host",
        forcerm: true,
        labels: { "dev.hipaa-check.image": name },
        ...(signal === undefined ? {} : { abortSignal: signal }),
      },
    );
    await new Promise<void>((resolve, reject) => {
      dockerode.modem.followProgress(
        stream,
        (error: Error | null) => (error === null ? resolve() : reject(error)),
        ({ stream: text = "", error }: BuildLine) => {
          if (error !== undefined) reject(new Error(error));
          // The builder's own lines say what it does, not what went wrong.
          else if (text.trim() !== "" && !/^(Step| --->|Removing intermediate)/.test(text)) {
            last = text.trim().split("\n").at(-1) ?? last;
          }
        },
      );
    });
  } catch (error) {
    if (signal?.aborted)
      throw new SandboxError("environment", "interrupted", "interrupted while an image was built");
    throw buildError(name, base, messageOf(error), last);
  }
}

const building = new Map<string, Promise<void>>();

/**
 * The image of that name, built now unless an unchanged one is there.
 * @returns how the engine knows it
 * @throws SandboxError when it cannot be built or its base not be pulled
 */
export async function ensureImage(
  engine: Engine,
  name: ImageName,
  { onProgress, signal, folder = imageFolder(name) }: BuildOptions = {},
): Promise<string> {
  const reference = await referenceOf(name, folder);
  const { dockerode } = engine.client.container;
  const there = await dockerode
    .getImage(reference)
    .inspect()
    .then(
      () => true,
      () => false,
    );
  if (there) return reference;
  onProgress?.(`building the image ${name}: once, it is kept while it does not change`);
  const own = building.get(reference) ?? build(engine, { name, reference, folder }, signal);
  building.set(reference, own);
  try {
    await own;
  } finally {
    building.delete(reference);
  }
  return reference;
}
