// Evidence bundles: written, verified, shown and compared.

export { subjectOf } from "./build/subject.ts";
export { creationTime } from "./build/times.ts";
export { buildBundle } from "./build/write.ts";
export type { Manifest } from "./bundle/manifest.ts";
export { type BundleDifference, diffBundles } from "./compare/diff.ts";
export { createKeyFiles } from "./signing/keys.ts";
export { chooseSigners } from "./signing/signers.ts";
export { readTrust } from "./signing/trust.ts";
export { addTimeStamp, writeRequest } from "./timestamp/add.ts";
export { nameOf, readAuthorities } from "./timestamp/authority.ts";
export { bundlesAt, type Series, verifySeries } from "./verify/series.ts";
export { stampOf, verificationOf } from "./verify/verification.ts";
export { type OpenedBundle, readBundle, type Verified, verifyBundle } from "./verify/verify.ts";
