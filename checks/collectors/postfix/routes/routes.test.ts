import { describe, expect, test } from "vitest";
import { type Collection, collectFiles, type Files } from "../testing.ts";

const master = `smtp      inet  n       -       y       -       -       smtpd
qmgr      unix  n       -       n       300     1       qmgr
tlsmgr    unix  -       -       y       1000?   1       tlsmgr
smtp      unix  -       -       y       -       -       smtp
`;

const collect = async (main: string, more: Files = {}): Promise<Collection> =>
  await collectFiles({ "main.cf": `${main}# nothing else\n`, "master.cf": master, ...more });

const show = (collection: Collection, id: string, ...names: string[]): string[] =>
  names.map((name) => collection.shown("mail.route", id, name));

describe("the level of a service", () => {
  test.each([
    ["smtp_tls_security_level = none", "none", "none"],
    ["smtp_tls_security_level = May", "opportunistic", "none"],
    ["smtp_tls_security_level = encrypt", "required", "none"],
    ["smtp_tls_security_level = dane", "opportunistic", "none"],
    ["smtp_tls_security_level = dane-only", "required", "dane"],
    ["smtp_tls_security_level = fingerprint", "required", "fingerprint"],
    ["smtp_tls_security_level = verify", "required", "name"],
    ["smtp_tls_security_level = secure", "required", "name"],
    ["smtp_use_tls = yes", "opportunistic", "none"],
    ["smtp_enforce_tls = yes", "required", "name"],
    ["smtp_enforce_tls = yes\nsmtp_tls_enforce_peername = no", "required", "none"],
    ["smtp_enforce_tls = yes\nsmtp_tls_security_level = may", "opportunistic", "none"],
    ["smtp_tls_wrappermode = yes\nsmtp_tls_security_level = encrypt", "required", "none"],
    ["", "none", "none"],
    ["compatibility_level = 3.6", "none", "none"],
    ["compatibility_level = 3.11", "opportunistic", "none"],
    ["level = ${strict?{encrypt}:{may}}\nstrict = x\nsmtp_tls_security_level = $level", "required", "none"],
  ])("%s", async (main, mode, verification) => {
    const collected = await collect(`${main}\n`);
    expect(show(collected, "smtp/unix", "tls.mode", "tls.verification")).toEqual([
      JSON.stringify(mode),
      JSON.stringify(verification),
    ]);
  });

  test.each([
    ["smtp_tls_security_level = encrypted", "refuses"],
    ["smtp_tls_security_level = half-dane", "refuses"],
    ["smtp_tls_security_level = $smtp_tls_security_level", "circle"],
    ["smtp_tls_security_level = {{ level }}", "{{ level }}"],
    ["smtp_tls_security_level = ${TLS_LEVEL}", "TLS_LEVEL"],
    ["smtp_tls_security_level = @LEVEL@", "@LEVEL@"],
    ["smtp_enforce_tls = maybe", "yes or no"],
  ])("%s is unknown, and the reason names the cause", async (main, words) => {
    const collected = await collect(`${main}\n`);
    const mode = collected.attribute("mail.route", "smtp/unix", "tls.mode");
    expect(mode).toMatchObject({ state: "unknown", reason: expect.stringContaining(words) });
  });

  test("a condition of a template leaves what both sides have in common", async () => {
    const collected = await collect(
      "{% if a %}\nsmtp_tls_security_level = encrypt\n{% else %}\nsmtp_tls_security_level = secure\n{% endif %}\n",
    );
    const mode = collected.attribute("mail.route", "smtp/unix", "tls.mode");
    expect(mode).toMatchObject({ state: "unknown" });
    const alternatives = mode.state === "unknown" ? mode.alternatives : [];
    expect(alternatives?.map((value) => (value.state === "known" ? value.value : value.state))).toEqual([
      "none",
      "required",
      "required",
    ]);
  });

  test("the environment settles what it fills in", async () => {
    const files = {
      "main.cf": "smtp_tls_security_level = ${TLS_LEVEL}\n",
      "deploy.env": "TLS_LEVEL=encrypt\n",
    };
    const collected = await collectFiles(files, undefined, ["deploy.env"]);
    expect(show(collected, "smtp/unix", "tls.mode")).toEqual(['"required"']);
    const parameters = collected.attribute("postfix.configuration", "postfix", "parameters");
    expect(parameters).toMatchObject({ value: { smtp_tls_security_level: "" } });
  });
});

