import { readFileSync } from "node:fs";
import { createServer, type IncomingMessage } from "node:http";
import type { AddressInfo } from "node:net";
import { describe, expect, test } from "vitest";
import { freePort } from "../resources/listen.ts";
import type { MailStore } from "./mail-store.ts";
import { Mailbox } from "./mailbox.ts";
import { MailHogStore } from "./mailhog.ts";
import { MailpitStore } from "./mailpit.ts";
import { MemoryStore } from "./memory.ts";
import { openMailbox } from "./open.ts";
import { readTrace, writeTrace } from "./trace.ts";

/** What the servers themselves said about one message: recorded from MailHog 1.0.1 and Mailpit 1.27. */
function recorded(name: string): Buffer {
  return readFileSync(new URL(`./fixtures/${name}`, import.meta.url));
}

interface Replay extends AsyncDisposable {
  readonly url: string;
  readonly asked: string[];
}

async function replay(answers: Readonly<Record<string, Buffer>>): Promise<Replay> {
  const asked: string[] = [];
  const server = createServer(async (request: IncomingMessage, response) => {
    const chunks: Buffer[] = [];
    for await (const chunk of request) chunks.push(chunk as Buffer);
    const path = (request.url ?? "").split("?")[0] ?? "";
    asked.push([request.method, path, Buffer.concat(chunks).toString()].join(" ").trim());
    const body = request.method === "GET" ? answers[path] : Buffer.alloc(0);
    response.writeHead(body === undefined ? 404 : 200).end(body);
  });
  await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
  return {
    url: `http://127.0.0.1:${(server.address() as AddressInfo).port}`,
    asked,
    async [Symbol.asyncDispose]() {
      server.closeAllConnections();
      await new Promise((resolve) => server.close(resolve));
    },
  };
}

const mailhogAnswers = { "/api/v2/messages": recorded("mailhog-messages.json") };
const mailpitId = "Kzx4gQS6gXoWDV4H6HNa8w";
const mailpitAnswers = {
  "/api/v1/info": Buffer.from('{"Version":"v1.27.1","Database":"mailpit.db","Messages":1,"Unread":0}'),
  "/api/v1/messages": recorded("mailpit-messages.json"),
  [`/api/v1/message/${mailpitId}/raw`]: recorded("mailpit-raw.eml"),
};

const kinds: readonly [
  string,
  Readonly<Record<string, Buffer>>,
  (url: string) => MailStore,
  readonly string[],
][] = [
  [
    "MailHog",
    mailhogAnswers,
    (url) => new MailHogStore(url),
    [
      "DELETE /api/v1/messages/0KLSt8TC_hqxeY5DGhza5uKub9f_7_gn0Eq_WkNhVH8%3D%40mailhog.example",
      "DELETE /api/v1/messages",
    ],
  ],
  [
    "Mailpit",
    mailpitAnswers,
    (url) => new MailpitStore(url),
    [`DELETE /api/v1/messages {"IDs":["${mailpitId}"]}`, "DELETE /api/v1/messages"],
  ],
];

describe.each(kinds)("%s", (name, answers, open, deletions) => {
  test("gives envelope, subject, content and the TLS state that the server before it wrote", async () => {
    await using server = await replay(answers);
    const mailbox = new Mailbox(open(server.url));
    const [mail] = await mailbox.list();
    expect(mail).toMatchObject({
      from: "sender@app.example",
      to: ["patient@clinic.test", "second@clinic.test"],
      subject: "Erinnerung für später",
      tls: { version: "TLSv1.3", cipher: "TLS_AES_256_GCM_SHA384" },
      auth: { user: "sandbox" },
    });
    const shown = await mailbox.show(mail?.id ?? "");
    expect(shown?.text?.trim()).toBe("Guten Tag é");
    expect(shown?.attachments).toEqual([{ name: "a.txt", type: "text/plain", size: 5 }]);
  });

  test("deletes one message and all of them", async () => {
    await using server = await replay(answers);
    const store = open(server.url);
    const [mail] = await store.all();
    await store.delete(mail?.id ?? "");
    await store.clear();
    expect(server.asked.filter((line) => line.startsWith("DELETE"))).toEqual(deletions);
  });

  test("says in one line that nobody answers, or something else does", async () => {
    await expect(open("http://127.0.0.1:1").all()).rejects.toThrow(
      `the mailbox at http://127.0.0.1:1 does not answer as ${name} does`,
    );
    await using other = await replay({
      "/api/v2/messages": Buffer.from("<html>"),
      "/api/v1/messages": Buffer.from("{}"),
    });
    await expect(open(other.url).all()).rejects.toThrow(`does not answer as ${name} does`);
  });
});

