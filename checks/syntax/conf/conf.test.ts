import { describe, expect, test } from "vitest";
import type { Location } from "#base/location.ts";
import { expandMacros } from "./macro.ts";
import { readMainFile } from "./main-file.ts";
import { readMasterFile } from "./master-file.ts";
import { readPatternFile, readTableFile } from "./table-file.ts";

const place = ({ line, column, endLine, endColumn }: Location): string =>
  `${line}:${column}-${endLine}:${endColumn}`;

describe("main.cf", () => {
  test("settings with the places of name and value, across continuations and comments", () => {
    const text =
      "# first\nmyhostname = a.example\nmynetworks = 127.0.0.0/8\n\n# between\n   [::1]/128 \nlast=\n";
    const { settings, diagnostics } = readMainFile("main.cf", text);
    expect(diagnostics).toEqual([]);
    expect(
      settings.map(({ name, value, location, valueLocation }) => [
        name,
        value,
        place(location),
        place(valueLocation),
      ]),
    ).toEqual([
      ["myhostname", "a.example", "2:1-2:23", "2:14-2:23"],
      ["mynetworks", "127.0.0.0/8   [::1]/128", "3:1-6:13", "3:14-6:13"],
      ["last", "", "7:1-7:5", "7:1-7:5"],
    ]);
    expect(place(settings[1]?.locate(14, 23) as Location)).toBe("6:4-6:13");
  });

  test.each([
    ["smtp_tls_security_level", "missing '='", "1:1-1:24"],
    ["= encrypt", "missing attribute name", "1:1-1:10"],
    ["two words = x", "missing '='", "1:1-1:14"],
  ])("%s is refused", (line, words, where) => {
    const { settings, diagnostics } = readMainFile("main.cf", `${line}\nrelayhost =\n`);
    expect(settings.map(({ name }) => name)).toEqual(["relayhost"]);
    expect(diagnostics).toMatchObject([{ level: "error", code: "postfix-main-syntax" }]);
    expect(diagnostics[0]?.message).toContain(words);
    expect(place(diagnostics[0]?.location as Location)).toBe(where);
  });

  test("indented text at the beginning is dropped with all that continues it", () => {
    const { settings, diagnostics } = readMainFile("main.cf", "  a = b\n  c\nd = e\n");
    expect(settings.map(({ name }) => name)).toEqual(["d"]);
    expect(diagnostics).toMatchObject([
      { level: "warning", code: "postfix-text-dropped", location: { line: 1 } },
    ]);
  });

  test("the control lines of a template are told apart, and what they switch", () => {
    const text =
      "a = 1\n{% if x %}\nb = 2\n{% for y in z %}\nc = 3\n{% endfor %}\n{% else %}\nb = 4\n{% endif %}\nd = 5\n%{on}e = 6\n";
    const { settings, templateLines, diagnostics } = readMainFile("main.cf", text);
    expect(diagnostics).toEqual([]);
    expect(templateLines).toHaveLength(5);
    expect(settings.map(({ name, conditional }) => [name, conditional])).toEqual([
      ["a", false],
      ["b", true],
      ["c", true],
      ["b", true],
      ["d", false],
      ["e", true],
    ]);
  });
});

describe("lines that a template replaces", () => {
  test.each(["{{ extra_settings }}", "{{- .Extra -}}", '{% include "more.cf" %}', "<%= @extra %>"])(
    "%s puts settings from elsewhere there",
    (line) => {
      const { insertions, diagnostics } = readMainFile("main.cf", `a = 1\n${line}\nb = 2\n`);
      expect(insertions.map(place)).toHaveLength(1);
      expect(insertions[0]?.line).toBe(2);
      expect(diagnostics).toEqual([]);
    },
  );

  test.each([
    "{# a comment #}",
    '{{- "\\n" }}',
    "{{! a comment }}",
    "{{ end }}",
    "{{/if}}",
    "{% endif %}",
    "{{ssl}}a = 1",
  ])("%s puts none there", (line) => {
    const { insertions, diagnostics } = readMainFile("main.cf", `${line}\n`);
    expect({ insertions, diagnostics }).toEqual({ insertions: [], diagnostics: [] });
  });
});

describe("references", () => {
  const values: Record<string, string> = { a: "x", b: "$a/$a", empty: "", deep: "${b}", ten: "10" };
  const expand = (text: string) =>
    expandMacros(text, (name) => (values[name] === undefined ? undefined : { text: values[name] }));

  test.each([
    ["$a ${a} $(a) $$a", "x x x $a"],
    ["$deep", "x/x"],
    ["[$nothing]", "[]"],
    ["${a?yes}${empty?no}${empty:none}${a:set}", "yesnone"],
    ["${a?{yes}:{no}} ${ empty ? {yes} : {no} }", "yes no"],
    ["${{$ten} > {9}} ${{$ten} > {9a}?{more}:{less}}", "true less"],
    ["${{3.10} >level {3.9} ? {newer} : {older}}", "newer"],
    ["${domain_to_ascii{bücher.example}}", "xn--bcher-kva.example"],
    ["${a?b:c}", "b:c"],
  ])("%s", (text, result) => {
    expect(expand(text)).toEqual({ text: result });
  });

  test.each([
    "${a",
    "$(a",
    "$ a",
    "${}",
    "${a-b}",
    "${{a} = {b}}",
    "${{a}==b}",
    "${a?{b}c}",
    "${{x} <level {1}}",
    "${no{x}}",
  ])("%s cannot be expanded", (text) => {
    expect(expand(text)).toMatchObject({ problem: expect.any(String) });
  });

  test("a circle and a bomb end", () => {
    expect(expandMacros("$a", () => ({ text: "$a" }))).toMatchObject({
      problem: expect.stringContaining("circle"),
    });
    expect(expandMacros("${{$a}=={}}", () => ({ text: "${{$a}=={}}" }))).toMatchObject({
      problem: expect.any(String),
    });
    const doubling = expandMacros("$a0", (name) => ({ text: `$a${Number(name.slice(1)) + 1}`.repeat(2) }));
    expect(doubling).toMatchObject({ problem: expect.any(String) });
  });
});

