import ignore, { type Ignore } from "ignore";
import type { Diagnostic } from "#base/diagnostic.ts";
import { findRule } from "#policy/load.ts";
import type { Rule } from "#policy/rule.ts";
import type { Configuration, RuleSetting } from "./configuration.ts";
import { folderOf, isWithin } from "./paths.ts";

interface Governed {
  readonly setting: RuleSetting;
  readonly rule: string;
  readonly files: Ignore | undefined;
}

/** What the `hipaa-check.yaml` files say of a rule for a file; the nearest file decides. */
export class RuleSettings {
  private readonly byFolder = new Map<string, readonly Governed[]>();
  readonly diagnostics: readonly Diagnostic[];

  constructor(configurations: ReadonlyMap<string, Configuration>, rules: readonly Rule[]) {
    const diagnostics: Diagnostic[] = [];
    for (const [folder, configuration] of configurations) {
      const governed: Governed[] = [];
      for (const setting of configuration.rules) {
        const rule = findRule(rules, setting.rule);
        if (rule === undefined) {
          diagnostics.push({
            level: "warning",
            code: "configuration-rule",
            message: `There is no rule "${setting.rule}", so this setting does nothing. See: hipaa-check policies list.`,
            location: setting.location,
          });
          continue;
        }
        const files = setting.files === undefined ? undefined : ignore().add([...setting.files]);
        governed.push({ setting, rule: rule.id, files });
      }
      if (governed.length > 0) this.byFolder.set(folder, governed);
    }
    this.diagnostics = diagnostics;
  }

  find(rule: string, file: string): RuleSetting | undefined {
    if (this.byFolder.size === 0) return undefined;
    for (let folder = folderOf(file); ; folder = folderOf(folder)) {
      const found = this.inFolder(folder, rule, file);
      if (found !== undefined) return found;
      if (folder === "." || folder === "/" || folder === "..") break;
    }
    return isWithin(".", file) ? undefined : this.inFolder(".", rule, undefined);
  }

  /** The last setting that fits: a narrower one stands below a wider one. */
  private inFolder(folder: string, rule: string, file: string | undefined): RuleSetting | undefined {
    const fits = (entry: Governed): boolean => {
      if (entry.rule !== rule) return false;
      if (entry.files === undefined) return true;
      if (file === undefined) return false;
      return entry.files.ignores(folder === "." ? file : file.slice(folder.length + 1));
    };
    return this.byFolder.get(folder)?.findLast(fits)?.setting;
  }
}
