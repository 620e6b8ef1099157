import { type Manifest, manifestName } from "../bundle/manifest.ts";
import { type Change, editText, resign, rewrite } from "./change.ts";
import { approver, assessor, digest, mainConfiguration } from "./sound-bundle.ts";

const otherSize = (list: readonly { path: string; size: number; sha256: string }[]) =>
  list.map((file) => (file.path === "results/report.json" ? { ...file, size: file.size + 1 } : file));

/** Changes of the manifest, by somebody without keys and by its signers. */
export const manifestChanges: Readonly<Record<string, Change>> = {
  "the manifest written anew": {
    make: editText(manifestName, (text) => JSON.stringify(JSON.parse(text), undefined, 2)),
    code: "manifest-not-canonical",
  },
  "a line end behind the manifest": {
    make: editText(manifestName, (text) => `${text}\n`),
    code: "manifest-not-canonical",
  },
  "a field of the manifest": {
    make: editText(manifestName, (text) => text.replace('"fail":0', '"fail":1')),
    code: "statement-differs",
  },
  "an unknown field in the manifest": {
    make: editText(manifestName, (text) => text.replace('{"asOf"', '{"aaa":1,"asOf"')),
    code: "manifest-invalid",
  },
  "a digest in the manifest": {
    make: editText(manifestName, (text) => text.replace(digest(mainConfiguration), digest(Buffer.from("x")))),
    code: "statement-differs",
  },
  "a manifest that is not JSON": { make: editText(manifestName, () => "x"), code: "manifest-unreadable" },
  "signed again over another size": {
    make: resign(
      (manifest) => {
        manifest.files = otherSize(manifest.files);
      },
      [assessor, approver],
    ),
    code: "size-differs",
  },
  "signed again with a file listed twice": {
    make: resign(
      (manifest) => {
        manifest.files = [...manifest.files, manifest.files[0] as Manifest["files"][0]];
      },
      [assessor, approver],
    ),
    code: "manifest-invalid",
  },
  "signed again in another order": {
    make: resign(
      (manifest) => {
        manifest.files = manifest.files.toReversed();
      },
      [assessor, approver],
      (list) => [...list.slice(0, -2).reverse(), ...list.slice(-2)],
    ),
    code: "order-differs",
  },
  "signed again with an input that is another file": {
    make: resign(
      (manifest) => {
        manifest.inputs = manifest.inputs.map((input) => ({ ...input, sha256: digest(Buffer.from("x")) }));
      },
      [assessor, approver],
    ),
    code: "input-differs",
  },
  "signed again with an input that is not kept": {
    make: resign(
      (manifest) => {
        manifest.inputs = manifest.inputs.map((input) => ({ ...input, member: "inputs/none" }));
      },
      [assessor, approver],
    ),
    code: "input-differs",
  },
  "a time that is none": {
    make: resign(
      (manifest) => {
        manifest.createdAt = "2026-13-45T00:00:00Z";
      },
      [assessor, approver],
    ),
    code: "manifest-invalid",
  },
  "a version that nobody knows": {
    make: resign(
      (manifest) => {
        manifest.schemaVersion = "2" as "1";
      },
      [assessor, approver],
    ),
    code: "manifest-invalid",
  },
  "a field more, signed": {
    make: resign(
      (manifest) => {
        Object.assign(manifest, { note: "x" });
      },
      [assessor, approver],
    ),
    code: "manifest-invalid",
  },
  "a signer with a role of its own": {
    make: resign(
      (manifest) => {
        manifest.signers = manifest.signers.map((signer) => ({ ...signer, role: "auditor" as "approver" }));
      },
      [assessor, approver],
    ),
    code: "manifest-invalid",
  },
  "a number written otherwise": {
    make: rewrite((text) => text.replace('"fail":0', '"fail":0.0')),
    code: "manifest-not-canonical",
  },
  "a number beyond those that JSON can hold": {
    make: rewrite((text) => text.replace('"fail":0', '"fail":100000000000000000001')),
    code: "manifest-not-canonical",
  },
  "a number that is none": {
    make: rewrite((text) => text.replace('"fail":0', '"fail":NaN')),
    code: "manifest-unreadable",
  },
  "a size that is true": {
    make: rewrite((text) => text.replace(/"size":\d+/, '"size":true')),
    code: "manifest-invalid",
  },
  "text that no file can hold": {
    make: rewrite((text) => text.replace('"relay/main.cf"', '"\\ud800"')),
    code: "manifest-not-canonical",
  },
  "a name twice": {
    make: rewrite((text) => text.replace("{", '{"asOf":"2020-01-01",')),
    code: "manifest-not-canonical",
  },
};
