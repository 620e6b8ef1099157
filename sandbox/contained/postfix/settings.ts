import type { RunningContainer } from "../../containers/container.ts";
import { SandboxError } from "../../error.ts";

/** One parameter as it is set: in `main.cf`, or for one service in `master.cf`. */
export interface Setting {
  readonly name: string;
  readonly value: string;
  /** `smtp/unix`; undefined for `main.cf`. */
  readonly service: string | undefined;
}

/** Postfix's own message about what it refuses: `file main.cf: line 3: missing '='`. */
export function refusalOf(output: string): string | undefined {
  const line = output.split("\n").find((text) => /\b(fatal|error): /.test(text));
  return line?.replace(/^.*?\b(?:fatal|error): /, "").trim();
}

/** @throws SandboxError with Postfix's own words */
export function refuse(output: string): never {
  const said = refusalOf(output) ?? output.trim().split("\n").at(-1) ?? "";
  throw new SandboxError("usage", "configuration-refused", `Postfix refuses the configuration: ${said}`);
}

async function postconf(container: RunningContainer, ...options: readonly string[]): Promise<string> {
  const { status, output, errors } = await container.execute(["postconf", ...options]);
  if (status !== 0 || refusalOf(errors) !== undefined) refuse(errors);
  return output;
}

/**
 * Everything that a configuration sets, by Postfix's own reading, references resolved.
 * @throws SandboxError when Postfix refuses the configuration
 */
export async function readSettings(container: RunningContainer): Promise<Setting[]> {
  // The second knows what the first does not look at: the services.
  const [main, services] = [await postconf(container, "-x", "-n"), await postconf(container, "-x", "-P")];
  return [
    ...main.split("\n").flatMap((line) => settingOf(line, undefined)),
    ...services.split("\n").flatMap((line) => {
      const [, service, rest = ""] = /^([^/\s]+\/[^/\s]+)\/(.*)$/.exec(line) ?? [];
      return service === undefined ? [] : settingOf(rest, service);
    }),
  ];
}

function settingOf(line: string, service: string | undefined): Setting[] {
  const [, name, value] = /^(\w+)\s*=\s*(.*)$/.exec(line) ?? [];
  return name === undefined || value === undefined ? [] : [{ name, value, service }];
}

/** Values of parameters, set or not, references resolved. */
export async function readValues<N extends string>(
  container: RunningContainer,
  names: readonly N[],
): Promise<Record<N, string>> {
  const lines = (await postconf(container, "-x", ...names)).split("\n");
  const found = new Map(
    lines.flatMap((line) => settingOf(line, undefined)).map(({ name, value }) => [name, value]),
  );
  return Object.fromEntries(names.map((name) => [name, found.get(name) ?? ""])) as Record<N, string>;
}
