import type { Diagnostic } from "#base/diagnostic.ts";
import { startOfFile } from "#base/location.ts";
import type { CollectHost } from "#facts/collector.ts";
import { type MainFile, readMainFile } from "#syntax/conf/main-file.ts";
import { type MasterFile, readMasterFile, type Service } from "#syntax/conf/master-file.ts";
import { type EnvironmentEntry, readEnvironmentFile } from "#syntax/env/environment-file.ts";
import { splitList } from "./maps/reference.ts";
import { Tables } from "./maps/tables.ts";
import { Parameters } from "./parameters/parameters.ts";

/** One folder of Postfix configuration, read. */
export interface Instance {
  readonly parameters: Parameters;
  /** Those of `master.cf` that run; of those that every Postfix comes with the ones that have to be elsewhere. */
  readonly services: readonly Service[];
  /** `master.cf` is there and has all that Postfix needs, so that what is missing in it is missing. */
  readonly isComplete: boolean;
  readonly tables: Tables;
  /** The file that speaks for the instance: `main.cf`, or `master.cf` where there is none. */
  readonly file: string;
  readonly diagnostics: readonly Diagnostic[];
}

/** Services of a new installation that take and send mail. */
const stock = `smtp inet n - n - - smtpd
tlsmgr unix - - n 1000? 1 tlsmgr
smtp unix - - n - - smtp
relay unix - - n - - smtp
`;

export function readInstance(folder: string, host: CollectHost): Instance {
  const inFolder = (name: string): string => (folder === "." ? name : `${folder}/${name}`);
  const mainPath = inFolder("main.cf");
  const masterPath = inFolder("master.cf");
  const mainText = host.read(mainPath);
  const masterText = written(host.read(masterPath));
  const main = written(mainText) === undefined ? undefined : readMainFile(mainPath, mainText ?? "");
  const master = masterText === undefined ? undefined : readMasterFile(masterPath, masterText);
  const isComplete = master?.services.some(({ program }) => /^[no]?qmgr$/.test(program)) === true;
  const file = main === undefined ? masterPath : mainPath;
  const services = withStock(master, isComplete, file);
  const parameters = new Parameters({
    file: mainPath,
    main,
    dueIn: file,
    services,
    machineName: host.options.machineName,
    environment: readEnvironment(host),
  });
  const configuration = parameters.value("config_directory");
  const configurationFolder = configuration.state === "known" ? configuration.value : "/etc/postfix";
  return {
    parameters,
    services: services.filter((service) => !isDisabled(service, parameters)),
    isComplete,
    tables: new Tables(host, folder, configurationFolder),
    file,
    diagnostics: [
      ...[main, master].flatMap((source) => (source === undefined ? [] : complaints(source))),
      ...(mainText === undefined ? [missingMain(masterPath)] : []),
    ],
  };
}

/** The first pattern of `master_service_disable` that fits decides: `inet`, `smtp/inet`, `!smtp/inet`. */
function isDisabled({ name, type }: Service, parameters: Parameters): boolean {
  const patterns = parameters.value("master_service_disable");
  if (patterns.state !== "known") return false;
  const names = [type, `${name}/${type}`, `${name}.${type}`].map((text) => text.toLowerCase());
  const fitting = splitList(patterns.value.toLowerCase()).find((pattern) =>
    names.includes(pattern.replace(/^!/, "")),
  );
  return fitting !== undefined && !fitting.startsWith("!");
}

/** An empty file says nothing, not even that the defaults hold; that it is empty has been said already. */
function written(text: string | undefined): string | undefined {
  return text?.trim() === "" ? undefined : text;
}

/**
 * Without `master.cf` Postfix's own services are taken for granted; where it is only a part (one that is appended to
 * Postfix's own), those that send.
 */
function withStock(master: MasterFile | undefined, isComplete: boolean, file: string): readonly Service[] {
  if (isComplete && master !== undefined) return master.services;
  const own = master?.services ?? [];
  const added = readMasterFile(file, stock).services.filter(
    ({ name, type, program }) =>
      (master === undefined || program === "smtp") &&
      !own.some((service) => service.name === name && service.type === type),
  );
  const location = startOfFile(file);
  return [...own, ...added.map((service) => ({ ...service, location, isAssumed: true as const }))];
}

function readEnvironment(host: CollectHost): ReadonlyMap<string, EnvironmentEntry> {
  const entries = host.options.envFiles.flatMap((path) => {
    const text = host.read(path);
    return text === undefined ? [] : readEnvironmentFile(path, text).entries;
  });
  return new Map(entries.map((entry) => [entry.name, entry]));
}

const shownOfAKind = 5;

/** What is wrong with a file; of a long row of the same the first few, and how many follow. */
function complaints({ diagnostics, templateLines }: MainFile | MasterFile): Diagnostic[] {
  const kinds = Map.groupBy(diagnostics, ({ code }) => code);
  const shown = [...kinds.values()].flatMap((row) => {
    const next = row[shownOfAKind];
    if (next === undefined) return row;
    const message = `${row.length - shownOfAKind} more lines from here on are like the ones before.`;
    return [...row.slice(0, shownOfAKind), { ...next, message }];
  });
  const [control] = templateLines;
  if (control === undefined) return shown;
  const message =
    "The file is a template, so Postfix does not start with it as it stands; what its conditions decide is taken as unknown. Render it and check the result.";
  return [...shown, { level: "error", code: "postfix-template", message, location: control }];
}

function missingMain(masterPath: string): Diagnostic {
  return {
    level: "error",
    code: "postfix-main-missing",
    message:
      "There is no main.cf that can be read beside this master.cf, so Postfix does not start and nothing that it sets is known. Check both together.",
    location: startOfFile(masterPath),
  };
}
