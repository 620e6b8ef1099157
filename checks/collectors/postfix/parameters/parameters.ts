import { type Location, startOfFile } from "#base/location.ts";
import { absent, known, mapValue, oneOf, type Step, unknown, type Value } from "#base/value.ts";
import { expandMacros, type MacroBudget, type MacroValue } from "#syntax/conf/macro.ts";
import type { MainFile, Setting } from "#syntax/conf/main-file.ts";
import type { Service } from "#syntax/conf/master-file.ts";
import type { EnvironmentEntry } from "#syntax/env/environment-file.ts";
import { builtInDefault, machineDefault } from "./built-in.ts";
import { findPlaceholder, isEnvironmentName } from "./placeholders.ts";
import { ServiceParameters } from "./service-names.ts";
import { type PostfixVersion, versionOf } from "./version.ts";

/** What became of one value on its way to the text that Postfix works with. */
export interface Expanded {
  readonly result: { readonly text: string } | { readonly problem: string };
  /** What it went through, in order. */
  readonly through: readonly {
    readonly name: string;
    readonly location: Location;
    readonly isWhole: boolean;
  }[];
  /** Names in it that nothing defines. */
  readonly undefinedNames: readonly string[];
  /** One clause: why the text is not the one that Postfix will see. */
  readonly uncertain?: string;
}

/** What lies outside the files and fills gaps in them. */
interface Outside {
  readonly environment: ReadonlyMap<string, EnvironmentEntry>;
  readonly machineName: string | undefined;
}

/** More steps than all settings of an instance together need. */
const stepsForAll = 1_000_000;

export interface ParametersInput {
  /** The path of `main.cf`, whether it is there or not. */
  readonly file: string;
  /** Undefined where there is no `main.cf`. */
  readonly main: MainFile | undefined;
  /** The file in which a setting that nobody wrote is due. */
  readonly dueIn: string;
  readonly services: readonly Service[];
  /** What the machine calls itself, which decides `myhostname` where nothing sets it. */
  readonly machineName: string | undefined;
  /** The environment in which the files are filled in. */
  readonly environment: ReadonlyMap<string, EnvironmentEntry>;
}

/** The parameters of one instance: what `main.cf` sets, what a service overrides, and Postfix's own defaults. */
export class Parameters {
  readonly file: string;
  /** Where a setting that nobody wrote is due. */
  readonly due: Location;
  readonly environment: ReadonlyMap<string, EnvironmentEntry>;
  /** What is known of the Postfix that reads them. */
  readonly version: PostfixVersion;
  private readonly main: ReadonlyMap<string, readonly Setting[]> | undefined;
  private readonly unread: ReadonlyMap<string, Location>;
  /** The last line that a template replaces by settings from elsewhere: it may set anything, over what stands above. */
  private readonly insertion: Location | undefined;
  /** Parameters that the services bring with them. */
  readonly ofServices: ServiceParameters;
  private readonly values = new Map<Service | undefined, Map<string, Value<string>>>();
  private readonly machineName: string | undefined;
  private readonly budget: MacroBudget = { steps: stepsForAll };

  constructor({ file, main, dueIn, services, machineName, environment }: ParametersInput) {
    this.file = file;
    this.due = startOfFile(dueIn);
    this.main = main === undefined ? undefined : Map.groupBy(main.settings, ({ name }) => name);
    this.unread = new Map((main?.unread ?? []).map(({ name, location }) => [name, location]));
    this.insertion = main?.insertions.at(-1);
    this.ofServices = new ServiceParameters(services);
    this.machineName = machineName;
    this.environment = environment;
    this.version = versionOf(this);
  }

  /** The names that `main.cf` sets. */
  get names(): readonly string[] {
    return [...(this.main?.keys() ?? [])];
  }

  /** The setting that counts: the last `-o` of the service, otherwise the last line of `main.cf`. */
  setting(name: string, service?: Service): Setting | undefined {
    return override(name, service) ?? this.main?.get(name)?.at(-1);
  }

