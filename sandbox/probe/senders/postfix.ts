import { readConfiguration } from "../../contained/postfix/configuration.ts";
import { PostfixMachine } from "../../contained/postfix/machine.ts";
import { type ContainedOptions, containedSender } from "../../contained/sender.ts";
import type { Sender } from "../sender.ts";

/**
 * Postfix with a user's own configuration, in a container with no network but the run's own. Every file is as it is in
 * the folder; the timers at the end of `main.cf`, the resolver and the trusted authorities are the sandbox's
 * (`sender.overlay`).
 * @param folder holds `main.cf`, and `master.cf` and tables beside it
 * @throws SandboxError when there is no container engine, no configuration, or one that Postfix refuses
 */
export async function postfixSender(folder: string, options: ContainedOptions = {}): Promise<Sender> {
  const configuration = await readConfiguration(folder);
  return await containedSender(
    {
      kind: "postfix",
      name: folder,
      image: "postfix",
      files: configuration.files,
      install: (container) => new PostfixMachine(container, configuration),
    },
    options,
  );
}
