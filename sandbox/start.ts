import type { DriverName } from "./connection.ts";
import { chooseDriver, type Sandbox, type SandboxOptions } from "./driver.ts";

export interface StartOptions extends SandboxOptions {
  /** Default: the best one that this machine can run. */
  readonly driver?: DriverName;
}

/**
 * Starts a mail server for the length of a test: `await using sandbox = await startSandbox()`. It listens on the
 * loopback address only, on free ports, and is gone with its files when it is disposed of or the process dies.
 * @throws SandboxError when the driver cannot run here or a port cannot be used
 */
export async function startSandbox(options: StartOptions = {}): Promise<Sandbox> {
  const { driver: name, ...rest } = options;
  const { driver } = await chooseDriver(name);
  return await driver.start(rest);
}
