import { describe, expect, test } from "vitest";
import { type Collection, collectFiles, type Files } from "./testing.ts";

const certificate = "smtpd_tls_chain_files = /etc/ssl/relay.pem\n";
const rest = "qmgr unix n - n 300 1 qmgr\ntlsmgr unix - - y 1000? 1 tlsmgr\n";

const collect = async (main: string, master: string, more: Files = {}): Promise<Collection> =>
  await collectFiles({ "main.cf": `${main}# nothing else\n`, "master.cf": `${master}${rest}`, ...more });

describe("services that take mail", () => {
  const smtp = "smtp inet n - y - - smtpd\n";

  test.each([
    ["", '"none"'],
    ["smtpd_tls_security_level = may\n", '"none"'],
    [`${certificate}smtpd_tls_security_level = may\n`, '"opportunistic"'],
    [`${certificate}smtpd_tls_security_level = encrypt\n`, '"required"'],
    [`${certificate}smtpd_tls_security_level = secure\n`, '"required"'],
    [`${certificate}smtpd_use_tls = yes\n`, '"opportunistic"'],
    [`${certificate}smtpd_enforce_tls = yes\n`, '"required"'],
    [`${certificate}smtpd_enforce_tls = yes\nsmtpd_tls_security_level = none\n`, '"none"'],
    ["smtpd_tls_cert_file = none\nsmtpd_tls_security_level = may\n", '"opportunistic"'],
    ["smtpd_tls_cert_file = {{ cert }}\nsmtpd_tls_security_level = may\n", "unknown"],
    [`${certificate}smtpd_tls_security_level = always\n`, "unknown"],
    [`${certificate}smtpd_tls_security_level = encrypt\n{{ extra_settings }}\n`, "unknown"],
    ["{{ extra_settings }}\n", "unknown"],
    [
      `{{ extra }}\n${certificate}smtpd_tls_wrappermode = no\nsmtpd_tls_security_level = may\n`,
      '"opportunistic"',
    ],
    [
      `level = may\n{{ extra }}\n${certificate}smtpd_tls_wrappermode = no\nsmtpd_tls_security_level = $level\n`,
      "unknown",
    ],
    [
      `${certificate}smtpd_tls_security_level = may\nsmtpd_client_restrictions = reject_plaintext_session, permit_mynetworks\n`,
      '"required"',
    ],
    [
      `${certificate}smtpd_tls_security_level = may\nsmtpd_client_restrictions = permit_mynetworks, reject_plaintext_session\n`,
      '"opportunistic"',
    ],
  ])("%j", async (main, mode) => {
    expect((await collect(main, smtp)).shown("mail.listener", "smtp/inet", "tls.mode")).toBe(mode);
  });

  test("without tlsmgr TLS is refused; a master.cf that is only a part says nothing of it", async () => {
    const main = `${certificate}smtpd_tls_security_level = may\n`;
    const whole = await collectFiles({ "main.cf": main, "master.cf": `${smtp}qmgr unix n - n 300 1 qmgr\n` });
    expect(whole.shown("mail.listener", "smtp/inet", "tls.mode")).toBe('"none"');
    const part = await collectFiles({ "main.cf": main, "master.cf": smtp });
    expect(part.shown("mail.listener", "smtp/inet", "tls.mode")).toBe('"opportunistic"');
  });

  test("purposes, by port, by name and by what the service demands", async () => {
    const master = `${smtp}submission inet n - y - - smtpd
10.0.0.1:587 inet n - y - - smtpd
smtps inet n - y - - smtpd
10465 inet n - y - - smtpd
  -o smtpd_tls_wrappermode=yes
2525 inet n - y - - smtpd
  -o smtpd_relay_restrictions=permit_sasl_authenticated,reject
2526 inet n - y - - smtpd
  -o smtpd_relay_restrictions=permit_sasl_authenticated,reject_unauth_destination
`;
    const collected = await collect(certificate, master);
    const purposes = collected
      .ids("mail.listener")
      .map((id) => collected.shown("mail.listener", id, "purpose"));
    expect(purposes).toEqual([
      '"relay"',
      '"submission"',
      '"submission"',
      '"submissions"',
      '"submissions"',
      '"submission"',
      '"relay"',
    ]);
  });

  test.each([
    ["inet", []],
    ["smtp/inet", ["submission/inet"]],
    ["!submission/inet, inet", ["submission/inet"]],
    ["unix", ["smtp/inet", "submission/inet"]],
    ["{{ off }}", ["smtp/inet", "submission/inet"]],
  ])("master_service_disable = %s", async (value, ids) => {
    const collected = await collect(
      `master_service_disable = ${value}\n`,
      `${smtp}submission inet n - y - - smtpd\n`,
    );
    expect(collected.ids("mail.listener")).toEqual(ids);
  });

  test("a service behind postscreen counts where postscreen is there", async () => {
    const pass = "smtpd pass - - y - - smtpd\n";
    expect((await collect("", pass)).ids("mail.listener")).toEqual([]);
    const screened = await collect("", `smtp inet n - y - 1 postscreen\n${pass}`);
    expect(screened.ids("mail.listener")).toEqual(["smtpd/pass"]);
    expect(screened.shown("mail.listener", "smtpd/pass", "loopback")).toBe("false");
  });

  test.each([
    ["", "smtp", "false"],
    ["inet_interfaces = loopback-only\n", "smtp", "true"],
    ["inet_interfaces = localhost, 127.0.0.2\n", "smtp", "true"],
    ["inet_interfaces = localhost, 10.0.0.1\n", "smtp", "false"],
    ["inet_interfaces = {{ interfaces }}\n", "smtp", "unknown"],
    ["", "127.0.0.1:10025", "true"],
    ["", "[::1]:10025", "true"],
    ["inet_interfaces = loopback-only\n", "10.0.0.1:25", "false"],
    ["", "PH_LOCAL_ADDRESS:10025", "unknown"],
  ])("%j and %s: on this host only", async (main, name, loopback) => {
    const collected = await collect(main, `${name} inet n - y - - smtpd\n`);
    expect(collected.shown("mail.listener", `${name}/inet`, "loopback")).toBe(loopback);
  });

  test.each([
    ["smtpd_tls_security_level = may\n", "true"],
    ["smtpd_tls_security_level = may\nsmtpd_tls_auth_only = yes\n", "false"],
    ["smtpd_tls_security_level = encrypt\n", "false"],
    ["", "true"],
    ["smtpd_tls_auth_only = ${ONLY}\n", "unknown"],
    ["smtpd_sasl_security_options = noanonymous, noplaintext\n", "unknown"],
  ])("%j: log-in in clear text", async (main, cleartext) => {
    const collected = await collect(`${certificate}smtpd_sasl_auth_enable = yes\n${main}`, smtp);
    expect(collected.shown("mail.listener", "smtp/inet", "authentication.cleartextAllowed")).toBe(cleartext);
  });

  test("the lists of the level count, and asking for certificates shuts anonymous suites out", async () => {
    const lists = `${certificate}smtpd_tls_protocols = >=TLSv1.2\nsmtpd_tls_mandatory_protocols = TLSv1\nsmtpd_tls_exclude_ciphers = aNULL\n`;
    const may = await collect(`${lists}smtpd_tls_security_level = may\n`, smtp);
    expect(may.shown("mail.listener", "smtp/inet", "tls.minimumVersion")).toBe('"TLSv1.2"');
    expect(may.shown("mail.listener", "smtp/inet", "tls.weakCiphers")).toBe("[]");
    const encrypt = await collect(`${lists}smtpd_tls_security_level = encrypt\n`, smtp);
    expect(encrypt.shown("mail.listener", "smtp/inet", "tls.minimumVersion")).toBe('"TLSv1.0"');
    const asks = await collect(
      `${certificate}smtpd_tls_security_level = may\nsmtpd_tls_ask_ccert = yes\n`,
      smtp,
    );
    expect(asks.shown("mail.listener", "smtp/inet", "tls.weakCiphers")).toBe("[]");
  });
});

