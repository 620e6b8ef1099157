import { type Location, startOfFile } from "#base/location.ts";
import { absent, known, mapValue, oneOf, type Step, unknown, type Value } from "#base/value.ts";
import { expandMacros, type MacroValue } from "#syntax/conf/macro.ts";
import type { MainFile, Setting } from "#syntax/conf/main-file.ts";
import type { Service } from "#syntax/conf/master-file.ts";
import builtin from "./builtin.json" with { type: "json" };
import { findPlaceholder, isEnvironmentName } from "./placeholders.ts";
import { serviceDefault } from "./service-names.ts";

const defaults = new Map(Object.entries(builtin));

/** Whether Postfix itself knows a parameter of this name, in any version from 3.4 on. */
export function isBuiltIn(name: string): boolean {
  return defaults.has(name) || machineNames.has(name);
}

/** Parameters whose default the machine or the running process decides. */
const machineNames = new Set([
  "mail_release_date",
  "mail_version",
  "mydomain",
  "myhostname",
  "mynetworks",
  "process_id",
  "process_name",
  "service_name",
]);

/** What became of one value on its way to the text that Postfix works with. */
export interface Expanded {
  readonly result: { readonly text: string } | { readonly problem: string };
  /** The settings that it went through. */
  readonly through: readonly Setting[];
  /** Names in it that nothing defines. */
  readonly undefinedNames: readonly string[];
  /** A part that a deployment is to fill, with where it stands. */
  readonly placeholder?: { readonly text: string; readonly location?: Location };
}

/** The parameters of one instance: what `main.cf` sets, what a service overrides, and Postfix's own defaults. */
export class Parameters {
  /** The `main.cf`, whether it is there or not. */
  readonly file: string;
  /** Where a setting that nobody wrote is due. */
  readonly due: Location;
  private readonly main: ReadonlyMap<string, readonly Setting[]> | undefined;
  private readonly unread: ReadonlyMap<string, Location>;
  private readonly services: readonly Service[];
  private readonly machineName: string | undefined;

  /**
   * @param main undefined where there is no `main.cf`
   * @param machineName the name of the machine as it gives it itself, which decides `myhostname` where nothing sets it
   */
  constructor(
    file: string,
    main: MainFile | undefined,
    due: string,
    services: readonly Service[],
    machineName: string | undefined,
  ) {
    this.file = file;
    this.due = startOfFile(due);
    this.main = main === undefined ? undefined : Map.groupBy(main.settings, ({ name }) => name);
    this.unread = new Map((main?.unread ?? []).map(({ name, location }) => [name, location]));
    this.services = services;
    this.machineName = machineName;
  }

  /** The names that `main.cf` sets. */
  get names(): readonly string[] {
    return [...(this.main?.keys() ?? [])];
  }

  /** The setting that counts: the last `-o` of the service, otherwise the last line of `main.cf`. */
  setting(name: string, service?: Service): Setting | undefined {
    return service?.overrides.findLast((override) => override.name === name) ?? this.main?.get(name)?.at(-1);
  }

  /**
   * The effective value for a service (or for programs without overrides): expanded, with the default where nothing
   * is set; unknown where a template, an environment or a missing file decides; absent where Postfix knows no such
   * parameter.
   */
  value(name: string, service?: Service): Value<string> {
    const override = service?.overrides.findLast((candidate) => candidate.name === name);
    if (override !== undefined) return this.valueOf(name, override, service);
    if (this.main === undefined) {
      return unknown(`there is no main.cf beside this master.cf, so nothing says what ${name} is`, this.due);
    }
    const unread = this.unread.get(name);
    if (unread !== undefined) return unknown(`the line that names ${name} cannot be read`, unread);
    const written = this.main.get(name) ?? [];
    const certain = written.findLastIndex(({ conditional }) => !conditional);
    const candidates = written
      .slice(Math.max(0, certain))
      .map((setting) => this.valueOf(name, setting, service));
    if (certain === -1) candidates.unshift(this.defaultValue(name, service));
    const reason = `a condition of a template decides which ${name} counts`;
    return oneOf(candidates, reason, written.at(-1)?.valueLocation);
  }

  /** A setting of `main.cf` with all references expanded. */
  expand(text: string, service?: Service, own?: Setting): Expanded {
    const through = new Set<Setting>();
    const undefinedNames = new Set<string>();
    let placeholder = placeholderIn(text, own?.valueLocation);
    const result = expandMacros(text, (name, tested) => {
      const setting = this.setting(name, service);
      if (setting !== undefined) {
        through.add(setting);
        placeholder ??= placeholderIn(setting.value, setting.valueLocation);
        return { text: setting.value };
      }
      const value = this.defaultText(name, service);
      if (value !== undefined) return value;
      if (isEnvironmentName(name)) placeholder ??= { text: `$${name}`, ...locationOf(own) };
      else if (!tested) undefinedNames.add(name);
      return undefined;
    });
    return {
      result,
      through: [...through],
      undefinedNames: [...undefinedNames],
      ...(placeholder === undefined ? {} : { placeholder }),
    };
  }

