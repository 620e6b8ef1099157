import type { Verdict } from "../posture-server/posture.ts";

/**
 * Why senders did something else in some postures than was expected of them, or why they lost a message or could not be
 * judged. Holds for each of the senders in each of the postures, and a test holds it to that.
 */
export interface Difference {
  /** Ids of postures, separated by spaces. */
  readonly postures: string;
  /** Ids of senders, separated by spaces. */
  readonly senders: string;
  readonly measured: Verdict;
  readonly why: string;
}

const nothingPublished = "postfix-dane postfix-mta-sts";
const published = "postfix-dane-tlsa postfix-mta-sts-enforce";
const opportunistic = `postfix-may ${nothingPublished}`;
const encrypt = "postfix-encrypt postfix-exceptions";
const unverified = `${opportunistic} ${encrypt}`;
const demandsTls = `${encrypt} postfix-verify postfix-secure ${published}`;
const postfixWithTls = `${opportunistic} ${demandsTls}`;
const unverifiedClients = "nodemailer-require-tls-unverified swaks-tls";

export const differences: readonly Difference[] = [
  {
    postures: "P02b",
    senders: opportunistic,
    measured: "held",
    why: "Expected was that the offer in small letters is overlooked. Postfix reads it, as it has to: keywords are the same in any case (RFC 5321, section 2.4). Exim and OpenSMTPD overlook it.",
  },
  {
    postures: "P03b P03c P03d P03f P03g P03h P03i P03j",
    senders: published,
    measured: "leaked",
    why: "To the recipient nothing went in clear text. But an answer to STARTTLS that is neither 2xx nor 4xx ends the message at once, and the report about it, with the message inside, goes to the sender's domain. That domain publishes nothing here, so nothing raises the level there above `may`. A level that demands TLS of every destination, such as `encrypt`, returns it under TLS or not at all.",
  },
  {
    postures: "P01 P03b",
    senders: "nodemailer-require-and-ignore-tls nodemailer-require-and-opportunistic-tls",
    measured: "held",
    why: "Expected was what nodemailer 9.0.5 does, which has a table of its own. The change log of 10.0.12 names the change: `requireTLS` holds whatever stands beside it.",
  },
  {
    postures: "P04a P14",
    senders: "nodemailer-require-and-ignore-tls",
    measured: "held",
    why: "Expected was what nodemailer 9.0.5 does, which does not begin TLS here at all. This release does, and ends the delivery when it fails.",
  },
  {
    postures: "P06b P06d P06e",
    senders: "exim opensmtpd",
    measured: "held",
    why: "Expected was clear text after a session under TLS that breaks, as Postfix sends it at the level `may`. Exim goes on in clear text only where TLS fails before the first answer under it (P06a, and its log says so), OpenSMTPD only where the handshake fails; later on both keep the message.",
  },
  {
    postures: "P06a P06f",
    senders: "opensmtpd",
    measured: "held",
    why: "Expected was clear text after a session under TLS that breaks. OpenSMTPD goes on in clear text only where the handshake fails, and keeps the message here.",
  },
  {
    postures: "P06f",
    senders: "exim",
    measured: "lost",
    why: "Under TLS Exim sent DATA after its recipient had been accepted, and the connection was reset. It logged `peer close after all rcpt responses; converting i/o-error to no-error` and then `Completed`: the message was gone from its queue, not delivered and not reported. So in each run with this version. The same reset at MAIL, at RCPT and at the end of the message has it keep the message.",
  },
  {
    postures: "P07 P08",
    senders: "opensmtpd",
    measured: "leaked",
    why: "Expected was a delivery over the old version. OpenSMTPD offers TLS 1.2 and newer only, the handshake fails, and it goes on in clear text at once.",
  },
  {
    postures: "P07 P08",
    senders: unverifiedClients,
    measured: "held",
    why: "Expected was what Postfix does at the level `encrypt`, which still takes TLS 1.0. Here the TLS library refuses it, and a failed handshake ends the delivery.",
  },
  {
    postures: "P07 P08",
    senders: "msmtp-tls",
    measured: "weak",
    why: "Expected was what Postfix does where it verifies. msmtp leaves the versions to GnuTLS, which still takes TLS 1.0 and 1.1 in Debian 13.",
  },
  {
    postures: "P09a P09b",
    senders: "exim opensmtpd",
    measured: "leaked",
    why: "Expected was a delivery over an anonymous suite. Neither offers one, the handshake fails, and both go on in clear text at once.",
  },
  {
    postures: "P09a P09b",
    senders: unverifiedClients,
    measured: "held",
    why: "Expected was a delivery over an anonymous suite, as Postfix makes it at the level `encrypt`. These clients offer none, and a failed handshake ends the delivery.",
  },
  {
    postures: "P11 P12a P21 P23",
    senders: `${unverified} exim opensmtpd ${unverifiedClients}`,
    measured: "held",
    why: "Expected was that the delivery counts as weak. The postures note it and do not hold it against a sender: the suites encrypt and authenticate, hardly any mail server looks at revocation lists, and the common name counts where a certificate holds no other (RFC 6125, section 6.4.4).",
  },
  {
    postures: "P12b",
    senders: `${unverified} opensmtpd`,
    measured: "held",
    why: "Expected was that the delivery counts as weak. The posture notes Camellia and does not hold it against a sender.",
  },
  {
    postures: "P12b",
    senders: "exim",
    measured: "leaked",
    why: "Expected was a delivery with Camellia. Exim's GnuTLS does not offer it, the handshake fails, and the message goes in clear text.",
  },
  {
    postures: "P12b",
    senders: unverifiedClients,
    measured: "held",
    why: "Expected was a delivery with Camellia. Neither offers it, and a failed handshake ends the delivery.",
  },
  {
    postures: "P13",
    senders: `${opportunistic} exim opensmtpd`,
    measured: "leaked",
    why: "Expected was a delivery over RC4 or 3DES. No TLS library of these senders has them any more, so the handshake fails, and what happens then is what happens without TLS.",
  },
  {
    postures: "P13",
    senders: `${encrypt} ${unverifiedClients}`,
    measured: "held",
    why: "Expected was a delivery over RC4 or 3DES. No TLS library of these senders has them any more, the handshake fails, and without TLS they do not deliver.",
  },
  {
    postures: "P15 P16",
    senders: "postfix-dane-tlsa",
    measured: "weak",
    why: "Expected was a good delivery, and by DANE it is one: the key is the one that the TLSA record names, and the dates of the certificate do not count then (RFC 7672, section 3.1.1). The posture judges the certificate alone, since most senders have no record to go by.",
  },
  {
    postures: "P20",
    senders: unverifiedClients,
    measured: "weak",
    why: "Expected was what is right for Postfix, which finds its servers by the recipient's domain. These clients are told their server, and its name is not in the certificate.",
  },
  {
    postures: "P22b",
    senders: "postfix-verify postfix-secure postfix-hardened",
    measured: "weak",
    why: "Expected was a refusal. Postfix asks OpenSSL for security level 1 where a certificate has to match: that refuses a signature with SHA-1 (P22a), and takes RSA keys from 1024 bits on. Level 2 would not.",
  },
  {
    postures: "P22b",
    senders: "msmtp-tls",
    measured: "weak",
    why: "Expected was a refusal. GnuTLS takes the key in its ordinary profile.",
  },
  {
    postures: "P26b",
    senders: "msmtp-tls",
    measured: "weak",
    why: "Expected was a refusal. msmtp does not ask GnuTLS what the certificate may be used for.",
  },
  {
    postures: "P31",
    senders: `postfix-may ${encrypt} postfix-verify exim opensmtpd`,
    measured: "weak",
    why: "Expected was an ordinary delivery. The zone leads to a server that the domain's policy does not name, and whose certificate is good for its own name only. A sender that does not look at policies, and believes the zone, delivers to whoever can forge it.",
  },
  {
    postures: "P34",
    senders: "postfix-mta-sts postfix-mta-sts-enforce",
    measured: "leaked",
    why: "Expected was no delivery. The mode `none` withdraws a policy (RFC 8461, section 5), so what counts is the level beneath, and that is `may` here. With `encrypt` beneath, nothing is delivered.",
  },
  {
    postures: "P37",
    senders: "postfix-mta-sts postfix-mta-sts-enforce",
    measured: "leaked",
    why: "Expected was no delivery. The policy comes by a redirect, which has to be ignored (RFC 8461, section 3.3): the domain counts as one without a policy, and the level beneath is `may` here. With `encrypt` beneath, nothing is delivered, and the redirect is not followed.",
  },
  {
    postures: "P39",
    senders: "postfix-dane postfix-dane-tlsa",
    measured: "held",
    why: "Expected was a delivery under unauthenticated TLS, which is what Postfix demands where no record is usable. The server of the posture offers no TLS at all, so nothing is delivered: TLS was demanded.",
  },
  {
    postures: "P43",
    senders: "postfix-mta-sts postfix-mta-sts-enforce",
    measured: "weak",
    why: "Expected was that DANE stops the delivery. An entry of `smtp_tls_policy_maps` takes the place of the level, and the resolver answers with `secure`: TLSA records are not looked at then.",
  },
  {
    postures: "P44a P44b",
    senders: "nodemailer-ignore-tls swaks msmtp",
    measured: "held",
    why: "Expected was clear text at every server. This one says 421 and takes nothing, and these senders keep no queue from which to try again.",
  },
  {
    postures: "P48",
    senders: "msmtp",
    measured: "held",
    why: "Expected was clear text at every server. msmtp gives up: `Rejecting server reply that is longer than 50 lines`.",
  },
  {
    postures: "P50a P50b",
    senders: `${postfixWithTls} exim`,
    measured: "leaked",
    why: "Expected was a report without content. The report goes by TLS, and by default it holds the message. In Postfix `bounce_size_limit = 1` leaves the header only.",
  },
  {
    postures: "P52",
    senders: postfixWithTls,
    measured: "leaked",
    why: "Expected was a report without content. A message that waited too long is reported on as any other: by TLS, and with the message inside unless `bounce_size_limit` says otherwise.",
  },
  {
    postures: "P53",
    senders: "exim",
    measured: "leaked",
    why: "Expected was that the answers that were slipped in are thrown away. Exim sees them (`synch error before connect` in its log), gives up TLS, and delivers in clear text to the same server.",
  },
  {
    postures: "P53",
    senders: "swaks-tls",
    measured: "weak",
    why: "Expected was that the answers that were slipped in are thrown away. swaks takes them for answers under TLS.",
  },
  {
    postures: "P55",
    senders: `${postfixWithTls} exim`,
    measured: "weak",
    why: "Expected was that nothing is passed on that others take for the end of a message. One of the thirteen forms is: a line of a NUL and a dot. In Postfix `message_strip_characters = \\0` stops it.",
  },
  {
    postures: "P55",
    senders: "opensmtpd swaks-tls msmtp-tls",
    measured: "weak",
    why: "Expected was that nothing is passed on that others take for the end of a message. These senders pass on a bare CR as it is.",
  },
  {
    postures: "P61",
    senders: demandsTls,
    measured: "leaked",
    why: "Expected was that the level holds. Postfix obeys the header `TLS-Required: no` from 3.10 on (RFC 8689), looks at no policy for such a message, and lowers every level to `may`: whoever writes the message decides. With `tls_required_enable = no` the level holds.",
  },
  {
    postures: "P63",
    senders: "postfix-exceptions",
    measured: "leaked",
    why: "Expected was that the level holds. An entry of `smtp_tls_policy_maps` takes its place, and this one says `may`: the exception is what it says it is. The static rules fail the entry, in the line where it stands.",
  },
  {
    postures: "P64",
    senders: published,
    measured: "leaked",
    why: "The copy for the recipient was held. The vacation reply goes to the sender's domain, which publishes nothing here, and quotes subject and body.",
  },
];

/** The explanation of what a sender did in a posture; undefined where there is none. */
export function explanationOf(sender: string, posture: string): Difference | undefined {
  return differences.find(
    ({ postures, senders }) => postures.split(" ").includes(posture) && senders.split(" ").includes(sender),
  );
}
