import { existsSync, readFileSync } from "node:fs";
import { createConnection } from "node:net";
import mailhog from "mailhog";
import { createTransport } from "nodemailer";
import { describe, expect, test } from "vitest";
import { environmentOf } from "./connection.ts";
import type { Sandbox } from "./driver.ts";
import { startSandbox } from "./start.ts";

function transportTo(sandbox: Sandbox, service: "submission" | "smtps"): ReturnType<typeof createTransport> {
  const { host, port, user, password } = sandbox.connection[service];
  return createTransport({
    host,
    port,
    secure: service === "smtps",
    requireTLS: true,
    auth: { user, pass: password },
    tls: { ca: readFileSync(sandbox.connection.ca) },
  });
}

const message = {
  from: "App <app@sender.test>",
  to: "patient@clinic.test",
  subject: "Erinnerung für später",
  text: "Ihr Termin: morgen",
  attachments: [{ filename: "plan.txt", content: "hello" }],
};

function refuses(port: number): Promise<boolean> {
  return new Promise((resolve) => {
    const socket = createConnection({ host: "127.0.0.1", port }, () => {
      socket.destroy();
      resolve(false);
    });
    socket.on("error", () => resolve(true));
  });
}

describe("startSandbox", () => {
  test.each(["submission", "smtps"] as const)(
    "takes mail over TLS from a logged-in %s client",
    async (service) => {
      await using sandbox = await startSandbox({ driver: "in-process" });
      await transportTo(sandbox, service).sendMail(message);
      const [mail, ...more] = await sandbox.mailbox.list();
      expect(more).toEqual([]);
      expect(mail).toMatchObject({
        from: "app@sender.test",
        to: ["patient@clinic.test"],
        subject: "Erinnerung für später",
        tls: { version: "TLSv1.3" },
        auth: { user: "sandbox" },
      });
      const shown = await sandbox.mailbox.show(mail?.id ?? "");
      expect(shown?.text?.trim()).toBe("Ihr Termin: morgen");
      expect(shown?.attachments).toEqual([{ name: "plan.txt", type: "text/plain", size: 5 }]);
    },
  );

  test("takes mail from other servers for reserved domains, with or without TLS, and relays nothing", async () => {
    await using sandbox = await startSandbox({ driver: "in-process" });
    const { host, port } = sandbox.connection.mx;
    await createTransport({ host, port, ignoreTLS: true }).sendMail(message);
    const [mail] = await sandbox.mailbox.list();
    expect(mail).toMatchObject({ tls: null, auth: null });
    const relay = createTransport({ host, port, ignoreTLS: true }).sendMail({
      ...message,
      to: "a@elsewhere.invalid",
    });
    await expect(relay).rejects.toThrow(/554 5.7.1 Relay access denied/);
  });

  test("takes no mail and no password on submission without TLS", async () => {
    await using sandbox = await startSandbox({ driver: "in-process" });
    const { host, port, user, password } = sandbox.connection.submission;
    const clear = createTransport({ host, port, ignoreTLS: true });
    await expect(clear.sendMail(message)).rejects.toThrow(/530|Authentication required/i);
    const careless = createTransport({ host, port, ignoreTLS: true, auth: { user, pass: password } });
    await expect(careless.sendMail(message)).rejects.toThrow(/538|STARTTLS|Must issue/i);
    expect(await sandbox.mailbox.list()).toEqual([]);
  });

  test("refuses a wrong password with a hint", async () => {
    await using sandbox = await startSandbox({ driver: "in-process", user: "app", password: "right" });
    const { host, port } = sandbox.connection.submission;
    const transport = createTransport({
      host,
      port,
      auth: { user: "app", pass: "wrong" },
      tls: { rejectUnauthorized: false },
    });
    await expect(transport.sendMail(message)).rejects.toThrow(/535.*the sandbox printed/);
  });

  test("waits for a message and says so when none comes", async () => {
    await using sandbox = await startSandbox({ driver: "in-process" });
    const waiting = sandbox.mailbox.wait({ to: "PATIENT@", subject: "später" });
    await transportTo(sandbox, "submission").sendMail(message);
    expect((await waiting).subject).toBe("Erinnerung für später");
    await expect(sandbox.mailbox.wait({ to: "nobody" }, { timeoutMs: 100 })).rejects.toThrow(
      "no such message arrived within 0.1 s",
    );
  });

  test("the mailbox address speaks the API that the mailhog client knows", async () => {
    await using sandbox = await startSandbox({ driver: "in-process" });
    await transportTo(sandbox, "submission").sendMail(message);
    const client = mailhog({ host: "127.0.0.1", port: Number(new URL(sandbox.connection.mailbox.url).port) });
    const mail = await client.latestTo("patient@clinic.test");
    expect(mail).toMatchObject({ subject: expect.stringContaining("später"), from: "App <app@sender.test>" });
    expect(mail?.text.trim()).toBe("Ihr Termin: morgen");
    expect(mail?.attachments.map(({ name }) => name)).toEqual(["plan.txt"]);
    expect((await client.search("no such text"))?.total).toBe(0);
    await client.deleteAll();
    expect(await sandbox.mailbox.list()).toEqual([]);
  });

  test("the mailbox answers loopback names only", async () => {
    await using sandbox = await startSandbox({ driver: "in-process" });
    const { request } = await import("node:http");
    const status = await new Promise((resolve) => {
      const url = `${sandbox.connection.mailbox.url}/api/v2/messages`;
      request(url, { headers: { host: "attacker.example" } }, (response) =>
        resolve(response.resume().statusCode),
      ).end();
    });
    expect(status).toBe(403);
  });

  test("nothing is left afterwards", async () => {
    let ports: number[] = [];
    let ca = "";
    {
      await using sandbox = await startSandbox({ driver: "in-process" });
      const { submission, smtps, mx } = sandbox.connection;
      ports = [submission.port, smtps.port, mx.port, Number(new URL(sandbox.connection.mailbox.url).port)];
      ca = sandbox.connection.ca;
      expect(existsSync(ca)).toBe(true);
    }
    expect(await Promise.all(ports.map(refuses))).toEqual([true, true, true, true]);
    expect(existsSync(ca)).toBe(false);
  });

  test("a port in use is one clear line, and what was started before is gone", async () => {
    await using first = await startSandbox({ driver: "in-process" });
    const port = first.connection.mx.port;
    await expect(startSandbox({ driver: "in-process", ports: { mx: port } })).rejects.toThrow(
      `port ${port} of 127.0.0.1 is in use: end what uses it, or choose another port`,
    );
  });

  test("a driver that this machine cannot run is refused with the reason", async () => {
    const { chooseDriver } = await import("./driver.ts");
    const broken = {
      name: "containers" as const,
      title: "containers",
      check: () => Promise.resolve({ available: false as const, reason: "no Docker socket" }),
      start: () => Promise.reject(new Error("unreachable")),
    };
    const { inProcessDriver } = await import("./in-process/driver.ts");
    await expect(chooseDriver("containers", [broken])).rejects.toThrow(
      "the driver containers cannot run here: no Docker socket",
    );
    const choice = await chooseDriver(undefined, [broken, inProcessDriver]);
    expect(choice.reason).toBe("mail server in this process; no containers: no Docker socket");
  });

  test("the environment names what a sender is told", async () => {
    await using sandbox = await startSandbox({ driver: "in-process" });
    expect(environmentOf(sandbox.connection)).toMatchObject({
      HIPAA_CHECK_SMTP_HOST: "127.0.0.1",
      HIPAA_CHECK_SMTP_CA: sandbox.connection.ca,
    });
  });
});
