import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { probeSender } from "../probe.ts";
import type { GroupResult } from "../report.ts";
import { moduleSender } from "./module.ts";

const nodemailer = JSON.stringify(import.meta.resolve("nodemailer"));
let folder: string;

beforeAll(() => {
  folder = mkdtempSync(join(tmpdir(), "sandbox-test-"));
});
afterAll(() => rmSync(folder, { recursive: true }));

/** Meets the control server and a server without STARTTLS. */
async function probeModule(
  code: string,
): Promise<{ group: GroupResult | undefined; verdict: string | undefined; leaked: string[] }> {
  const file = join(folder, `${Math.random().toString(36).slice(2)}.mjs`);
  writeFileSync(file, `import nodemailer from ${nodemailer};\n${code}`);
  const { report } = await probeSender({ sender: moduleSender(file), only: ["P01"], retryWaitMs: 100 });
  expect(report.sender.overlay).toHaveLength(2);
  const [posture] = report.postures;
  return {
    group: report.groups[0],
    verdict: posture?.verdict,
    leaked: [...new Set(posture?.leaked.map(({ part }) => part))].toSorted(),
  };
}

describe("a module that exports a transport for a server of its own", () => {
  const away = `host: "mail.clinic.invalid", auth: { user: "clinic", pass: "secret of the clinic" }`;

  test.each([
    ["requireTLS", `export const results = nodemailer.createTransport({ ${away}, requireTLS: true });`],
    ["a pool", `export default nodemailer.createTransport({ ${away}, requireTLS: true, pool: true });`],
    [
      "TLS from the start, by its port",
      `export const transport = nodemailer.createTransport({ ${away}, port: 465 });`,
    ],
    [
      "a server name of its own",
      `export const mail = nodemailer.createTransport({ ${away}, port: 587, requireTLS: true, tls: { servername: "mail.clinic.invalid" } });`,
    ],
  ])("is pointed at the sandbox and keeps its demands: %s", async (_, code) => {
    const { group, verdict } = await probeModule(code);
    expect(group?.controls.positive).toMatchObject({ passed: true });
    expect(verdict).toBe("held");
  });

  test.each([
    ["without a demand", `export const mail = nodemailer.createTransport({ ${away} });`],
    [
      "that is known by the name of a service",
      `export const mail = nodemailer.createTransport({ service: "Outlook365", auth: { user: "a", pass: "b" } });`,
    ],
  ])("is seen leaking: %s", async (_, code) => {
    const { group, verdict, leaked } = await probeModule(code);
    expect(group?.valid).toBe(true);
    expect(verdict).toBe("leaked");
    expect(leaked).toContain("body");
  });
});

test.each([
  [
    "a transport that does not speak SMTP",
    "export const transport = nodemailer.createTransport({ jsonTransport: true });",
    "the transport does not send by SMTP: export a function `send` in its place",
  ],
  [
    "more than one transport",
    "export const a = nodemailer.createTransport({}); export const b = nodemailer.createTransport({});",
    "the module exports several transports, a and b: give one that exports the one to test as `transport`",
  ],
  [
    "a function that sends to another machine",
    `export async function send() { await nodemailer.createTransport({ host: "192.0.2.1", port: 25 }).sendMail({ from: "a@b.test", to: "c@d.test" }); }`,
    "a connection to 192.0.2.1:25 was refused",
  ],
  [
    "a function that asks another machine by HTTP",
    `export async function send() { await fetch("http://192.0.2.1/mail").catch((error) => { throw error.cause; }); }`,
    "a connection to 192.0.2.1:80 was refused",
  ],
  [
    "a function that names another machine",
    `import { connect } from "node:net"; export async function send() { await new Promise((_, reject) => connect(25, "mail.clinic.invalid").on("error", reject)); }`,
    "a connection to mail.clinic.invalid:25 was refused",
  ],
])("a module with %s proves nothing and says why", async (_, code, reason) => {
  const { group, verdict } = await probeModule(code);
  expect(verdict).toBe("inconclusive");
  expect(group?.controls.positive).toMatchObject({ passed: false });
  expect(group?.controls.positive.reason).toContain(reason);
});
