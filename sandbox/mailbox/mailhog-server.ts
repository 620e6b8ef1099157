import { createServer, type IncomingMessage, type ServerResponse } from "node:http";
import { loopbackAddress, portError } from "../resources/listen.ts";
import type { MailStore, StoredMail } from "./mail-store.ts";
import { type MailHogMessage, toMailHog } from "./mailhog-format.ts";

/** The web address of a mailbox. */
export interface MailboxServer extends AsyncDisposable {
  readonly url: string;
}

/** Further requests that the server answers: `POST /stop` and its like. False where the path is not known. */
export type ExtraRoute = (request: IncomingMessage, response: ServerResponse, path: string) => boolean;

type Matcher = (mail: StoredMail, query: string) => boolean;

const searches: Readonly<Record<string, Matcher>> = {
  from: (mail, query) => mail.from.toLowerCase().includes(query),
  to: (mail, query) => mail.to.some((address) => address.toLowerCase().includes(query)),
  containing: (mail, query) => mail.raw.toString("utf8").toLowerCase().includes(query),
};

function json(response: ServerResponse, status: number, body: unknown): void {
  // A reader may think for long between two questions, and a connection that is kept would be cut in the second one.
  const headers = { "content-type": "application/json", "cache-control": "no-store", connection: "close" };
  response.writeHead(status, headers);
  response.end(JSON.stringify(body));
}

function number(text: string | null, fallback: number): number {
  const value = Number(text ?? fallback);
  return Number.isInteger(value) && value >= 0 ? value : fallback;
}

function page(mails: readonly StoredMail[], query: URLSearchParams): object {
  const start = number(query.get("start"), 0);
  const newestFirst = [...mails].reverse();
  const items: MailHogMessage[] = newestFirst
    .slice(start, start + number(query.get("limit"), 50))
    .map(toMailHog);
  return { total: mails.length, count: items.length, start, items };
}

async function answer(store: MailStore, request: IncomingMessage, response: ServerResponse): Promise<void> {
  const { pathname, searchParams } = new URL(request.url ?? "/", "http://localhost");
  const id = /^\/api\/v1\/messages\/([^/]+)$/.exec(pathname)?.[1];
  const method = request.method ?? "GET";
  if (method === "GET" && pathname === "/api/v2/messages")
    return json(response, 200, page(await store.all(), searchParams));
  if (method === "GET" && pathname === "/api/v2/search") {
    const matches = searches[searchParams.get("kind") ?? "containing"];
    const query = (searchParams.get("query") ?? "").toLowerCase();
    if (matches === undefined) return json(response, 400, { error: "kind is from, to or containing" });
    return json(
      response,
      200,
      page(
        (await store.all()).filter((mail) => matches(mail, query)),
        searchParams,
      ),
    );
  }
  if (method === "DELETE" && pathname === "/api/v1/messages") {
    await store.clear();
    return json(response, 200, {});
  }
  if (method === "DELETE" && id !== undefined) {
    await store.delete(decodeURIComponent(id));
    return json(response, 200, {});
  }
  const mail = method === "GET" && id !== undefined ? await store.find(decodeURIComponent(id)) : undefined;
  if (mail !== undefined) return json(response, 200, toMailHog(mail));
  return json(response, 404, { error: "not found" });
}

/**
 * Serves a store over HTTP on the loopback address, as MailHog does. Requests under another host name are refused,
 * so that no page in a browser can read the mail by pointing its own name here.
 * @throws SandboxError when the port cannot be used
 */
export async function serveMailbox(
  store: MailStore,
  port = 0,
  extra: ExtraRoute = () => false,
): Promise<MailboxServer> {
  const server = createServer((request, response) => {
    const host = (request.headers.host ?? "").replace(/:\d+$/, "");
    if (!["127.0.0.1", "localhost", "[::1]"].includes(host))
      return json(response, 403, { error: "loopback names only" });
    if (extra(request, response, new URL(request.url ?? "/", "http://localhost").pathname)) return undefined;
    return void answer(store, request, response).catch(() => json(response, 400, { error: "bad request" }));
  });
  await new Promise<void>((resolve, reject) => {
    server.once("error", (error) => reject(portError(error, loopbackAddress, port)));
    server.listen({ host: loopbackAddress, port, exclusive: true }, resolve);
  });
  const address = server.address();
  const actual = typeof address === "object" && address !== null ? address.port : port;
  return {
    url: `http://${loopbackAddress}:${actual}`,
    async [Symbol.asyncDispose]() {
      server.closeAllConnections();
      await new Promise((resolve) => server.close(resolve));
    },
  };
}