describe("logs", () => {
  const sends = "smtp unix - - y - - smtp\n";
  const logged = async (main: string, master = sends, more: Files = {}): Promise<string> =>
    (await collect(main, master, more)).shown("mail.logging", "postfix", "content.logged");

  test.each([
    ["", "false"],
    ["debug_peer_list = 10.0.0.1\n", "true"],
    ["debug_peer_list = {{ peers }}\n", "unknown"],
    ["smtpd_tls_loglevel = 4\n", "true"],
    ["smtp_tls_loglevel = 3\n", "false"],
    ["smtp_tls_loglevel = high\n", "unknown"],
    ["header_checks = pcre:/etc/postfix/gone\n", "unknown"],
    ["header_checks = pcre:{{/^Subject:/ WARN}}\n", "true"],
    ["header_checks = pcre:{{/^Subject: .*lab/ REJECT}}\n", "true"],
    ["header_checks = pcre:{{/^(Received|Subject):/ INFO}}\n", "true"],
    ["header_checks = pcre:{{/^\\s*Received:/ REPLACE x}}\n", "false"],
    ["header_checks = pcre:{{/^Subject:/ IGNORE}}\n", "false"],
    ["mime_header_checks = regexp:{{/name=.*\\.exe/ REJECT}}\n", "false"],
    ["mime_header_checks = regexp:{{/name=/ INFO}}\n", "true"],
    ["body_checks = regexp:{{/[0-9]{3}-[0-9]{2}-[0-9]{4}/ REJECT}}\n", "true"],
  ])("%j: content in the log", async (main, shown) => {
    expect(await logged(main)).toBe(shown);
  });

  test("what a service overrides counts, and so does -v", async () => {
    expect(await logged("", `${sends}  -o smtp_tls_loglevel=4\n`)).toBe("true");
    expect(await logged("", `smtp inet n - y - - smtpd -v\n`)).toBe("true");
    expect(await logged("", `rewrite unix - - y - - trivial-rewrite -v\n`)).toBe("false");
    expect(
      await logged("", "outclean unix n - y - 0 cleanup\n  -o header_checks=pcre:/etc/postfix/checks\n", {
        checks: "/^Subject:/ WARN\n",
      }),
    ).toBe("true");
  });

  test.each([
    ["smtp_tls_loglevel = 1\n", "true"],
    ["smtp_tls_loglevel = 0\nmail_version = 3.7.11\n", "false"],
    ["mail_version = 3.11.0\n", "true"],
    ["mail_version = 3.11.0\nsmtp_log_tls_feature_status = no\n", "false"],
    ["mail_version = 3.7.0\nsmtp_log_tls_feature_status = yes\n", "false"],
    ["", "unknown"],
  ])("%j: TLS in the log", async (main, shown) => {
    expect((await collect(main, sends)).shown("mail.logging", "postfix", "tls.logged")).toBe(shown);
  });

  test("one silent service is enough for deliveries without a trace", async () => {
    const main = "smtp_tls_loglevel = 1\nmail_version = 3.7.11\n";
    const collected = await collect(main, `${sends}bulk unix - - y - - smtp\n  -o smtp_tls_loglevel=0\n`);
    expect(collected.shown("mail.logging", "postfix", "tls.logged")).toBe("false");
  });
});