describe("versions and suites", () => {
  test("an environment file states the version", async () => {
    const main = "smtp_tls_security_level = encrypt\nsmtpd_banner = $mail_name $mail_version\n";
    const files = { "main.cf": main, "server.env": "mail_version = 3.7.11\n" };
    const collected = await collectFiles(files, undefined, ["server.env"]);
    expect(show(collected, "smtp/unix", "message.loweringHonoured")).toEqual(["false"]);
    expect(collected.shown("postfix.configuration", "postfix", "version")).toBe('"3.7.11"');
    expect(collected.attribute("postfix.configuration", "postfix", "parameters")).toMatchObject({
      value: { smtpd_banner: "Postfix 3.7.11" },
    });
    const unstated = await collectFiles({ "main.cf": main });
    expect(unstated.attribute("postfix.configuration", "postfix", "parameters")).toMatchObject({
      value: { smtpd_banner: "Postfix $mail_version" },
    });
  });

  test("at may the one list counts, from encrypt on the other, at dane the older of both", async () => {
    const lists = "smtp_tls_protocols = >=TLSv1.1\nsmtp_tls_mandatory_protocols = >=TLSv1.2\n";
    const floors = await Promise.all(
      ["may", "encrypt", "dane", "none"].map(async (level) =>
        (await collect(`${lists}smtp_tls_security_level = ${level}\n`)).shown(
          "mail.route",
          "smtp/unix",
          "tls.minimumVersion",
        ),
      ),
    );
    expect(floors).toEqual(['"TLSv1.1"', '"TLSv1.2"', '"TLSv1.1"', "absent"]);
  });

  test("a stated version decides what a list means", async () => {
    const main =
      "smtp_tls_security_level = encrypt\nsmtp_tls_mandatory_protocols = >=TLSv1.2\nmail_version = 3.5.9\n";
    const floor = (await collect(main)).attribute("mail.route", "smtp/unix", "tls.minimumVersion");
    expect(floor).toMatchObject({ state: "unknown", reason: expect.stringContaining("before Postfix 3.6") });
  });

  test.each([
    ["encrypt", "", ["anonymous"]],
    ["secure", "", []],
    ["encrypt", "smtp_tls_exclude_ciphers = aNULL\n", []],
    ["encrypt", "smtp_tls_mandatory_exclude_ciphers = ADH, AECDH\n", []],
    ["may", "smtp_tls_mandatory_exclude_ciphers = aNULL\n", ["anonymous"]],
    ["encrypt", "smtp_tls_mandatory_ciphers = export\n", ["anonymous", "export", "des"]],
    ["encrypt", "smtp_tls_mandatory_ciphers = export\nmail_version = 3.8.1\n", ["anonymous"]],
    ["encrypt", "smtp_tls_mandatory_ciphers = null\n", []],
    ["secure", "tls_medium_cipherlist = HIGH:RC4-SHA:DES-CBC3-SHA:!aNULL\n", ["rc4", "3des"]],
    ["secure", "tls_medium_cipherlist = ALL:RC4:!RC4:!3DES\n", []],
  ])("at %s with %j weak suites are %j", async (level, more, families) => {
    const collected = await collect(`smtp_tls_security_level = ${level}\n${more}`);
    expect(show(collected, "smtp/unix", "tls.weakCiphers")).toEqual([JSON.stringify(families)]);
  });

  test.each([
    ["mail_version = 3.9.4", "false"],
    ["mail_version = 3.10.1", "true"],
    ["mail_version = 3.10.1\ntls_required_enable = no", "false"],
    ["mail_version = 3.9.4\ntls_required_enable = yes", "false"],
    ["compatibility_level = 3.11", "true"],
    ["compatibility_level = 3.6", "unknown"],
  ])("%s: whether a message can lower the level", async (main, shown) => {
    const collected = await collect(`${main}\n`);
    expect(show(collected, "smtp/unix", "message.loweringHonoured")).toEqual([shown]);
  });
});