  /** Whether anything is written for a parameter, even if it cannot be read. */
  isWritten(name: string, service?: Service): boolean {
    return this.setting(name, service) !== undefined || this.unread.has(name);
  }

  /**
   * The effective value for a service (or for programs without overrides): expanded, with the default where nothing
   * is set; unknown where a template, an environment or a missing file decides; absent where Postfix knows no such
   * parameter.
   */
  value(name: string, service?: Service): Value<string> {
    const known = this.values.get(service) ?? new Map<string, Value<string>>();
    this.values.set(service, known);
    let value = known.get(name);
    if (value === undefined) {
      value = this.evaluate(name, service);
      known.set(name, value);
    }
    return value;
  }

  private evaluate(name: string, service: Service | undefined): Value<string> {
    const own = override(name, service);
    if (own !== undefined) return this.valueOf(name, own, service);
    if (this.main === undefined) {
      return unknown(
        `there is no main.cf with settings beside this master.cf, so nothing says what ${name} is`,
        this.due,
      );
    }
    const unread = this.unread.get(name);
    if (unread !== undefined) return unknown(`the line that names ${name} cannot be read`, unread);
    const written = this.main.get(name) ?? [];
    const certain = written.findLastIndex(({ conditional }) => !conditional);
    const candidates = written
      .slice(Math.max(0, certain))
      .map((setting) => this.valueOf(name, setting, service));
    if (certain === -1) candidates.unshift(this.defaultValue(name, service));
    const last = written.at(-1);
    if (this.insertion !== undefined && this.mayBeInserted(name, service)) {
      const reason = `a template puts settings from elsewhere here, and ${name} may be one of them`;
      return oneOf([...candidates, unknown(reason, this.insertion)], reason, this.insertion);
    }
    const reason = `a condition of a template decides which ${name} counts`;
    return oneOf(candidates, reason, last?.valueLocation);
  }

  /** Whether the settings that a template inserts may set a parameter over what is written above them. */
  private mayBeInserted(name: string, service: Service | undefined): boolean {
    if (this.insertion === undefined || override(name, service) !== undefined) return false;
    return (this.main?.get(name)?.at(-1)?.location.line ?? 0) < this.insertion.line;
  }

  /** A text with all references expanded, as Postfix does it with the files as they stand on this machine. */
  expand(text: string, service?: Service): Expanded {
    return this.expandWith(text, service, { environment: new Map(), machineName: this.machineName });
  }

  private expandWith(text: string, service: Service | undefined, outside: Outside): Expanded {
    const through = new Map<string, { name: string; location: Location; isWhole: boolean }>();
    const undefinedNames = new Set<string>();
    let uncertain = filledIn(text);
    const pass = (name: string, location: Location): void => {
      through.set(name, { name, location, isWhole: text === `$${name}` || text === `\${${name}}` });
    };
    const lookUp = (name: string, tested: boolean): MacroValue | undefined => {
      const setting = this.setting(name, service);
      if (this.mayBeInserted(name, service) && (setting !== undefined || !isEnvironmentName(name))) {
        uncertain ??= `settings that a template inserts may change $${name}`;
      }
      if (setting !== undefined) {
        pass(name, setting.valueLocation);
        uncertain ??= setting.conditional
          ? `a condition of a template decides whether ${name} is set`
          : filledIn(setting.value);
        return { text: setting.value };
      }
      const value = this.defaultText(name, service, outside);
      if (value !== undefined) return value;
      if (!isEnvironmentName(name)) {
        if (!tested) undefinedNames.add(name);
        return undefined;
      }
      const entry = outside.environment.get(name);
      if (entry === undefined) {
        uncertain ??= `a deployment fills in $${name}`;
        return undefined;
      }
      pass(name, entry.location);
      return { text: entry.value, literal: true };
    };
    const result = expandMacros(text, lookUp, this.budget);
    return {
      result,
      through: [...through.values()],
      undefinedNames: [...undefinedNames],
      ...(uncertain === undefined ? {} : { uncertain }),
    };
  }