describe("bounces and notices", () => {
  test.each([
    ["", "true", "false"],
    ["bounce_size_limit = 1\n", "false", "false"],
    ["bounce_size_limit = 0\n", "unknown", "false"],
    ["bounce_size_limit = 2000\nnotify_classes = 2bounce\n", "true", "true"],
    ["notify_classes =\n", "true", "false"],
  ])("%j", async (main, content, transcripts) => {
    const collected = await collect(main, "bounce unix - - y - 0 bounce\n");
    expect(collected.shown("mail.bounce", "postfix", "content.returned")).toBe(content);
    expect(collected.shown("mail.bounce", "postfix", "postmaster.transcripts")).toBe(transcripts);
  });

  test("what the service itself is told counts", async () => {
    const limited = await collect("", "bounce unix - - y - 0 bounce\n  -o bounce_size_limit=1\n");
    expect(limited.shown("mail.bounce", "postfix", "content.returned")).toBe("false");
    const discarded = await collect("", "bounce unix - - y - 0 discard\n");
    expect(discarded.shown("mail.bounce", "postfix", "content.returned")).toBe("false");
  });
});

describe("secrets", () => {
  const files = {
    sasl: "[a.example] user:river-4711\n[b.example] user:${PASSWORD}\n[c.example] user:changeme\n[d.example] user:{{ password }}\n",
    "sql.cf": "user = postfix\npassword = lake-4711\nhosts = db\n",
  };
  const main = `smtp_sasl_password_maps = hash:/etc/postfix/sasl, static:user:wood-4711
virtual_alias_maps = proxy:mysql:/etc/postfix/sql.cf, ldap:people
people_bind_pw = hill-4711
people_search_base = dc=example
`;

  test("where each comes from, with its place and never with its value", async () => {
    const collected = await collect(main, "", files);
    const shown = collected.facts
      .filter(({ kind }) => kind === "secret")
      .map(({ id, location }) => [
        id,
        `${location.file}:${location.line}`,
        collected.shown("secret", id, "source"),
        collected.shown("secret", id, "placeholder"),
      ]);
    expect(shown).toEqual([
      ["smtp_sasl_password_maps:[a.example]", "sasl:1", '"literal"', "false"],
      ["smtp_sasl_password_maps:[b.example]", "sasl:2", '"environment"', "absent"],
      ["smtp_sasl_password_maps:[c.example]", "sasl:3", '"literal"', "true"],
      ["smtp_sasl_password_maps:[d.example]", "sasl:4", '"variable"', "absent"],
      ["smtp_sasl_password_maps", "main.cf:1", '"literal"', "false"],
      ["password", "sql.cf:2", '"literal"', "false"],
      ["people_bind_pw", "main.cf:3", '"literal"', "false"],
    ]);
    expect(JSON.stringify([collected.facts, collected.diagnostics])).not.toMatch(
      /(?:river|lake|wood|hill)-4711/,
    );
  });
});