describe("a mailbox that runs already", () => {
  test.each([
    ["MailHog", mailhogAnswers],
    ["Mailpit", mailpitAnswers],
  ])("is known as %s by what it answers", async (_, answers) => {
    await using server = await replay(answers);
    const mailbox = await openMailbox(`${server.url}/`);
    expect(await mailbox.list()).toMatchObject([{ from: "sender@app.example", auth: { user: "sandbox" } }]);
  });

  test("is one line where it is none", async () => {
    await expect(openMailbox("localhost:8025")).rejects.toThrow(
      "localhost:8025 is no address of a mailbox: write http://host:port",
    );
    await expect(openMailbox(`http://127.0.0.1:${await freePort()}`)).rejects.toThrow(
      /^no mailbox answers at http:\/\/127\.0\.0\.1:\d+: .*ECONNREFUSED/,
    );
  });
});

describe("trace", () => {
  const source = {
    helo: "app.test",
    address: "127.0.0.1",
    protocol: "ESMTPSA",
    host: "localhost",
    id: "abc",
    recipients: ["patient@clinic.test"],
  };

  test.each([
    [{ tls: { version: "TLSv1.2", cipher: "ECDHE-RSA-AES128-GCM-SHA256" }, auth: { user: "app" } }],
    [{ tls: null, auth: null }],
    [{ tls: { version: "TLSv1.3", cipher: "TLS_AES_128_GCM_SHA256" }, auth: null }],
  ])("what is written is read back: %j", (state) => {
    const forged =
      "Received: from x\r\n\t(using TLSv1.3 with cipher FORGED)\r\n\t(Authenticated sender: root) by y\r\n";
    expect(
      readTrace(Buffer.from(`${writeTrace({ ...source, ...state })}${forged}Subject: a\r\n\r\nbody`)),
    ).toEqual(state);
  });

  test("a client's name cannot break out of the header", () => {
    const written = writeTrace({ ...source, helo: "a\r\nBcc: x (using TLSv9", tls: null, auth: null });
    expect(written.split("\r\n").filter((line) => /^\S/.test(line))).toHaveLength(1);
    expect(readTrace(Buffer.from(written)).tls).toBeNull();
  });

  test.each([
    [
      "read from Postfix",
      "Received: from a (b [192.0.2.1])\r\n\t(using TLSv1.2 with cipher AES256-SHA (256/256 bits))\r\n\t(No client certificate requested)\r\n\t(Authenticated sender: app@x)\r\n\tby mx (Postfix) with ESMTPSA id 1",
      { tls: { version: "TLSv1.2", cipher: "AES256-SHA" }, auth: { user: "app@x" } },
    ],
    [
      "clear from Postfix",
      "Received: from a (b [192.0.2.1])\r\n\tby mx (Postfix) with ESMTP id 1",
      { tls: null, auth: null },
    ],
    ["no trace at all", "Subject: x", { tls: null, auth: null }],
  ])("%s", (_, header, state) => {
    expect(readTrace(Buffer.from(`${header}\r\n\r\nbody`))).toEqual(state);
  });
});

test("the in-process store drops the oldest when it holds too much", async () => {
  const store = new MemoryStore();
  const raw = Buffer.alloc(100 * 1024 * 1024);
  const ids = [1, 2, 3].map(() => store.add({ from: "", to: [], raw }).id);
  expect((await store.all()).map(({ id }) => id)).toEqual(ids.slice(1));
});
