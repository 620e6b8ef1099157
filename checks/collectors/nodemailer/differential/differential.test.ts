import { createRequire } from "node:module";
import type { Socket } from "node:net";
import { runInNewContext } from "node:vm";
import { afterAll, beforeAll, describe, expect, test, vi } from "vitest";
import { compareTlsVersions, type TlsVersion } from "#base/tls-version.ts";
import type { Value } from "#base/value.ts";
import type { Fact } from "#facts/fact.ts";
import { collectAll } from "../testing.ts";
import { type Certificates, makeCertificates } from "./certificates.ts";
import type { ClientHello } from "./client-hello.ts";
import { postures, type Sighting, Wire } from "./wire.ts";

/*
 * What the collector says of options is held against what the library does with them: what it writes in clear text,
 * which certificates it takes, which versions and suites it offers, what it logs.
 */

interface Transport {
  readonly transporter: { readonly options: object };
  getSocket: (options: object, done: (error: Error | null, given?: { connection: Socket }) => void) => void;
  sendMail(message: object): Promise<unknown>;
  close(): void;
}

interface Library {
  readonly createTransport: (options: unknown) => Transport;
  readonly Connection: new (
    options: object,
  ) => {
    readonly host: string;
    readonly port: number;
    readonly secureConnection: boolean;
  };
}

const require = createRequire(import.meta.url);

/** Two releases: what they do differs where options contradict each other or stand beside a URL. */
const libraries = [
  libraryOf(
    require("nodemailer/package.json"),
    require("nodemailer"),
    require("nodemailer/lib/smtp-connection"),
  ),
  libraryOf(
    require("nodemailer-9/package.json"),
    require("nodemailer-9"),
    require("nodemailer-9/lib/smtp-connection"),
  ),
];

function libraryOf(
  { version }: { readonly version: string },
  { createTransport }: Pick<Library, "createTransport">,
  connection: Library["Connection"] & { readonly default?: Library["Connection"] },
): readonly [string, Library] {
  return [version, { createTransport, Connection: connection.default ?? connection }];
}

const canary = "canary-7f3a";
const recipient = "patient@clinic.example";
const message = { from: "a@clinic.example", to: recipient, subject: canary, text: canary };

let certificates: Certificates;
let wire: Wire;

beforeAll(async () => {
  certificates = await makeCertificates([
    "mx.example.org",
    "smtp.gmail.com",
    "smtp.office365.com",
    "smtp.protonmail.ch",
  ]);
  wire = await Wire.start(certificates);
});

afterAll(() => wire.close());

/** The options with the authority of the test, in the form in which they were. */
function prepared(options: unknown): unknown {
  if (typeof options === "string") {
    return `${options}${options.includes("?") ? "&" : "?"}tls.ca=${encodeURIComponent(certificates.ca)}`;
  }
  const { url, tls, ...rest } = options as { url?: string; tls?: object };
  const beside = { ...rest, tls: { ...tls, ca: certificates.ca } };
  return url === undefined ? beside : { ...beside, url: prepared(url) };
}

async function send(library: Library, options: unknown, connection: Promise<Socket>): Promise<unknown> {
  const transport = library.createTransport(prepared(options));
  transport.getSocket = (_options, done) => {
    connection.then((socket) => done(null, { connection: socket }), done);
  };
  try {
    return await transport.sendMail(message);
  } finally {
    transport.close();
  }
}

function isImplicit(library: Library, options: unknown): boolean {
  return new library.Connection(library.createTransport(options).transporter.options).secureConnection;
}

async function factsOf(text: string, version: string): Promise<Readonly<Record<string, Fact["attributes"]>>> {
  const { facts } = await collectAll({
    "package.json": `{ "dependencies": { "nodemailer": "${version}" } }`,
    "mail.ts": `import { createTransport } from "nodemailer";\nexport const t = createTransport(${text});\n`,
  });
  return Object.fromEntries(facts.map(({ kind, attributes }) => [kind, attributes]));
}

function known(value: Value | undefined): unknown {
  return value?.state === "known" ? value.value : value?.state;
}

/** Options that say what they mean by the values that count: every combination of those. */
const combinations = [undefined, true, false].flatMap((secure) =>
  [undefined, 465, 587].flatMap((port) =>
    [
      "",
      "requireTLS: true",
      "ignoreTLS: true",
      "opportunisticTLS: true",
      "requireTLS: true, ignoreTLS: true",
      "requireTLS: true, opportunisticTLS: true",
      "ignoreTLS: true, opportunisticTLS: true",
    ].map(
      (rest) =>
        `{ host: "mx.example.org"${secure === undefined ? "" : `, secure: ${secure}`}${port === undefined ? "" : `, port: ${port}`}${rest === "" ? "" : `, ${rest}`} }`,
    ),
  ),
);

