import { ts } from "ts-morph";
import { parseTlsVersion, type TlsVersion } from "#base/tls-version.ts";
import { known, type Value } from "#base/value.ts";
import type { Primitive } from "../evaluate/datum.ts";
import type { Environment } from "../evaluate/environment.ts";
import { settle } from "../evaluate/questions.ts";
import type { Run } from "../evaluate/run.ts";
import { unread } from "../evaluate/unread.ts";
import { holdAll } from "../evaluate/variables.ts";
import type { SourceFile } from "../source/files.ts";
import { conditionsAbove } from "../source/mutations.ts";
import { accessPath, walk } from "../source/syntax.ts";

/** What a file has to mention for its assignments to be looked at. */
export const processWords = /NODE_TLS_REJECT_UNAUTHORIZED|DEFAULT_MIN_VERSION/;

/** Settings of the whole process that change the defaults of every TLS connection in it. */
export class ProcessSettings {
  private readonly environment: Environment;
  private readonly assignments: readonly ts.BinaryExpression[];

  constructor(environment: Environment, files: readonly SourceFile[]) {
    this.environment = environment;
    this.assignments = files.flatMap(({ node }) => assignmentsIn(node));
  }

  /** Set where `NODE_TLS_REJECT_UNAUTHORIZED=0` switches the check of certificates off. `site` makes the transport. */
  verificationOff(site: ts.Node, run: Run): Value<"none"> | undefined {
    const name = "NODE_TLS_REJECT_UNAUTHORIZED";
    const entry = this.environment.entry(name);
    if (entry?.value === "0") {
      return known("none", entry.location, [
        { location: entry.location, text: `${name} is switched off here` },
      ]);
    }
    const set = this.assigned(name, site, run, (value) => String(value) === "0");
    return set === undefined ? undefined : known("none", run.files.locate(set.node));
  }

  /** Set where something else than the default of Node.js is the floor. */
  minimumVersion(site: ts.Node, run: Run): Value<TlsVersion> | undefined {
    const entry = this.environment.entry("NODE_OPTIONS");
    const version = parseTlsVersion(/--tls-min-v(1\.[0-3])\b/.exec(entry?.value ?? "")?.[1] ?? "");
    if (entry !== undefined && version !== undefined) return known(version, entry.location);
    const set = this.assigned(
      "DEFAULT_MIN_VERSION",
      site,
      run,
      (value) => parseTlsVersion(String(value)) !== undefined,
    );
    const assigned = parseTlsVersion(String(set?.value));
    return set === undefined || assigned === undefined
      ? undefined
      : known(assigned, run.files.locate(set.node));
  }

  /** The assignment of a name that applies in this world. */
  private assigned(
    name: string,
    site: ts.Node,
    run: Run,
    fits: (value: Primitive) => boolean,
  ): { readonly node: ts.Node; readonly value: Primitive } | undefined {
    for (const node of this.assignments) {
      if (accessPath(node.left)?.names.at(-1) !== name) continue;
      const value = settle(run.evaluate(node.right, run.frameAt(node)), run.world);
      if (value.kind === "constant" && fits(value.value) && applies(node, site, run)) {
        return { node, value: value.value };
      }
    }
    return undefined;
  }
}

function assignmentsIn(file: ts.SourceFile): ts.BinaryExpression[] {
  const found: ts.BinaryExpression[] = [];
  walk(file, (node) => {
    if (!ts.isBinaryExpression(node) || node.operatorToken.kind !== ts.SyntaxKind.EqualsToken) return;
    const name = accessPath(node.left)?.names.at(-1);
    if (name !== undefined && processWords.test(name)) found.push(node);
  });
  return found;
}

/** Another file, or a function, may or may not have run in the process that sends. */
function applies(node: ts.Node, site: ts.Node, run: Run): boolean {
  const conditions = conditionsAbove(node, ts.isSourceFile);
  if (!holdAll(conditions, { node }, run.frameAt(node), run)) return false;
  if (node.getSourceFile() === site.getSourceFile()) return true;
  const about = unread(node, run, "may or may not run in the process that sends");
  return run.world.ask(`same process ${about.key}`, about);
}
