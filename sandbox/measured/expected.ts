import type { Verdict } from "../posture-server/posture.ts";

/**
 * What documentation and source code of the senders led to expect, before anything was measured. C: delivered in clear
 * text. D: delivered under TLS. W: delivered under TLS that is unauthenticated or below the floor. X: not delivered, or
 * not what the posture forbids. `-`: nothing was expected.
 */
const meaning: Readonly<Record<string, Verdict | undefined>> = {
  C: "leaked",
  D: "held",
  W: "weak",
  X: "held",
};

/** Levels, as Postfix names them: the columns of the rows below. */
const levels = [
  "none",
  "may",
  "encrypt",
  "verify",
  "secure",
  "dane, nothing published",
  "dane",
  "mta-sts, nothing published",
  "mta-sts",
] as const;
type Level = (typeof levels)[number];

/** Posture ids, and one letter for each level. */
const rows: readonly (readonly [string, string])[] = [
  ["P01 P02a P02b P02c", "CCXXXCXCX"],
  ["P03a P03b P03c P03d P03e P03f P03g P03h P03i P03j P03k", "CCXXXCXCX"],
  ["P04a P04b P04c P04d P04e P04f P04g", "CCXXXCXCX"],
  ["P05a P05b", "CCXXXCXCX"],
  ["P06a P06b P06c P06d P06e P06f", "CCXXXCXCX"],
  ["P07 P08", "CWWXXWXWX"],
  ["P09a P09b", "CWWXXWXWX"],
  ["P10", "CCXXXCXCX"],
  ["P11 P12a P12b P13", "CWWDDWDWD"],
  ["P14", "CWWXXWDWX"],
  ["P15 P16", "CWWXXWDWX"],
  ["P17a P17b", "CWWXXWDWX"],
  ["P18", "CWWXXWDWX"],
  ["P19", "CDDDXDDDD"],
  ["P20", "CDDXDDDDX"],
  ["P21", "CWWDDW-W-"],
  ["P22a P22b P23 P24 P25 P26a P26b", "CWWXXW-W-"],
  ["P27 P28 P29 P30", "CDDDDDDDD"],
  ["P31", "CDDDD--XX"],
  ["P32 P34 P35 P36 P37", "-------XX"],
  ["P33", "-------WW"],
  ["P38 P41 P42", "-----XX--"],
  ["P39", "-----WW--"],
  ["P40", "-----CC--"],
  ["P43", "-----XXXX"],
  ["P44a P44b P45 P46 P47 P48 P49a P49b", "CDDDDDDDD"],
  ["P50a P50b P51 P52", "CXXXXXXXX"],
  ["P53", "CXXXXXXXX"],
  ["P55", "CXXXXXXXX"],
  ["P57 P58 P59 P60", "CCXXXCXCX"],
  ["P61 P62 P63 P64", "CCXXXCXCX"],
  ["P65a", "CXXXXXXXX"],
  ["P65b P65c", "CCXXXCXCX"],
  ["P66", "CCXXXCXCX"],
];

/** The level that a sender declares, where there is one. */
const levelOf: Readonly<Record<string, Level>> = {
  "postfix-none": "none",
  "postfix-may": "may",
  "postfix-encrypt": "encrypt",
  "postfix-verify": "verify",
  "postfix-secure": "secure",
  "postfix-hardened": "secure",
  "postfix-exceptions": "encrypt",
  "postfix-dane": "dane, nothing published",
  "postfix-dane-tlsa": "dane",
  "postfix-mta-sts": "mta-sts, nothing published",
  "postfix-mta-sts-enforce": "mta-sts",
  exim: "may",
  opensmtpd: "may",
  "nodemailer-require-tls": "verify",
  "nodemailer-ignore-tls": "none",
  "nodemailer-require-tls-unverified": "encrypt",
  "nodemailer-secure": "verify",
  swaks: "none",
  "swaks-tls": "encrypt",
  msmtp: "none",
  "msmtp-tls": "verify",
};

/**
 * nodemailer's options combine in ways that are no level of Postfix. These were seen of nodemailer 9.0.5: no STARTTLS,
 * STARTTLS refused, garbage instead of TLS, a self-signed certificate, EHLO refused.
 */
const nodemailerPostures = ["P01", "P03b", "P04a", "P14", "P05a"];
const nodemailerRows: Readonly<Record<string, string>> = {
  "nodemailer-defaults": "CXXXC",
  "nodemailer-require-tls": "XXXXX",
  "nodemailer-ignore-tls": "CCCCC",
  "nodemailer-require-and-ignore-tls": "CCCCX",
  "nodemailer-require-and-opportunistic-tls": "CCXXX",
  "nodemailer-opportunistic-tls": "CCXXC",
  "nodemailer-require-tls-unverified": "XXXWX",
  "nodemailer-secure": "XXXXX",
  "nodemailer-9-require-and-ignore-tls": "CCCCX",
  "nodemailer-9-require-and-opportunistic-tls": "CCXXX",
};

function collect(): ReadonlyMap<string, Verdict> {
  const found = new Map<string, Verdict>();
  const add = (sender: string, posture: string, letter: string | undefined): void => {
    const verdict = meaning[letter ?? "-"];
    if (verdict !== undefined) found.set(`${sender} ${posture}`, verdict);
  };
  for (const [sender, level] of Object.entries(levelOf)) {
    for (const [postures, letters] of rows)
      for (const posture of postures.split(" ")) add(sender, posture, letters[levels.indexOf(level)]);
  }
  for (const [sender, letters] of Object.entries(nodemailerRows))
    for (const [index, posture] of nodemailerPostures.entries()) add(sender, posture, letters[index]);
  return found;
}

const expectations = collect();

/** The verdict that was expected of a sender in a posture; undefined where nothing was. */
export function expectedVerdict(sender: string, posture: string): Verdict | undefined {
  return expectations.get(`${sender} ${posture}`);
}