const single = [
  '{ host: "mx.example.org", port: "465" }',
  '{ host: "mx.example.org", port: 465, secure: undefined }',
  '{ host: "mx.example.org", port: 465, secure: null }',
  '{ host: "mx.example.org", secure: "false" }',
  '{ host: "mx.example.org", requireTLS: "false" }',
  '{ host: "mx.example.org", ignoreTLS: "false" }',
  '{ host: "mx.example.org", requireTLS: "" }',
  '{ host: "mx.example.org", secureConnection: true }',
  '{ host: "mx.example.org", pool: true, requireTLS: true }',
  '{ host: "mx.example.org", secure: true, tls: { rejectUnauthorized: false } }',
  '{ host: "mx.example.org", secure: true, tls: { rejectUnauthorized: "false" } }',
  '{ host: "mx.example.org", secure: true, tls: { rejectUnauthorized: 0 } }',
  '{ host: "mx.example.org", secure: true, tls: { rejectUnauthorized: null } }',
  '{ host: "mx.example.org", secure: true, tls: { rejectUnauthorized: undefined } }',
  '{ host: "mx.example.org", requireTLS: true, tls: { rejectUnauthorized: false } }',
  '{ host: "mx.example.org", requireTLS: true, tls: { checkServerIdentity: () => undefined } }',
  '{ host: "mx.example.org", requireTLS: true, tls: { rejectUnauthorize: false } }',
  '{ host: "mx.example.org", secure: true, tls: { servername: "mx.other.example" } }',
  '{ host: "mx.example.org", secure: true, tls: { minVersion: "TLSv1" } }',
  '{ host: "mx.example.org", secure: true, tls: { minVersion: "TLSv1.1" } }',
  '{ host: "mx.example.org", secure: true, tls: { minVersion: "TLSv1", ciphers: "DEFAULT@SECLEVEL=0" } }',
  '{ host: "mx.example.org", requireTLS: true, tls: { minVersion: "TLSv1.2" } }',
  '{ host: "mx.example.org", secure: true, tls: { minVersion: "TLSv1.3" } }',
  '{ host: "mx.example.org", secure: true, tls: { maxVersion: "TLSv1.2" } }',
  '{ host: "mx.example.org", secure: true, tls: { secureProtocol: "TLSv1_2_method" } }',
  '{ host: "mx.example.org", secure: true, tls: { ciphers: "SSLv3" } }',
  '{ host: "mx.example.org", secure: true, tls: { ciphers: "HIGH:!aNULL:!MD5" } }',
  '{ host: "mx.example.org", secure: true, tls: { ciphers: "ALL:@SECLEVEL=0" } }',
  '{ host: "mx.example.org", secure: true, tls: { ciphers: "ALL:eNULL:@SECLEVEL=0" } }',
  '{ host: "mx.example.org", secure: true, tls: { ciphers: "ALL:eNULL:!aNULL:!eNULL:@SECLEVEL=0" } }',
  '{ host: "mx.example.org", secure: true, tls: { ciphers: "HIGH" } }',
  '{ host: "mx.example.org", auth: { user: "u", pass: "p" } }',
  '{ host: "mx.example.org", requireTLS: true, auth: { user: "u", pass: "p" } }',
  '{ host: "mx.example.org", ignoreTLS: true, auth: { user: "u", pass: "p" } }',
  '{ host: "mx.example.org", secure: true, auth: { user: "u", pass: "p" } }',
  '{ host: "mx.example.org", auth: {} }',
  '{ host: "mx.example.org", auth: false }',
  '{ host: "mx.example.org", auth: { type: "OAuth2", user: "u", accessToken: "t" } }',
  '{ host: "mx.example.org", auth: { type: "login", user: "u", pass: "p" } }',
  '{ host: "mx.example.org", secure: true, auth: { type: "oauth2", user: "u", accessToken: "t" } }',
  '{ service: "gmail" }',
  '{ service: "gmail", secure: false }',
  '{ service: "Outlook365" }',
  '{ service: "Outlook365", requireTLS: true }',
  '{ service: "Outlook365", secure: true, port: 465 }',
  '{ service: "no such service", host: "mx.example.org" }',
  '"smtps://mx.example.org"',
  '"smtp://mx.example.org"',
  '"smtp://mx.example.org:465"',
  '"smtps://mx.example.org:587/"',
  '"smtp://mx.example.org?requireTLS=true"',
  '"smtp://mx.example.org/?requireTLS=true&tls.rejectUnauthorized=false"',
  '"smtp://mx.example.org?ignoreTLS=true"',
  '"smtp://mx.example.org?secure=true"',
  '"smtp://mx.example.org?port=465"',
  '"smtp://u:p%40@mx.example.org?requireTLS=true"',
  '"smtp://mx.example.org?requireTLS=1"',
  '"smtp://mx.example.org?requireTLS=0"',
  '"smtp:mx.example.org?requireTLS=true"',
  '"SMTPS://mx.example.org"',
  '"smtp://?service=gmail"',
  '{ url: "smtp://mx.example.org", requireTLS: true }',
  '{ url: "smtps://mx.example.org", secure: false, tls: { rejectUnauthorized: false } }',
  '{ url: "smtp://mx.example.org?pool=true&requireTLS=true" }',
];