describe("policy tables", () => {
  const main = "smtp_tls_security_level = encrypt\nsmtp_tls_policy_maps = hash:/etc/postfix/tls_policy\n";

  test("each entry that a destination can meet is a route of its own; the service is the rest", async () => {
    const collected = await collect(main, {
      tls_policy:
        "a.example secure match=.a.example ciphers=high\nb.example none\n.c.example may protocols=>=TLSv1.1\nb.example secure\nd.example dane\n",
    });
    expect(collected.ids("mail.route")).toEqual([
      "smtp/unix",
      "smtp_tls_policy_maps:a.example",
      "smtp_tls_policy_maps:b.example",
      "smtp_tls_policy_maps:.c.example",
      "smtp_tls_policy_maps:d.example",
    ]);
    const modes = collected.ids("mail.route").map((id) => collected.shown("mail.route", id, "tls.mode"));
    expect(modes).toEqual(['"required"', '"required"', '"none"', '"opportunistic"', "unknown"]);
    expect(show(collected, "smtp_tls_policy_maps:.c.example", "tls.minimumVersion")).toEqual(['"TLSv1.1"']);
    const none = collected.attribute("mail.route", "smtp_tls_policy_maps:b.example", "tls.mode");
    expect(none.location).toMatchObject({ file: "tls_policy", line: 2, column: 11 });
  });

  test.each([
    ["static:secure", "required", "name"],
    ["inline:{{x.example=may}}, static:{ none }", "none", "none"],
    ["pcre:{{/^/ may}}", "opportunistic", "none"],
    ["regexp:{{/./ fingerprint match=AA}}", "required", "fingerprint"],
  ])("%s answers for every destination", async (table, mode, verification) => {
    const collected = await collect(`smtp_tls_security_level = encrypt\nsmtp_tls_policy_maps = ${table}\n`);
    expect(show(collected, "smtp/unix", "tls.mode", "tls.verification")).toEqual([
      JSON.stringify(mode),
      JSON.stringify(verification),
    ]);
  });

  test.each([
    ["encrypt", "hash:/etc/postfix/gone", "unknown"],
    ["may", "hash:/etc/postfix/gone", '"opportunistic"'],
    ["may", "pcre:/etc/postfix/gone", "unknown"],
    ["none", "socketmap:unix:/run/sts:postfix", '"none"'],
    ["encrypt", "proxy:mysql:/etc/postfix/tls.cf", "unknown"],
    ["encrypt", "{{ maps }}", "unknown"],
  ])("at %s a table that cannot be seen (%s) leaves %s", async (level, table, mode) => {
    const collected = await collect(`smtp_tls_security_level = ${level}\nsmtp_tls_policy_maps = ${table}\n`);
    expect(show(collected, "smtp/unix", "tls.mode")).toEqual([mode]);
    const value = collected.attribute("mail.route", "smtp/unix", "tls.mode");
    const words = [
      value.state === "unknown" ? value.reason : "",
      ...value.chain.map(({ text }) => text),
    ].join();
    expect(words).toContain(table);
  });

  test.each(["encrypt wrong", "level", "encrypt ciphers", "", "secure nonsense=1"])(
    "an entry that Postfix refuses (%j) is unknown and said",
    async (value) => {
      const collected = await collect(main, { tls_policy: `a.example ${value}\n` });
      if (value === "") expect(collected.diagnostics).toMatchObject([{ code: "postfix-table-line" }]);
      else {
        expect(show(collected, "smtp_tls_policy_maps:a.example", "tls.mode")).toEqual(["unknown"]);
        expect(collected.diagnostics).toMatchObject([
          { level: "error", code: "postfix-level-refused", location: { file: "tls_policy", line: 1 } },
        ]);
      }
    },
  );

  test("the table lies beside main.cf, deeper, or where the server has it", async () => {
    const files = { "rootfs/etc/postfix/main.cf": main.replace("/tls_policy", "/maps/tls_policy") };
    for (const file of ["tls_policy", "maps/tls_policy"]) {
      const collected = await collectFiles({ ...files, [`rootfs/etc/postfix/${file}`]: "a.example none\n" });
      expect(collected.ids("mail.route")).toContain("smtp_tls_policy_maps:a.example");
    }
    const outside = main.replace("/etc/postfix/tls_policy", "/srv/mail/tls_policy");
    const collected = await collectFiles({
      "rootfs/etc/postfix/main.cf": outside,
      "rootfs/srv/mail/tls_policy": "a.example none\n",
    });
    expect(collected.ids("mail.route")).toContain("smtp_tls_policy_maps:a.example");
  });

  test("the older per-site table weighs against the level of the service", async () => {
    const sites = "smtp_tls_per_site = texthash:/etc/postfix/sites\nsmtp_tls_security_level = encrypt\n";
    const collected = await collect(sites, {
      sites: "a.example NONE\nb.example MAY\nc.example MUST\nd.example MUST_NOPEERMATCH\n",
    });
    const shown = ["a", "b", "c", "d"].map((name) =>
      collected.shown("mail.route", `smtp_tls_per_site:${name}.example`, "tls.mode"),
    );
    expect(shown).toEqual(['"none"', '"required"', '"required"', '"required"']);
    const ignored = await collect(`${sites}smtp_tls_policy_maps = inline:{x=may}\n`, {
      sites: "a.example NONE\n",
    });
    expect(ignored.ids("mail.route")).toEqual(["smtp/unix", "smtp_tls_policy_maps:x"]);
  });
});

