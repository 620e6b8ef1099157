import { createHash } from "node:crypto";
import { readFileSync } from "node:fs";
import { resolve } from "node:path";
import type { Location } from "#base/location.ts";
import type { Checked } from "#engine/check.ts";
import type { BundleInput } from "../bundle/manifest.ts";
import type { Member } from "../bundle/seal.ts";
import { fitsHeader, isSafePath } from "../bundle/ustar.ts";
import { usage } from "../error.ts";
import { redact } from "./redact.ts";

export const inputFolder = "inputs";

export interface InputRequest {
  readonly workingFolder: string;
  /** Files from elsewhere, by the path under which they were judged. */
  readonly placed: ReadonlyMap<string, string>;
  /** Keep digests and no contents. */
  readonly digestsOnly: boolean;
  /** Files of which no content is ever kept: those with values of an environment. */
  readonly private: ReadonlySet<string>;
}

/** What was judged, as the manifest lists it, with the files that go into the bundle. */
export interface Inputs {
  readonly inputs: readonly BundleInput[];
  readonly members: readonly Member[];
}

/**
 * The original octets of everything that was judged, with secrets masked and that recorded.
 * @throws EvidenceError where a file cannot be kept, or is no longer what was judged
 */
export function bundleInputs(checked: Checked, request: InputRequest): Inputs {
  const secrets = Map.groupBy(checked.secrets, ({ file }) => file);
  const inputs: BundleInput[] = [];
  const members: Member[] = [];
  for (const { path, size, sha256 } of checked.inputs) {
    const source = request.placed.get(path) ?? resolve(request.workingFolder, path);
    const member = `${inputFolder}/${path}`;
    const keep = !request.digestsOnly && !request.private.has(path);
    if (!keep) {
      inputs.push({ path, size, sha256, member: null, redactions: [] });
      continue;
    }
    if (!isSafePath(member) || !fitsHeader(member)) {
      throw usage(
        "path-unusable",
        `The path ${JSON.stringify(path)} cannot be kept in a bundle. Rename the file, or use --digests-only.`,
      );
    }
    const places = secrets.get(path) ?? [];
    if (places.length === 0) {
      members.push({ path: member, source, sha256 });
      inputs.push({ path, size, sha256, member, redactions: [] });
    } else {
      const masked = mask(source, sha256, places);
      members.push({ path: member, content: masked.content });
      inputs.push({ path, size, sha256, member, redactions: masked.redactions });
    }
  }
  return { inputs, members };
}

function mask(source: string, sha256: string, places: readonly Location[]) {
  let octets: Buffer;
  try {
    octets = readFileSync(source);
  } catch (error) {
    throw usage(
      "input-unreadable",
      `${source} could not be read (${(error as NodeJS.ErrnoException).code}).`,
    );
  }
  if (createHash("sha256").update(octets).digest("hex") !== sha256) throw inputChanged(source);
  const { text, redactions } = redact(octets.toString("utf8"), places);
  return { content: Buffer.from(text), redactions };
}

/** A file is no longer what was judged. */
export function inputChanged(path: string): Error {
  return usage("input-changed", `${path} changed while the bundle was built. Build again.`);
}
