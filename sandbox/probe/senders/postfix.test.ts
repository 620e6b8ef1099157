import { mkdirSync, mkdtempSync, readFileSync, rmSync, symlinkSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { threadId } from "node:worker_threads";
import { afterEach, beforeEach, describe, expect, test } from "vitest";
import { readConfiguration } from "../../contained/postfix/configuration.ts";
import { readNextHop } from "../../contained/postfix/routes.ts";
import { ownerLabel, ownerOf } from "../../containers/container.ts";
import { openEngine } from "../../containers/engine.ts";
import { needsEngine, withoutEngine } from "../../containers/testing.ts";
import { type ProbeOutcome, probeSender } from "../probe.ts";
import { postfixSender } from "./postfix.ts";

let folder: string;

beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), "postfix-test-"));
});

afterEach(() => {
  rmSync(folder, { recursive: true, force: true });
});

const common = "compatibility_level = 3.6\nmyhostname = mail.example.org\nmydestination = $myhostname\n";

/** Writes a configuration; the first text is `main.cf`. */
function write(main: string, others: Readonly<Record<string, string>> = {}): void {
  writeFileSync(join(folder, "main.cf"), `${common}${main}\n`);
  for (const [name, text] of Object.entries(others)) writeFileSync(join(folder, name), text);
}

async function probe(only: readonly string[]): Promise<ProbeOutcome> {
  return await probeSender({ sender: await postfixSender(folder, { sites: 3 }), only });
}

function verdicts({ report }: ProbeOutcome): Record<string, string> {
  expect(report.groups.filter(({ valid }) => !valid)).toEqual([]);
  return Object.fromEntries(report.postures.map(({ id, verdict }) => [id, verdict]));
}

describe("a Postfix configuration", () => {
  test("goes into the container as it is, but for the timers", async () => {
    write("smtp_tls_security_level = encrypt", { tls_policy: "partner.example none\n" });
    mkdirSync(join(folder, "sub"));
    writeFileSync(join(folder, "sub/map.db"), Buffer.from([0, 1, 2, 255]));
    writeFileSync(join(folder, "dynamicmaps.cf"), "of another installation");
    symlinkSync("/etc/passwd", join(folder, "linked"));
    const { files } = await readConfiguration(folder);
    expect(Object.keys(files)).toEqual([
      "/etc/postfix/main.cf",
      "/etc/postfix/sub/map.db",
      "/etc/postfix/tls_policy",
    ]);
    const main = String(files["/etc/postfix/main.cf"]?.content);
    const own = readFileSync(join(folder, "main.cf"), "utf8");
    expect(main.startsWith(own)).toBe(true);
    expect(main.slice(own.length)).toBe(
      "\n# hipaa-check sandbox: shorter timers, and nothing else.\nminimal_backoff_time = 2s\nmaximal_backoff_time = 3s\nqueue_run_delay = 1s\n",
    );
    expect(files["/etc/postfix/sub/map.db"]?.content).toEqual(Buffer.from([0, 1, 2, 255]));
  });

  test("that is none is refused in one line", async () => {
    await expect(readConfiguration(join(folder, "none"))).rejects.toThrow(
      /^there is no folder .*none: give the one/,
    );
    await expect(readConfiguration(folder)).rejects.toThrow(/^there is no main\.cf in /);
  });

  test.each([
    ["[smtp.relay.example]:587", { host: "smtp.relay.example", port: 587 }],
    ["[Relay.Example]", { host: "relay.example", port: 25 }],
    ["relay.example:submissions", { host: "relay.example", port: 465 }],
    ["relay.example", { host: "relay.example", port: 25 }],
    ["", undefined],
  ])("names the next hop %s", (text, hop) => {
    expect(readNextHop(text)).toEqual(hop);
  });
});

