import standaloneCode from "ajv/dist/standalone/index.js";
import { assertionKey, bindParameters, createAjv, schemaOf } from "../../checks/policy/assertion.ts";
import { assertionsOf, effectiveParameters, type PolicySet } from "../../checks/policy/load.ts";
import type { AttributeAssertion } from "../../checks/policy/rule.ts";

/** JavaScript (CommonJS) that exports the check of every shipped assertion under every edition, by its key. */
export function compileAssertions({ rules, editions }: PolicySet): string {
  const assertions = new Map<string, AttributeAssertion>();
  for (const rule of rules) {
    for (const edition of editions) {
      const mapping = edition.mappings.find((entry) => entry.rule === rule.id);
      const parameters = effectiveParameters(rule, mapping);
      for (const assertion of assertionsOf(rule)) {
        const bound = bindParameters(assertion, parameters);
        assertions.set(assertionKey(bound), bound);
      }
    }
  }
  const ajv = createAjv({ standalone: true });
  const names: Record<string, string> = {};
  const keys: string[] = [];
  for (const [index, [key, assertion]] of [...assertions].entries()) {
    const name = `check${index}`;
    ajv.addSchema({ ...schemaOf(assertion), $id: name });
    names[name] = name;
    keys.push(`${JSON.stringify(key)}: exports.${name}`);
  }
  const code = standaloneCode.default(ajv, names);
  return `${code}\nmodule.exports = { ${keys.join(",\n")} };\n`;
}
