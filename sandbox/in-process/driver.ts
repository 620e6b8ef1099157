import { randomBytes } from "node:crypto";
import type { AuthenticatedEndpoint, Connection } from "../connection.ts";
import type { Driver, Sandbox, SandboxOptions } from "../driver.ts";
import { Mailbox } from "../mailbox/mailbox.ts";
import { serveMailbox } from "../mailbox/mailhog-server.ts";
import { MemoryStore } from "../mailbox/memory.ts";
import { Authority } from "../pki/authority.ts";
import { loopbackAddress } from "../resources/listen.ts";
import { ResourceStack } from "../resources/stack.ts";
import { createTemporaryFolder } from "../resources/temporary-folder.ts";
import type { Relay, RelayTo } from "./relay.ts";
import type { MailServer, Service } from "./server.ts";

async function start(options: SandboxOptions): Promise<Sandbox> {
  const resources = new ResourceStack();
  try {
    const { startMailServer } = await import("./server.ts");
    const folder = resources.use(await createTemporaryFolder("sandbox"));
    const authority = await Authority.create({
      hosts: ["localhost", loopbackAddress, "::1"],
      recipientDomain: "clinic.test",
    });
    const ca = await folder.write("ca.pem", authority.root);
    const mails = new MemoryStore();
    const store = options.relayTo === undefined ? mails : await relay(options.relayTo, resources);
    const user = options.user ?? "sandbox";
    const password = options.password ?? randomBytes(12).toString("hex");
    const credential = await authority.credential("good");
    const serve = async (service: Service): Promise<MailServer> => {
      const port = options.ports?.[service];
      const server = await startMailServer({
        service,
        credential,
        user,
        password,
        store,
        ...(port === undefined ? {} : { port }),
      });
      return resources.use(server);
    };
    const endpoint = ({ port }: MailServer): AuthenticatedEndpoint => ({
      host: loopbackAddress,
      port,
      user,
      password,
    });
    const submission = endpoint(await serve("submission"));
    const smtps = endpoint(await serve("smtps"));
    const mx = { host: loopbackAddress, port: (await serve("mx")).port };
    const mailbox = resources.use(await serveMailbox(mails, options.ports?.mailbox));
    const connection: Connection = {
      driver: "in-process",
      submission,
      smtps,
      mx,
      ca,
      mailbox: { url: mailbox.url },
    };
    return {
      driver: "in-process",
      connection,
      mailbox: new Mailbox(mails),
      since: new Date().toISOString(),
      [Symbol.asyncDispose]: () => resources[Symbol.asyncDispose](),
    };
  } catch (error) {
    await resources[Symbol.asyncDispose]();
    throw error;
  }
}

async function relay(next: RelayTo, resources: ResourceStack): Promise<Relay> {
  const { Relay } = await import("./relay.ts");
  return resources.use(new Relay(next));
}

/** The mail server inside this process: nothing to install, no container engine. */
export const inProcessDriver: Driver = {
  name: "in-process",
  title: "mail server in this process",
  check: () => Promise.resolve({ available: true }),
  start,
};