  private valueOf(name: string, setting: Setting, service: Service | undefined): Value<string> {
    const { valueLocation } = setting;
    const { result, through, uncertain } = this.expandWith(setting.value, service, this.elsewhere);
    const chain = steps(through);
    if (uncertain !== undefined) return unknown(`${uncertain} in ${name}`, valueLocation, chain);
    if ("problem" in result) {
      return unknown(`${name} cannot be expanded: ${result.problem}`, valueLocation, chain);
    }
    return known(result.text, valueLocation, chain);
  }

  private defaultValue(name: string, service: Service | undefined): Value<string> {
    const value = this.defaultText(name, service, this.elsewhere);
    if (value === undefined) return absent(this.due);
    const { result, through, uncertain } =
      value.literal === true
        ? { result: { text: value.text }, through: [], uncertain: undefined }
        : this.expandWith(value.text, service, this.elsewhere);
    const [whole] = through.filter(({ isWhole }) => isWhole);
    const location = whole?.location ?? this.due;
    if ("problem" in result || uncertain !== undefined) {
      const why = uncertain ?? "its default cannot be expanded";
      return unknown(`${name} is not set, and ${why}`, location, steps(through));
    }
    const shown = result.text === "" ? "empty" : `"${result.text}"`;
    const step = { location: this.due, text: `${name} is not set; its default is ${shown}` };
    return { ...known(result.text, location, [step, ...steps(through)]), isDefault: true };
  }

  /** What Postfix puts where nothing is set. Undefined where it knows no such parameter. */
  private defaultText(name: string, service: Service | undefined, outside: Outside): MacroValue | undefined {
    const text = builtInDefault(name) ?? this.ofServices.defaultOf(name);
    if (text !== undefined) return { text };
    return machineDefault(name, {
      service,
      machineName: outside.machineName,
      version: this.environment.get("mail_version")?.value,
      textOf: (other) => this.textOf(other, outside),
    });
  }

  private textOf(name: string, outside: Outside): string | undefined {
    const setting = this.setting(name);
    if (setting === undefined) return undefined;
    const { result } = this.expandWith(setting.value, undefined, outside);
    return "text" in result ? result.text : undefined;
  }

  /** Where the files are used: the machine that this runs on says nothing of the one that they are for. */
  private get elsewhere(): Outside {
    return { environment: this.environment, machineName: undefined };
  }
}

function override(name: string, service: Service | undefined): Setting | undefined {
  return service?.overrides.findLast((candidate) => candidate.name === name);
}

function filledIn(text: string): string | undefined {
  const placeholder = findPlaceholder(text);
  return placeholder === undefined ? undefined : `a deployment fills in ${placeholder}`;
}

function steps(through: Expanded["through"]): Step[] {
  return through.map(({ name, location }) => ({ location, text: `${name} is set here` }));
}

/** `yes` and `no`; anything else Postfix refuses. */
export function truth(name: string, value: Value<string>): Value<boolean> {
  return mapValue(value, (written): Value<boolean> => {
    const word = written.value.toLowerCase();
    if (word === "yes" || word === "no") return { ...written, value: word === "yes" };
    const reason = `Postfix refuses "${written.value}" for ${name}: it takes yes or no`;
    return unknown(reason, written.location, written.chain);
  });
}

/** A whole number; anything else Postfix refuses. */
export function wholeNumber(name: string, value: Value<string>): Value<number> {
  return mapValue(value, (written): Value<number> => {
    if (/^\d+$/.test(written.value)) return { ...written, value: Number(written.value) };
    const reason = `Postfix refuses "${written.value}" for ${name}: it takes a number`;
    return unknown(reason, written.location, written.chain);
  });
}
