import { createRequire } from "node:module";
import { describe, expect, test } from "vitest";
import { constant, type Datum, type Layer } from "../evaluate/datum.ts";
import { readConnectionUrl } from "./url.ts";

const { parseConnectionUrl } = createRequire(import.meta.url)("nodemailer/lib/shared") as {
  parseConnectionUrl: (text: string) => object;
};

const location = { file: "mail.ts", line: 1, column: 1, endLine: 1, endColumn: 2 };

function plain(layers: readonly Layer[]): Record<string, unknown> {
  return Object.fromEntries(
    layers.flatMap((layer) =>
      layer.kind === "set"
        ? [[layer.name, plainValue(layer.value(() => constant(undefined, location)))]]
        : [],
    ),
  );
}

function plainValue(value: Datum): unknown {
  if (value.kind === "object") return plain(value.layers);
  return value.kind === "constant" ? value.value : value.kind;
}

describe("readConnectionUrl reads as nodemailer does", () => {
  test.each([
    "smtp://mx.example.org",
    "smtps://mx.example.org",
    "SMTPS://MX.example.org",
    "smtp://mx.example.org:25",
    "smtp://mx.example.org:0",
    "smtp:mx.example.org:2525",
    " smtp://mx.example.org ",
    "direct:?name=a.example.org",
    "smtp://u:p@mx.example.org",
    "smtp://u@mx.example.org",
    "smtp://:p@mx.example.org",
    "smtp://u%40example.org:p%3Aq%2Fr@mx.example.org:587/",
    "smtp://u:p%zz@mx.example.org",
    "smtp://127.0.0.1:1025",
    "smtp://[::1]:1025",
    "smtp://bücher.example",
    "smtp://mx.example.org/?pool=true&maxConnections=3&name=a.b",
    "smtp://mx.example.org?requireTLS=true&ignoreTLS=false",
    "smtp://mx.example.org?requireTLS=1&secure=true&host=other",
    "smtp://mx.example.org?port=465",
    "smtp://mx.example.org?tls.rejectUnauthorized=false&tls.minVersion=TLSv1.2&a.b=c",
    "smtp://mx.example.org?logger=true&debug=true#fragment",
    "smtp://mx.example.org?service=gmail&empty=",
    "smtps://mx.example.org:587/path?x=%20y",
  ])("%s", (text) => {
    const layers = readConnectionUrl(constant(text, location));
    expect(plain(layers ?? [])).toEqual(parseConnectionUrl(text));
  });

  test.each(["http://mx.example.org", "mx.example.org", "", "smtp://mx.example.org:99999999"])(
    "%j is none",
    (text) => {
      expect(readConnectionUrl(constant(text, location))).toBeUndefined();
    },
  );
});
