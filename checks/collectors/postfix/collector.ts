import type { Collector } from "#facts/collector.ts";
import { readBounces } from "./bounce.ts";
import { readConfiguration } from "./configuration.ts";
import { readHeldMail } from "./held-mail.ts";
import { readInstance } from "./instance.ts";
import { readListeners } from "./listeners.ts";
import { readLogging } from "./logging/logging.ts";
import { clientServices } from "./routes/clients.ts";
import { readRoutes } from "./routes/routes.ts";
import { readSecrets } from "./secrets/secrets.ts";

/** Postfix: each folder with a `main.cf` or `master.cf` is one instance. */
export const collector: Collector = {
  group(files) {
    const folders = Map.groupBy(files, folderOf);
    return [...folders].map(([folder, members]) => ({ id: folder, files: members }));
  },

  collect({ id, files }, host) {
    // What cannot be read, or is empty, has been reported; nothing can be said of the instance without it.
    if (!files.some((file) => (host.read(file) ?? "").trim() !== "")) return { facts: [], diagnostics: [] };
    const instance = readInstance(id, host);
    const secrets = readSecrets(instance);
    const configuration = readConfiguration(instance, secrets.texts);
    const clients = clientServices(instance);
    const listeners = readListeners(instance);
    const facts = [
      ...configuration.facts,
      ...readRoutes(instance, clients),
      ...listeners,
      readLogging(instance),
      readBounces(instance),
      ...secrets.facts,
    ];
    const diagnostics = [
      ...instance.diagnostics,
      ...configuration.diagnostics,
      ...readHeldMail(instance, clients, listeners),
      ...instance.tables.diagnostics,
    ];
    return { facts, diagnostics };
  },
};

function folderOf(path: string): string {
  const slash = path.lastIndexOf("/");
  return slash === -1 ? "." : path.slice(0, slash);
}
