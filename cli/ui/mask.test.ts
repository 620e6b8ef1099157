import { expect, test } from "vitest";
import { maskSecrets } from "./mask.ts";

const mask = (line: string): string => maskSecrets(line, 1, []);

test.each([
  ['  password = "Lakeside2019!"', '  password = "•••••••••••••"'],
  ["  auth: { user: 'reminders', pass: 'spring' },", "  auth: { user: 'reminders', pass: '••••••' },"],
  [
    'const url = "smtps://mailer:spring-2024@mx.example.org";',
    'const url = "smtps://mailer:•••••••••••@mx.example.org";',
  ],
  ["smtp_sasl_password_maps = static:mailer:spring", "smtp_sasl_password_maps = static:mailer:••••••"],
  ["  SMTP_TOKEN=abc123", "  SMTP_TOKEN=••••••"],
])("%s is made unreadable", (line, masked) => {
  expect(mask(line)).toBe(masked);
});

test.each([
  "  password = var.database_password",
  "  pass: process.env.SMTP_PASSWORD,",
  "smtp_sasl_password_maps = texthash:/etc/postfix/sasl_passwd",
  "  auth: { user: settings.user, pass: settings.password },",
  '  host: "relay.lakeside-clinic.example",',
])("%s stays as it is", (line) => {
  expect(mask(line)).toBe(line);
});

test("of a known place that takes in the name of the setting, only the value is unreadable", () => {
  const place = { file: "a.ts", line: 1, column: 3, endLine: 1, endColumn: 18 };
  expect(maskSecrets('{ pass: "spring" }', 1, [place])).toBe('{ pass: "••••••" }');
});

test("a known place is unreadable over all its lines, and every character keeps its column", () => {
  const place = { file: "a.tf", line: 1, column: 9, endLine: 2, endColumn: 4 };
  const lines = ["value = <<EOT", "abc def", "EOT"].map((line, index) =>
    maskSecrets(line, index + 1, [place]),
  );
  expect(lines).toEqual(["value = •••••", "••• def", "EOT"]);
});
