import { type SecureContext, TLSSocket } from "node:tls";
import type { CertificateName } from "../pki/certificate.ts";
import { readClientHello } from "../wire/client-hello.ts";
import { TlsBridge } from "../wire/tls-bridge.ts";
import { greet, newDialogue } from "./dialogue.ts";
import type { Session } from "./session.ts";

const alerts: Readonly<Record<string, number>> = {
  "alert-handshake-failure": 40,
  "alert-protocol-version": 70,
  "alert-internal-error": 80,
};

const handshakeRecord = 22;

/** Two lines that are neither TLS nor SMTP. */
const garbage = Buffer.from("\u0007\u0001%$ not a handshake\r\n\u001b[0m!!\r\n", "latin1");

/** Begins TLS on a connection, or whatever the plan puts in its place. */
export function startTls(session: Session): void {
  const { plan, record } = session;
  const rest = session.discardInput();
  const upgrade = plan.upgrade ?? "handshake";
  if (upgrade === "reset") {
    record.meet("the connection was reset where TLS should have begun");
    session.cut("reset");
    return;
  }
  const bridge = new TlsBridge(session.socket, (bytes) => {
    record.segment("out", "record", "handshake", bytes);
    if (record.clientHello !== undefined) meetTls(session);
    if (upgrade === "reset-after-server-hello") {
      record.meet("the connection was reset in the middle of the handshake");
      // After the bytes have left; a reset at once would overtake them.
      setImmediate(() => session.cut("reset"));
    }
  });
  let opening = Buffer.alloc(0);
  session.records = (bytes) => {
    if (opening.length > 0 || bytes[0] === handshakeRecord)
      record.segment("in", "record", "handshake", bytes);
    if (record.clientHello !== undefined) return bridge.feed(bytes);
    opening = Buffer.concat([opening, bytes]);
    record.clientHello = readClientHello(opening);
    if (record.clientHello === undefined) {
      if (opening[0] !== handshakeRecord) speakClear(session, opening);
      return undefined;
    }
    if (session.hooks.clientHello?.(session) === true || interrupts(session, upgrade)) return undefined;
    return bridge.feed(opening);
  };
  session.socket.once("end", () => bridge.finish());
  openTls(session, bridge, rest);
}

/** The sender, or the server, goes on without TLS on the same connection. */
function speakClear(session: Session, bytes: Buffer): void {
  session.records = undefined;
  if (bytes.length > 0) session.consume(bytes);
}

/** True when the plan ends the connection once the sender's first TLS message is there. */
function interrupts(session: Session, upgrade: string): boolean {
  if (upgrade === "reset-after-client-hello") {
    session.record.meet("the connection was reset after the sender's first TLS message");
    session.cut("reset");
    return true;
  }
  if (upgrade === "garbage") {
    session.record.meet("garbage came where TLS should have begun");
    session.record.segment("out", "clear", "handshake", garbage);
    session.write(garbage);
    speakClear(session, Buffer.alloc(0));
    return true;
  }
  const alert = alerts[upgrade];
  if (alert === undefined) return false;
  session.record.meet(`the server refused the handshake (${upgrade})`);
  sendAlert(session, alert);
  return true;
}

/** Sends a fatal alert as a record of its own and hangs up. */
export function sendAlert(session: Session, description: number): void {
  const bytes = Buffer.from([21, 3, 3, 0, 2, 2, description]);
  session.record.segment("out", "record", "handshake", bytes);
  session.socket.end(bytes);
}

/** The sender has seen what kind of TLS this server does. */
function meetTls({ plan, record }: Session): void {
  const { tls } = plan;
  if (tls === undefined) return;
  if (tls.certificate !== undefined) record.meet(`the server showed the certificate ${tls.certificate}`);
  if (tls.ciphers !== undefined) record.meet(`the server took the suites ${tls.ciphers} only`);
  if (tls.minimum !== undefined || tls.maximum !== undefined) {
    record.meet(`the server spoke ${tls.minimum ?? "TLSv1.2"} to ${tls.maximum ?? "TLSv1.3"} only`);
  }
  if (tls.clientCertificate !== undefined) record.meet("the server asked for a client certificate");
}

function openTls(session: Session, bridge: TlsBridge, rest: Buffer): void {
  const { record, plan } = session;
  const context: SecureContext = session.context;
  const secure = new TLSSocket(bridge, {
    isServer: true,
    secureContext: context,
    requestCert: plan.tls?.clientCertificate === "requested",
    rejectUnauthorized: false,
  });
  secure.on("error", (error: NodeJS.ErrnoException) => {
    record.note(`TLS ended: ${error.code ?? error.message}`);
    session.socket.end();
  });
  secure.on("close", () => session.socket.destroySoon());
  secure.on("secure", () => {
    const cipher = secure.getCipher();
    const anonymous = /^(ADH|AECDH)-/.test(cipher.name);
    const certificate: CertificateName = plan.tls?.certificate ?? "good";
    record.tls = {
      version: secure.getProtocol() ?? "unknown",
      cipher: cipher.name,
      certificate: anonymous ? null : certificate,
      clientCertificateRequested: plan.tls?.clientCertificate === "requested",
    };
    record.note(`TLS ${record.tls.version} with ${record.tls.cipher}`);
    session.secure = secure;
    Object.assign(session.dialogue, newDialogue());
    if (session.implicitTls) void greet(session);
    if (rest.length > 0 && plan.weaknesses?.keepsInputAcrossTls) session.consume(rest);
  });
  secure.on("data", (bytes: Buffer) => session.consume(bytes));
}