describe("where mail goes", () => {
  test("the policy of the relay host is that of the service, and other entries are never met", async () => {
    const main =
      "relayhost = [smtp.example.org]:587\nsmtp_tls_security_level = may\nsmtp_tls_policy_maps = inline:{{[smtp.example.org]:587=secure}, {a.example=none}}\n";
    const collected = await collect(main);
    expect(collected.ids("mail.route")).toEqual(["smtp/unix"]);
    expect(show(collected, "smtp/unix", "tls.mode", "destination")).toEqual([
      '"required"',
      '"[smtp.example.org]:587"',
    ]);
  });

  test("a table that is not in view may name the relay host", async () => {
    const main =
      "relayhost = [smtp.example.org]:587\nsmtp_tls_security_level = may\nsmtp_tls_policy_maps = hash:/etc/postfix/gone\n";
    expect(show(await collect(main), "smtp/unix", "tls.mode")).toEqual(["unknown"]);
  });

  test("a domain as relay host meets the entries of its parents too", async () => {
    const main =
      "relayhost = mail.example.org\nsmtp_tls_security_level = may\nsmtp_tls_policy_maps = inline:{{.example.org=encrypt}}\n";
    expect(show(await collect(main), "smtp/unix", "tls.mode")).toEqual(['"required"']);
  });

  test("the weakest of several relay hosts counts", async () => {
    const main =
      "relayhost = [a.example], [b.example]\nsmtp_tls_security_level = encrypt\nsmtp_tls_policy_maps = inline:{{[b.example]=may}}\n";
    expect(show(await collect(main), "smtp/unix", "tls.mode", "destination")).toEqual([
      '"opportunistic"',
      '"[b.example]"',
    ]);
  });

  test("what is not in view may lead past the relay host", async () => {
    const main =
      "relayhost = [a.example]\nsmtp_tls_security_level = may\nsmtp_tls_policy_maps = inline:{{[a.example]=encrypt}}\ntransport_maps = hash:/etc/postfix/transport\n";
    const mode = (await collect(main)).attribute("mail.route", "smtp/unix", "tls.mode");
    expect(mode).toMatchObject({
      state: "unknown",
      reason: expect.stringContaining("/etc/postfix/transport"),
    });
    const strong = main.replace("level = may", "level = encrypt");
    expect(show(await collect(strong), "smtp/unix", "tls.mode")).toEqual(['"required"']);
  });

  test("transport and sender tables lead to services and next hops", async () => {
    const main =
      "relayhost = [a.example]\nsmtp_tls_security_level = encrypt\nsmtp_tls_policy_maps = inline:{{[b.example]=none}, {[c.example]=may}, {[d.example]=may}}\ntransport_maps = inline:{{x.example=smtp:[b.example]}, {y.example=lab:[d.example]}}\nsender_dependent_relayhost_maps = inline:{{@z.example=[c.example]}}\n";
    const collected = await collect(main, {
      "master.cf": `${master}lab unix - - y - - smtp\n  -o smtp_tls_policy_maps=\n`,
    });
    expect(collected.ids("mail.route")).toEqual([
      "smtp/unix",
      "lab/unix",
      "smtp_tls_policy_maps:[c.example]",
    ]);
    expect(show(collected, "smtp/unix", "tls.mode", "destination")).toEqual(['"none"', '"[b.example]"']);
    expect(show(collected, "lab/unix", "tls.mode", "destination")).toEqual(['"required"', '"[d.example]"']);
  });

  test.each([
    ["relayhost = [127.0.0.1]:1025", "true"],
    ["relayhost = localhost:1025", "true"],
    ["relayhost = [::1]", "true"],
    ["relayhost = [relay.localhost.example]", "false"],
    ["relayhost = {{ host }}", "unknown"],
    ["relayhost = [relay.$mydomain]", "unknown"],
    ["relayhost = [relay.$mydomain]\nmyhostname = a.example", "false"],
    ["relayhost =", "false"],
  ])("%s: on this host", async (main, loopback) => {
    expect(show(await collect(`${main}\n`), "smtp/unix", "loopback")).toEqual([loopback]);
  });

  test("a filter on this host, a store elsewhere, and a host that sends nothing", async () => {
    const filter = await collect("content_filter = scan:[127.0.0.1]:10024\n", {
      "master.cf": `${master}scan unix - - y - - smtp\nlmtp unix - - y - - lmtp\n`,
    });
    expect(show(filter, "scan/unix", "loopback")).toEqual(["true"]);
    const table = "content_filter = scan:[127.0.0.1]:10024\ntransport_maps = hash:/etc/postfix/gone\n";
    const unseen = await collect(table, { "master.cf": `${master}scan unix - - y - - smtp\n` });
    expect(show(unseen, "scan/unix", "loopback")).toEqual(["true"]);
    expect(filter.ids("mail.route")).not.toContain("lmtp/unix");
    const store = await collect("virtual_transport = lmtp:inet:[store.example.org]:24\n", {
      "master.cf": `${master}lmtp unix - - y - - lmtp\n`,
    });
    expect(show(store, "lmtp/unix", "tls.mode", "loopback")).toEqual(['"none"', "false"]);
    const silent = await collect("default_transport = error:no mail leaves\n");
    expect(silent.ids("mail.route")).toEqual([]);
  });

  test("without master.cf, and with a part of one, Postfix's own service sends", async () => {
    const main = "smtp_tls_security_level = encrypt\n";
    expect((await collectFiles({ "main.cf": main })).ids("mail.route")).toEqual(["smtp/unix"]);
    const part = { "main.cf": main, "master.cf": "submission inet n - y - - smtpd\n" };
    expect((await collectFiles(part)).ids("mail.route")).toEqual(["smtp/unix"]);
    const whole = { "main.cf": main, "master.cf": "qmgr unix n - n 300 1 qmgr\n" };
    expect((await collectFiles(whole)).ids("mail.route")).toEqual([]);
  });
});

