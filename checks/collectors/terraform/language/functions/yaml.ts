import { EvaluationLimit, type FunctionDefinition, plain, text } from "./definition.ts";

let reader: typeof import("./yaml-reader.ts") | undefined;

/** Loads what reads YAML, which costs more than all else here: only for modules that ask for it. */
export async function loadYamlReader(): Promise<void> {
  reader ??= await import("./yaml-reader.ts");
}

export const yamlFunctions: Readonly<Record<string, FunctionDefinition>> = {
  yamldecode: plain(1, 1, ([content], origin) => {
    if (reader === undefined) throw new EvaluationLimit("nothing that reads YAML is loaded");
    return reader.decodeYaml(text(content), origin);
  }),
};