describe("master.cf", () => {
  test("services, overrides in all forms, and verbose logging", () => {
    const text = `submission inet n - y - - /usr/lib/postfix/sbin/smtpd -v
  -o smtpd_tls_security_level=may -vv
  -o { smtpd_client_restrictions = permit_mynetworks, reject }
  -o smtpd_tls_security_level=encrypt
archive unix - n n - - pipe flags=R argv=/bin/archive -o a=b
`;
    const { services, diagnostics } = readMasterFile("master.cf", text);
    expect(diagnostics).toEqual([]);
    const [submission, archive] = services;
    expect(submission).toMatchObject({ name: "submission", type: "inet", program: "smtpd", verbose: 3 });
    expect(
      submission?.overrides.map(({ name, value, valueLocation }) => [name, value, place(valueLocation)]),
    ).toEqual([
      ["smtpd_tls_security_level", "may", "2:31-2:34"],
      ["smtpd_client_restrictions", "permit_mynetworks, reject", "3:36-3:61"],
      ["smtpd_tls_security_level", "encrypt", "4:31-4:38"],
    ]);
    expect(archive?.overrides).toEqual([]);
  });

  test("of two services with one name and type the last one counts", () => {
    const { services } = readMasterFile(
      "master.cf",
      "smtp inet n - y - - smtpd\nsmtp unix - - y - - smtp\nsmtp inet n - y - 1 postscreen\n",
    );
    expect(services.map(({ name, type, program }) => `${name}/${type} ${program}`)).toEqual([
      "smtp/unix smtp",
      "smtp/inet postscreen",
    ]);
  });

  test.each([
    ["smtp inet n - y - smtpd", "7", "1:1-1:24"],
    ["smtp tcp n - y - - smtpd", '"tcp"', "1:6-1:9"],
    ["smtp inet x - y - - smtpd", '"x"', "1:11-1:12"],
    ["smtp inet n - y soon - smtpd", '"soon"', "1:17-1:21"],
    ["smtp inet n - y - many smtpd", '"many"', "1:19-1:23"],
    ["smtp inet n - y - - smtpd -o", "nothing follows", "1:27-1:29"],
    ["smtp inet n - y - - smtpd -o name", "missing '='", "1:30-1:34"],
    ["smtp inet n - y - - smtpd -o { a = b", "brace", "1:30-1:37"],
  ])("%s is refused", (line, words, where) => {
    const { diagnostics } = readMasterFile("master.cf", `${line}\n`);
    expect(diagnostics).toMatchObject([{ level: "error", code: "postfix-master-syntax" }]);
    expect(diagnostics[0]?.message).toContain(words);
    expect(place(diagnostics[0]?.location as Location)).toBe(where);
  });

  test("options of a service that is commented out belong to the one above, and that is said", () => {
    const text =
      "smtp inet n - y - - smtpd\n#submissions inet n - y - - smtpd\n  -o smtpd_tls_wrappermode=yes\n";
    const { services, diagnostics } = readMasterFile("master.cf", text);
    expect(services.map(({ name, overrides }) => [name, overrides.length])).toEqual([["smtp", 1]]);
    expect(diagnostics).toMatchObject([
      { level: "warning", code: "postfix-options-orphaned", location: { line: 2 } },
    ]);
  });
});

describe("lookup tables", () => {
  test("keys and values with their places; a quoted key; a line without a value", () => {
    const { entries, diagnostics } = readTableFile(
      "t",
      '# c\na.example  secure\n  match=x\n"b c" may\nlonely\n',
    );
    expect(entries.map(({ key, value, valueLocation }) => [key, value, place(valueLocation)])).toEqual([
      ["a.example", "secure  match=x", "2:12-3:10"],
      ['"b c"', "may", "4:7-4:10"],
    ]);
    expect(diagnostics).toMatchObject([{ code: "postfix-table-line", location: { line: 5 } }]);
  });

  test("patterns with any delimiter, negated, and between if and endif", () => {
    const { entries, diagnostics } = readPatternFile(
      "t",
      "/^a\\/b$/i WARN\n!^x^ INFO x\nif /y/\n|z| REJECT\nendif\nno pattern\n",
    );
    expect(
      entries.map(({ pattern, negated, conditional, value }) => [pattern, negated, conditional, value]),
    ).toEqual([
      ["^a\\/b$", false, false, "WARN"],
      ["x", true, false, "INFO x"],
      ["z", false, true, "REJECT"],
    ]);
    expect(diagnostics).toMatchObject([{ code: "postfix-table-line", location: { line: 6 } }]);
  });
});