describe.skipIf(withoutEngine !== undefined)(needsEngine("Postfix with a user's configuration"), () => {
  test("at `encrypt` holds in clear text, and takes any certificate", { timeout: 300_000 }, async () => {
    write("smtp_tls_security_level = encrypt");
    const outcome = await probe(["P01", "P03a", "P03b", "P04a", "P14", "P49a", "P50b", "P57", "P61", "P64"]);
    expect(verdicts(outcome)).toEqual({
      P01: "held",
      P03a: "held",
      P03b: "held",
      P04a: "held",
      P14: "weak",
      P49a: "held",
      // The whole message is returned.
      P50b: "leaked",
      P57: "held",
      // From 3.10 on a header of the message lowers the level.
      P61: "leaked",
      P64: "held",
    });
    const { sender, driver } = outcome.report;
    expect(driver).toBe("containers");
    expect(sender.software).toMatch(/^Postfix 3\.\d+\.\d+, OpenSSL 3\.\d+\.\d+$/);
    expect(sender.overlay).toContain("minimal_backoff_time = 2s");
    const p01 = outcome.report.postures.find(({ id }) => id === "P01");
    expect(p01?.reason).toContain("waits in the sender's queue: TLS is required, but was not offered");
    // More than one try was seen.
    expect(p01?.transcript.match(/--- connection/g)?.length).toBeGreaterThanOrEqual(3);
  });

  test("at `may` leaks, at once or in a later try", { timeout: 300_000 }, async () => {
    write("smtp_tls_security_level = may");
    const outcome = await probe(["P01", "P03a", "P04c", "P14", "P44a"]);
    expect(verdicts(outcome)).toEqual({
      P01: "leaked",
      P03a: "leaked",
      P04c: "leaked",
      P14: "weak",
      P44a: "held",
    });
    // What the sender does only after its first timer has run out.
    const late = outcome.observations.find(({ posture }) => posture === "P04c");
    expect(
      late?.connections.findIndex((connection) =>
        connection.received("clear").some(({ phase }) => phase === "MAIL"),
      ),
    ).toBeGreaterThan(0);
  });

  test("that tells a relay is tested there, and its password shown to nobody", {
    timeout: 300_000,
  }, async () => {
    const secret = "V3ry-s3cret-word";
    write(
      [
        "relayhost = [smtp.relay.example]:587",
        "smtp_tls_security_level = secure",
        "smtp_tls_CAfile = /etc/ssl/certs/ca-certificates.crt",
        "smtp_sasl_auth_enable = yes",
        "smtp_sasl_password_maps = hash:$config_directory/passwords",
        "smtp_sasl_security_options = noanonymous",
      ].join("\n"),
      { passwords: `[smtp.relay.example]:587 app:${secret}\n` },
    );
    const outcome = await probe(["P01", "P14", "P19", "P20", "P38", "P65b", "P06c"]);
    expect(verdicts(outcome)).toEqual({
      P01: "held",
      P06c: "held",
      P14: "held",
      P19: "held",
      P20: "held",
      P38: "not-run",
      P65b: "held",
    });
    const text = JSON.stringify(outcome.report);
    expect(text).not.toContain(secret);
    expect(text).not.toContain(Buffer.from(`\0app\0${secret}`).toString("base64"));
  });

  test.each([
    [
      "that waits for a mail filter which is not there",
      "smtpd_milters = inet:127.0.0.1:8891\nnon_smtpd_milters = $smtpd_milters",
      "the mail filter inet:127.0.0.1:8891 is not there in the test, and Postfix takes no message without it: set milter_default_action = accept in the folder",
    ],
    ["that returns every message", "default_transport = error:moved away", "moved away"],
  ])("%s is named", { timeout: 300_000 }, async (_, setting, reason) => {
    write(setting);
    const { report } = await probe(["P01"]);
    expect(report.groups[0]?.controls.positive.reason).toBe(`the sender never came: ${reason}`);
    expect(report.postures[0]?.verdict).toBe("inconclusive");
  });

  test("that makes exceptions is caught by them, and its log is searched", { timeout: 300_000 }, async () => {
    write(
      [
        "smtp_tls_security_level = encrypt",
        "smtp_fallback_relay = [backup.example]",
        "smtp_tls_policy_maps = texthash:$config_directory/policies",
        "header_checks = regexp:$config_directory/checks",
      ].join("\n"),
      { policies: "# what is lowered\npartner.example may\n", checks: "/^Subject:/ WARN\n" },
    );
    const outcome = await probe(["P58", "P63"]);
    expect(verdicts(outcome)).toEqual({ P58: "held", P63: "leaked" });
    expect(outcome.logged).toContain("subject");
  });

  test("that looks up MTA-STS policies and TLSA records honours them", { timeout: 400_000 }, async () => {
    write(
      [
        "smtp_tls_security_level = may",
        "smtp_tls_CAfile = /etc/ssl/certs/ca-certificates.crt",
        "smtp_tls_policy_maps = socketmap:inet:127.0.0.1:8461:postfix",
      ].join("\n"),
    );
    const policies = await probe(["P31", "P32", "P33", "P35", "P42"]);
    expect(verdicts(policies)).toEqual({ P31: "held", P32: "held", P33: "weak", P35: "held", P42: "leaked" });
    write("smtp_tls_security_level = dane\nsmtp_dns_support_level = dnssec");
    const records = await probe(["P38", "P39", "P40", "P41", "P42", "P43"]);
    expect(verdicts(records)).toEqual({
      P38: "held",
      P39: "held",
      P40: "leaked",
      P41: "held",
      P42: "held",
      P43: "held",
    });
  });

  test.each([
    [
      "a line that is none",
      "smtp_tls_security_level encrypt",
      {},
      /^Postfix refuses the configuration: .*main\.cf, line 4: missing '='/,
    ],
    [
      "a service that is none",
      "",
      { "master.cf": "smtp inet n\n" },
      /^Postfix refuses the configuration: .*master\.cf.*line 1/,
    ],
    [
      "a table that is not there",
      "smtp_tls_policy_maps = hash:/etc/postfix/policies",
      {},
      "the configuration names tables that are not there: policies (smtp_tls_policy_maps); add them to the folder",
    ],
  ])(
    "%s is one line, in Postfix's words where it has some, and nothing is left",
    async (_title, main, others, message) => {
      write(main, others);
      await expect(postfixSender(folder)).rejects.toThrow(message);
      const { client } = await openEngine();
      const filters = { label: [`${ownerLabel}=${ownerOf(process.pid, threadId)}`], name: ["-postfix-"] };
      expect((await client.container.dockerode.listContainers({ all: true, filters })).length).toBe(0);
    },
  );

  test("a level that is none is found when Postfix first sends, and is said once", {
    timeout: 120_000,
  }, async () => {
    write("smtp_tls_security_level = strict");
    const { report } = await probe(["P01", "P02a"]);
    expect(report.groups.map(({ valid }) => valid)).toEqual([false]);
    expect(report.groups[0]?.controls.positive.reason).toMatch(/Postfix says: .*strict/);
    expect(report.postures.every(({ verdict }) => verdict === "inconclusive")).toBe(true);
  });
});
