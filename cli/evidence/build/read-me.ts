import { envelopeName, manifestName } from "../bundle/manifest.ts";
import type { ManifestHead } from "../bundle/seal.ts";

export const readMeName = "README.md";

/** The first page of a bundle, for whoever opens it without knowing what it is. */
export function readMe(head: ManifestHead): string {
  const { pass = 0, fail = 0, unknown = 0, excepted = 0, notApplicable = 0, errors = 0 } = head.summary;
  return `# Evidence bundle

Made by hipaa-check ${head.tool.version} at ${head.createdAt}. Decisions and records were held against ${head.asOf}.
To be kept until ${head.retainUntil}: six years from its creation, or from the last day of a decision in it (45 CFR 164.316(b)(2)(i)).

Editions: ${head.editions.map(({ id, status }) => `${id} (${status})`).join(", ")}.
Results: ${pass} pass, ${fail} fail, ${unknown} could not tell, ${excepted} excepted, ${notApplicable} not applicable; ${errors} inputs could not be judged.

It shows what configurations, tests and statements say against published rule texts. It is no legal advice and no certificate.

| file | holds |
|---|---|
| \`inputs/\` | what was judged: the original octets, secrets masked where the manifest says so |
| \`policies/\` | the editions and rules that were in force for this judgement |
| \`results/\` | every verdict: for programs (JSON, SARIF) and on one page (HTML) |
| \`oscal/\` | the same as OSCAL: assessment plan, assessment results, a catalog of each edition |
| \`dossiers/\` | one page for each paragraph of each edition |
| \`context.json\` | what else decided: paths, editions, versions |
| \`${manifestName}\` | the closed list of all files with their digests, and who signs |
| \`${envelopeName}\` | the signatures over the manifest (DSSE, Ed25519) |

To verify it, take a fingerprint that you got from the signer by another way than this bundle:

    hipaa-check evidence verify BUNDLE --trust FINGERPRINT

or, without hipaa-check, with Python and openssl: docs/examples/verify.py of the project. The layout is described in
docs/guide/bundle-format.md there.
`;
}