describe("instances and errors", () => {
  test("each folder is an instance of its own", async () => {
    const collected = await collectFiles({
      "in/main.cf": "smtp_tls_security_level = may\n",
      "in/master.cf": rest,
      "out/main.cf": "smtp_tls_security_level = encrypt\n",
    });
    const files = collected.facts
      .filter(({ kind }) => kind === "postfix.configuration")
      .map(({ location }) => location.file);
    expect(files).toEqual(["in/main.cf", "out/main.cf"]);
  });

  test("a master.cf without main.cf is an error; what a service says itself still counts", async () => {
    const collected = await collectFiles({
      "master.cf": `smtp unix - - y - - smtp\n  -o smtp_tls_security_level=none -o smtp_tls_policy_maps= -o smtp_tls_per_site= -o smtp_tls_wrappermode=no\n${rest}`,
    });
    expect(collected.diagnostics).toMatchObject([
      { level: "error", code: "postfix-main-missing", location: { file: "master.cf", line: 1 } },
    ]);
    expect(collected.ids("postfix.configuration")).toEqual([]);
    expect(collected.shown("mail.route", "smtp/unix", "tls.mode")).toBe('"none"');
    expect(collected.shown("mail.bounce", "postfix", "content.returned")).toBe("unknown");
  });

  test("an empty main.cf sets nothing, and is no instance", async () => {
    const alone = await collectFiles({ "main.cf": " \n" });
    expect([alone.facts, alone.diagnostics]).toEqual([[], []]);
    const beside = await collectFiles({ "main.cf": "\n", "master.cf": `smtp unix - - y - - smtp\n${rest}` });
    expect(beside.shown("mail.route", "smtp/unix", "tls.mode")).toBe("unknown");
    const comments = await collectFiles({ "main.cf": "# all defaults\n" });
    expect(comments.shown("mail.route", "smtp/unix", "tls.mode")).toBe('"none"');
  });

  test("names that nothing uses and references that nothing defines are said", async () => {
    const collected = await collect(
      "smtp_tls_securty_level = encrypt\nrelayhost = [$relay]\nown = x\nmydestination = $own\n",
      "",
    );
    expect(
      collected.diagnostics.map(({ level, code, location }) => `${level} ${code} ${location?.line}`),
    ).toEqual(["warning postfix-undefined-parameter 2", "warning postfix-unused-parameter 1"]);
    expect(collected.attribute("postfix.configuration", "postfix", "parameters")).toMatchObject({
      value: { mydestination: "x", own: "x", relayhost: "[]" },
    });
  });

  test.each([
    ["smtp_tls_security_level = secure\n", "postfix-no-trust-anchor"],
    ["smtp_tls_security_level = dane-only\n", "postfix-dane-without-dnssec"],
  ])("%j holds all mail, and that is said", async (main, code) => {
    const collected = await collect(main, "smtp unix - - y - - smtp\n");
    expect(collected.diagnostics).toMatchObject([
      { level: "warning", code, location: { file: "main.cf", line: 1 } },
    ]);
    const mended = await collect(
      `${main}smtp_tls_CApath = /etc/ssl/certs\nsmtp_dns_support_level = dnssec\n`,
      "smtp unix - - y - - smtp\n",
    );
    expect(mended.diagnostics).toEqual([]);
  });

  test("a level that Postfix refuses is an error, for what sends and for what takes mail", async () => {
    const main = "smtp_tls_security_level = allways\nsmtpd_tls_security_level = encrypted\n";
    const collected = await collect(main, "smtp unix - - y - - smtp\nsmtp inet n - y - - smtpd\n");
    const errors = collected.diagnostics.map(
      ({ level, code, location }) => `${level} ${code} ${location?.line}`,
    );
    expect(errors.sort()).toEqual(["error postfix-level-refused 1", "error postfix-level-refused 2"]);
  });

  test("an override that only the queue manager could use is said", async () => {
    const collected = await collect(
      "",
      "bulk unix - - y - - smtp\n  -o bulk_destination_rate_delay=1s\n  -o smtp_helo_name=x\n",
    );
    expect(collected.diagnostics).toMatchObject([
      { code: "postfix-override-without-effect", location: { file: "master.cf", line: 2 } },
    ]);
  });

  test("of many lines of a kind the first are shown", async () => {
    const collected = await collect(Array.from({ length: 40 }, (_, line) => `word${line}`).join("\n"), "");
    expect(collected.diagnostics).toHaveLength(6);
    expect(collected.diagnostics.at(-1)?.message).toContain("35 more lines");
  });

  test("any text is read without breaking", async () => {
    const pieces = [
      "smtp_tls_policy_maps",
      " = ",
      "\n",
      "\n  ",
      "${",
      "}",
      "{",
      "$",
      "inline:{",
      "static:",
      "pcre:/x",
      "#",
      "\t",
      "?",
      ":",
      "-o ",
      "smtp",
      " unix - - y - - ",
      "\u0000",
      "é",
      "((",
      "/[/ WARN",
      "!",
    ];
    let state = 7;
    const next = (): number => {
      state = (state * 1_103_515_245 + 12_345) % 2_147_483_648;
      return state;
    };
    for (let round = 0; round < 300; round += 1) {
      const text = (): string => Array.from({ length: 30 }, () => pieces[next() % pieces.length]).join("");
      const files = { "main.cf": text(), "master.cf": text(), x: text() };
      await expect(collectFiles(files)).resolves.toBeDefined();
    }
  });
});
