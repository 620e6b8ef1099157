import type { Diagnostic } from "#base/diagnostic.ts";
import { startOfFile } from "#base/location.ts";
import type { CollectHost } from "#facts/collector.ts";
import { readMainFile } from "#syntax/conf/main-file.ts";
import { readMasterFile, type Service } from "#syntax/conf/master-file.ts";
import { Tables } from "./maps/tables.ts";
import { Parameters } from "./parameters/parameters.ts";
import { type PostfixVersion, versionOf } from "./parameters/version.ts";

/** One folder of Postfix configuration, read. */
export interface Instance {
  readonly parameters: Parameters;
  /** Those of `master.cf`; the ones that every Postfix comes with where there is none. */
  readonly services: readonly Service[];
  /** There is a `master.cf`. */
  readonly hasMaster: boolean;
  readonly version: PostfixVersion;
  readonly tables: Tables;
  /** The file that speaks for the instance: `main.cf`, or `master.cf` where there is none. */
  readonly file: string;
  readonly diagnostics: readonly Diagnostic[];
}

/** The services of a new installation that take and send mail. */
const stock = `smtp inet n - n - - smtpd
cleanup unix n - n - 0 cleanup
tlsmgr unix - - n 1000? 1 tlsmgr
bounce unix - - n - 0 bounce
smtp unix - - n - - smtp
relay unix - - n - - smtp
`;

export function readInstance(folder: string, host: CollectHost): Instance {
  const inFolder = (name: string): string => (folder === "." ? name : `${folder}/${name}`);
  const mainPath = inFolder("main.cf");
  const masterPath = inFolder("master.cf");
  const mainText = host.read(mainPath);
  const masterText = host.read(masterPath);
  const main = mainText === undefined ? undefined : readMainFile(mainPath, mainText);
  const master = readMasterFile(masterPath, masterText ?? stock);
  const diagnostics: Diagnostic[] = [...(main?.diagnostics ?? []), ...master.diagnostics];
  const [firstControl] = main?.templateLines ?? [];
  if (firstControl !== undefined) {
    diagnostics.push({
      level: "error",
      code: "postfix-template",
      message:
        "The file is a template, so Postfix does not start with it as it stands; what its conditions decide is taken as unknown. Render it and check the result.",
      location: firstControl,
    });
  }
  if (main === undefined) {
    diagnostics.push({
      level: "error",
      code: "postfix-main-missing",
      message:
        "There is no main.cf that can be read beside this master.cf, so Postfix does not start and nothing that it sets is known. Check both together.",
      location: startOfFile(masterPath),
    });
  }
  const file = main === undefined ? masterPath : mainPath;
  const parameters = new Parameters(mainPath, main, file, master.services, host.options.machineName);
  const configuration = parameters.value("config_directory");
  return {
    parameters,
    services: master.services,
    hasMaster: masterText !== undefined,
    version: versionOf(parameters),
    tables: new Tables(host, folder, configuration.state === "known" ? configuration.value : "/etc/postfix"),
    file,
    diagnostics,
  };
}