  private valueOf(name: string, setting: Setting, service: Service | undefined): Value<string> {
    const { valueLocation } = setting;
    const expanded = this.expand(setting.value, service, setting);
    const chain: Step[] = expanded.through.map(({ name: other, location }) => ({
      location,
      text: `${other} is set here`,
    }));
    const { placeholder, result } = expanded;
    if (placeholder !== undefined) {
      const reason = `a deployment puts something in the place of ${placeholder.text} in ${name}`;
      return unknown(reason, valueLocation, chain);
    }
    if ("problem" in result)
      return unknown(`${name} cannot be expanded: ${result.problem}`, valueLocation, chain);
    return known(result.text, valueLocation, chain);
  }

  private defaultValue(name: string, service: Service | undefined): Value<string> {
    const value = this.defaultText(name, service);
    if (value === undefined) return absent(this.due);
    const expanded =
      value.literal === true
        ? { result: { text: value.text }, through: [] }
        : this.expand(value.text, service);
    const { result, through } = expanded;
    const references = through.map(({ name: other, location }) => ({
      location,
      text: `${other} is set here`,
    }));
    const placeholder = "placeholder" in expanded ? expanded.placeholder : undefined;
    if ("problem" in result || placeholder !== undefined) {
      return unknown(
        `${name} is not set, and its default depends on something that is not known`,
        this.due,
        references,
      );
    }
    const shown = result.text === "" ? "empty" : `"${result.text}"`;
    const step = { location: this.due, text: `${name} is not set; its default is ${shown}` };
    const last = through.at(-1);
    const location =
      through.length === 1 && last !== undefined && value.text === `$${last.name}`
        ? last.valueLocation
        : this.due;
    return { ...known(result.text, location, [step, ...references]), isDefault: true };
  }

  /** What Postfix puts where nothing is set. Undefined where it knows no such parameter. */
  private defaultText(name: string, service: Service | undefined): MacroValue | undefined {
    if (machineNames.has(name)) return this.machineDefault(name, service);
    const text = defaults.get(name) ?? serviceDefault(name, this.services);
    return text === undefined ? undefined : { text };
  }

  private machineDefault(name: string, service: Service | undefined): MacroValue {
    const literal = (text: string): MacroValue => ({ text, literal: true });
    if (name === "process_name") return literal(service?.program ?? "postconf");
    if (name === "service_name") return literal(service?.name ?? "");
    if (name === "myhostname" && this.machineName !== undefined) {
      return literal(
        this.machineName.includes(".") ? this.machineName : `${this.machineName}.${this.ownDomain()}`,
      );
    }
    if (name === "mydomain") {
      const host = this.textOf("myhostname") ?? this.machineName;
      if (host !== undefined)
        return literal(host.includes(".") ? host.slice(host.indexOf(".") + 1) : "localdomain");
    }
    return literal(`$${name}`);
  }

  private ownDomain(): string {
    return this.textOf("mydomain") ?? "localdomain";
  }

  private textOf(name: string): string | undefined {
    const setting = this.setting(name);
    if (setting === undefined) return undefined;
    const { result } = this.expand(setting.value, undefined, setting);
    return "text" in result ? result.text : undefined;
  }
}

function placeholderIn(
  text: string,
  location: Location | undefined,
): { readonly text: string; readonly location?: Location } | undefined {
  const found = findPlaceholder(text);
  return found === undefined ? undefined : { text: found, ...(location === undefined ? {} : { location }) };
}

function locationOf(setting: Setting | undefined): { readonly location?: Location } {
  return setting === undefined ? {} : { location: setting.valueLocation };
}

/** `yes` and `no`; anything else Postfix refuses. */
export function truth(name: string, value: Value<string>): Value<boolean> {
  return mapValue(value, (written): Value<boolean> => {
    const word = written.value.toLowerCase();
    if (word === "yes" || word === "no") return { ...written, value: word === "yes" };
    return unknown(
      `Postfix refuses "${written.value}" for ${name}: it takes yes or no`,
      written.location,
      written.chain,
    );
  });
}

/** A whole number; anything else Postfix refuses. */
export function wholeNumber(name: string, value: Value<string>): Value<number> {
  return mapValue(value, (written): Value<number> => {
    if (/^\d+$/.test(written.value)) return { ...written, value: Number(written.value) };
    return unknown(
      `Postfix refuses "${written.value}" for ${name}: it takes a number`,
      written.location,
      written.chain,
    );
  });
}
