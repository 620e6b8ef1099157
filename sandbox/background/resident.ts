import { setTimeout as pause } from "node:timers/promises";
import { messageOf, SandboxError } from "../error.ts";
import { removeOnDeath } from "../resources/death-watch.ts";
import { ResourceStack } from "../resources/stack.ts";
import { type StartOptions, startSandbox } from "../start.ts";
import { openControl } from "./control.ts";
import { type BackgroundState, removeState, stateFile, writeState } from "./state.ts";

/** What the process that launches tells the one that stays. */
export type ToResident =
  | {
      /** What can be told to another process. */
      readonly start: Omit<StartOptions, "onProgress" | "signal">;
      readonly folder: string;
      readonly forMs: number;
    }
  | { readonly keep: true };

/** What it hears from it. */
export type FromResident =
  | { readonly ready: BackgroundState }
  /** One line about what takes long. */
  | { readonly progress: string }
  | {
      readonly failed: {
        readonly message: string;
        readonly kind: SandboxError["kind"];
        readonly code: string;
      };
    };

const longestTimer = 2 ** 31 - 1;

function tell(message: FromResident): void {
  process.send?.(message);
}

async function start(
  { start: options, folder, forMs }: Extract<ToResident, { start: unknown }>,
  resources: ResourceStack,
  { stop, isStopping }: { readonly stop: () => void; readonly isStopping: () => boolean },
): Promise<BackgroundState> {
  const sandbox = resources.use(
    await startSandbox({ ...options, lifetimeMs: forMs, onProgress: (progress) => tell({ progress }) }),
  );
  const control = resources.use(await openControl(stop));
  const state: BackgroundState = {
    pid: process.pid,
    since: sandbox.since,
    until: new Date(Date.now() + forMs).toISOString(),
    connection: sandbox.connection,
    control: { port: control.port, token: control.token },
  };
  resources.defer(await removeOnDeath(stateFile(folder)));
  if (isStopping())
    throw new SandboxError("environment", "interrupted", "interrupted before the sandbox was up");
  const written = writeState(folder, state);
  // Whoever stops it while the file is being written has it removed too, and nobody the file of another sandbox.
  resources.defer(() =>
    written.then(
      () => removeState(folder),
      () => undefined,
    ),
  );
  await written;
  const timer = setTimeout(stop, Math.min(forMs, longestTimer));
  resources.defer(() => clearTimeout(timer));
  return state;
}

/**
 * The process that stays in the background: starts a sandbox, reports to the process that launched it, and ends with
 * the sandbox when it is told to, when its time is over, or when the launcher is gone before it was kept.
 * @param end ends the process
 */
export function runResident(end: () => void): void {
  const resources = new ResourceStack();
  let stopping = false;
  const stop = (): void => {
    if (stopping) return;
    stopping = true;
    resources[Symbol.asyncDispose]().then(end, end);
  };
  // The reader of what is written here goes away with the process that launched this one.
  process.stderr.on("error", () => undefined);
  for (const signal of ["SIGTERM", "SIGINT", "SIGHUP"] as const) process.on(signal, stop);
  let kept = false;
  process.on("disconnect", () => {
    if (!kept) stop();
  });
  process.on("message", (message: ToResident) => {
    if ("keep" in message) {
      kept = true;
      process.disconnect?.();
      return;
    }
    start(message, resources, { stop, isStopping: () => stopping }).then(
      (state) => tell({ ready: state }),
      async (error: unknown) => {
        const known = error instanceof SandboxError ? error : undefined;
        tell({
          failed: {
            message: messageOf(error),
            kind: known?.kind ?? "environment",
            code: known?.code ?? "start-failed",
          },
        });
        // Leaves the message time to get out before the channel closes.
        await pause(50);
        stop();
      },
    );
  });
}