describe("log-in", () => {
  const relay =
    "relayhost = [smtp.example.org]:587\nsmtp_sasl_auth_enable = yes\nsmtp_sasl_password_maps = texthash:/etc/postfix/sasl\n";
  const files = { sasl: "[smtp.example.org]:587 user:${PASSWORD}\n" };

  test.each([
    ["smtp_tls_security_level = encrypt\nsmtp_sasl_security_options =", '"password"', "false"],
    ["smtp_tls_security_level = may", '"password"', "false"],
    ["smtp_tls_security_level = may\nsmtp_sasl_security_options = noanonymous", '"password"', "true"],
    ["smtp_sasl_security_options =", '"password"', "true"],
    ["smtp_sasl_auth_enable = no", '"none"', "absent"],
    ["smtp_sasl_password_maps =", '"none"', "absent"],
    ["smtp_sasl_mechanism_filter = xoauth2", '"oauth2"', "false"],
    ["relayhost = [other.example.org]", '"none"', "absent"],
  ])("%s", async (main, mechanism, cleartext) => {
    const collected = await collect(`${relay}${main}\n`, files);
    expect(
      show(collected, "smtp/unix", "authentication.mechanism", "authentication.cleartextAllowed"),
    ).toEqual([mechanism, cleartext]);
  });

  test("destinations without a password do not log in", async () => {
    const main = `${relay.replace(/^relayhost.*\n/, "")}smtp_sasl_security_options =\nsmtp_tls_policy_maps = inline:{{a.example=none}}\n`;
    const id = "smtp_tls_policy_maps:a.example";
    expect(show(await collect(main, files), id, "authentication.mechanism")).toEqual(['"none"']);
    expect(show(await collect(main), id, "authentication.mechanism")).toEqual(["unknown"]);
  });
});
