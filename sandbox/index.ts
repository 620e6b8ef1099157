export {
  type BackgroundOptions,
  openInbox,
  sandboxConnection,
  sandboxDown,
  sandboxStatus,
  sandboxUp,
  type Up,
  type UpOptions,
} from "./background/launch.ts";
export { type Connection, type DriverName, environmentOf, type Status } from "./connection.ts";
export { chooseDriver, type Driver, drivers, type Sandbox, type SandboxOptions } from "./driver.ts";
export { SandboxError } from "./error.ts";
export { loadPostures } from "./posture-server/load.ts";
export { postureSchema } from "./posture-server/schema.ts";
export { probeSender } from "./probe/probe.ts";
export { type StartOptions, startSandbox } from "./start.ts";