const families: readonly (readonly [string, (suite: number) => boolean])[] = [
  [
    "null",
    (suite) =>
      [0x0001, 0x0002, 0x002c, 0x002d, 0x002e, 0x003b, 0xc006, 0xc010, 0xc0b4, 0xc0b5].includes(suite),
  ],
  [
    "anonymous",
    (suite) =>
      [0x0034, 0x003a, 0x006c, 0x006d, 0x00a6, 0x00a7, 0x0046, 0x0089, 0xc015, 0xc018, 0xc019].includes(
        suite,
      ),
  ],
  ["rc4", (suite) => [0x0004, 0x0005, 0xc011, 0xc007].includes(suite)],
  ["3des", (suite) => [0x000a, 0x0016, 0xc012, 0xc008].includes(suite)],
];

describe.each(libraries)("nodemailer %s", (version, library) => {
  test.concurrent.each([...combinations, ...single])("%s", async (text) => {
    const options: unknown = runInNewContext(`(${text})`);
    const route = (await factsOf(text, version))["mail.route"] ?? {};
    const mode = known(route["tls.mode"]);
    const verification = known(route["tls.verification"]);
    const implicit = isImplicit(library, options);
    const sighted = postures.map((posture) =>
      wire.watch(posture, implicit, (connection) => send(library, options, connection)),
    );
    const [bare, good, otherName, untrusted] = (await Promise.all(sighted)) as [
      Sighting,
      Sighting,
      Sighting,
      Sighting,
    ];

    const { host, port } = new library.Connection(library.createTransport(options).transporter.options);
    expect(known(route.destination)).toBe(`${host}:${port}`);
    const [inClear, inClearThough] = [bare, good].map(({ clear }) => clear.includes(canary));
    expect({ mode, inClear, inClearThough }).toEqual({
      mode,
      inClear: mode !== "required",
      inClearThough: mode === "none",
    });
    if (mode === "required") {
      const asksForOther = text.includes("mx.other.example");
      expect({
        verification,
        good: good.delivered,
        otherName: otherName.delivered,
        untrusted: untrusted.delivered,
      }).toEqual({
        verification,
        good: !asksForOther || verification !== "name",
        otherName: asksForOther || verification !== "name",
        untrusted: verification === "none",
      });
    } else expect(verification).toBe("none");
    if (good.hello !== undefined) compareHello(good.hello, route, text);
    const command = /AUTH (PLAIN|LOGIN|XOAUTH2)/.exec(bare.clear)?.[1];
    const mechanism = known(route["authentication.mechanism"]);
    expect(known(route["authentication.cleartextAllowed"])).toBe(
      mechanism === "none" ? "absent" : command !== undefined,
    );
    if (command !== undefined) expect(mechanism).toBe(command === "XOAUTH2" ? "oauth2" : "password");
  });

  test.each([
    '{ host: "mx.example.org" }',
    '{ host: "mx.example.org", logger: true }',
    '{ host: "mx.example.org", logger: true, debug: true }',
    '{ host: "mx.example.org", debug: true }',
    '{ host: "mx.example.org", logger: true, transactionLog: true }',
    '{ host: "mx.example.org", pool: true, logger: true, debug: 1 }',
    '"smtp://mx.example.org?logger=true&debug=true"',
  ])("logs of %s", async (text) => {
    const options: unknown = runInNewContext(`(${text})`);
    const logging = (await factsOf(text, version))["mail.logging"] ?? {};
    const lines: string[] = [];
    const console = vi.spyOn(globalThis.console, "log").mockImplementation((...words) => {
      lines.push(words.map(String).join(" "));
    });
    try {
      await wire.watch("good", false, (connection) => send(library, options, connection));
    } finally {
      console.mockRestore();
    }
    const log = lines.join("\n");
    expect(known(logging["recipients.logged"])).toBe(log.includes(recipient));
    expect(known(logging["content.logged"])).toBe(log.includes(canary) || log.includes("RCPT TO:"));
  });
});

function compareHello(hello: ClientHello, route: Fact["attributes"], text: string): void {
  const oldest = known(route["tls.minimumVersion"]) as TlsVersion;
  if (hello.oldest !== undefined) expect(compareTlsVersions(oldest, hello.oldest)).toBeLessThanOrEqual(0);
  const offered = families.filter(([, isOne]) => hello.suites.some(isOne)).map(([family]) => family);
  const weak = known(route["tls.weakCiphers"]) as string[];
  expect(weak).toEqual(expect.arrayContaining(offered));
  if (!text.includes("SSLv3")) expect(weak.filter((family) => !offered.includes(family))).toEqual([]);
}
