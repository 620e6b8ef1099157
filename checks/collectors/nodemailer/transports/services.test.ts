import { createRequire } from "node:module";
import { expect, test } from "vitest";
import { findService } from "./services.ts";

type Row = Readonly<Record<string, unknown>> & { readonly aliases?: string[]; readonly domains?: string[] };

const require = createRequire(import.meta.url);
const table = require("nodemailer/lib/well-known/services.json") as Readonly<Record<string, Row>>;
const library = require("nodemailer/lib/well-known") as
  | ((name: string) => Row | false)
  | { readonly default: (name: string) => Row | false };
const wellKnown = typeof library === "function" ? library : library.default;

const names = Object.entries(table).flatMap(([name, { aliases = [], domains = [] }]) => [
  name,
  ...aliases,
  ...domains,
]);

test.each([...names, "user@gmail.com", "GMAIL", "g mail", "no such service"])(
  "%s is what nodemailer takes it for",
  (name) => {
    const { host, port, secure, requireTLS, ignoreTLS } = wellKnown(name) || {};
    const { names: _, ...found } = { names: [], ...findService(name) };
    expect(found).toEqual(JSON.parse(JSON.stringify({ host, port, secure, requireTLS, ignoreTLS })));
  },
);
