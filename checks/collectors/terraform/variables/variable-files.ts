import type { Diagnostic } from "#base/diagnostic.ts";
import type { CollectHost } from "#facts/collector.ts";
import { parseHclJsonValues } from "#syntax/hcl/json.ts";
import { parseHcl } from "#syntax/hcl/parser.ts";
import type { Expression } from "#syntax/hcl/tree.ts";
import { locationOf, SourceFile } from "../files/source-file.ts";

/** What a variable file gives a variable. */
export interface GivenExpression {
  readonly source: SourceFile;
  readonly expression: Expression;
}

export interface VariableFiles {
  /** The value that wins, by the variable's name. */
  readonly values: ReadonlyMap<string, GivenExpression>;
  /** The folder has variable files of its own, so that it is a root module. */
  readonly hasOwnFiles: boolean;
  readonly diagnostics: readonly Diagnostic[];
}

/**
 * Reads the variable files of a root module in Terraform's order of precedence, the last one winning:
 * `terraform.tfvars`, `terraform.tfvars.json`, `*.auto.tfvars` and `*.auto.tfvars.json` by name, then the files given on
 * the command line.
 */
export function readVariableFiles(folder: string, host: CollectHost): VariableFiles {
  const names = host.list(folder);
  const fixed = ["terraform.tfvars", "terraform.tfvars.json"].filter((name) => names.includes(name));
  const automatic = names.filter(
    (name) => name.endsWith(".auto.tfvars") || name.endsWith(".auto.tfvars.json"),
  );
  const own = [...fixed, ...automatic.sort()].map((name) => (folder === "." ? name : `${folder}/${name}`));
  const values = new Map<string, GivenExpression>();
  const diagnostics: Diagnostic[] = [];
  for (const path of [...own, ...host.options.varFiles]) {
    const text = host.read(path);
    if (text === undefined) continue;
    const source = new SourceFile(path, text);
    const isJson = path.endsWith(".json");
    const { body, problems } = isJson ? parseHclJsonValues(text) : parseHcl(text);
    for (const problem of problems) {
      diagnostics.push({
        level: "error",
        code: isJson ? "json-syntax" : "hcl-syntax",
        message: problem.message,
        location: source.location(problem),
      });
    }
    for (const block of body.blocks) {
      diagnostics.push({
        level: "error",
        code: "terraform-unsupported-block",
        message: `A variable file holds no blocks. Write ${block.type} = { … } if this sets a variable, or move the block into a .tf file.`,
        location: locationOf({ source, span: block.header }),
      });
    }
    for (const { name, expression } of body.attributes) values.set(name, { source, expression });
  }
  return { values, hasOwnFiles: own.length > 0, diagnostics };
}
