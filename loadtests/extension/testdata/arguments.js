// Every wrong option and argument is told by name.
import { check } from "k6";
import { Session, Sink } from "k6/x/smtp";

export const options = { iterations: 1, thresholds: { checks: ["rate==1"] } };

const right = { host: "127.0.0.1", port: 1, tls: "none" };

function told(action) {
  try {
    action();
    return "";
  } catch (error) {
    return `${error.name}: ${error.message}`;
  }
}

const sessions = {
  "host is missing": { port: 25, tls: "none" },
  "tls is missing": { host: "x", port: 25 },
  "port 0": { host: "x", port: 0, tls: "none" },
  "port: must be a whole number": { host: "x", port: "25", tls: "none" },
  "none of": { host: "x", port: 25, tls: "opportunistic" },
  "pipelinng is not known": { ...right, pipelinng: true },
  "pipelining: must be true or false": { ...right, pipelining: "yes" },
  "auth needs tls": { ...right, auth: { mechanism: "PLAIN", user: "u", password: "p" } },
  "auth: must be an object": { ...right, tls: "tls", auth: "PLAIN" },
  "auth: pass is not known": { ...right, tls: "tls", auth: { mechanism: "PLAIN", user: "u", pass: "p" } },
  "auth.password is missing": { ...right, tls: "tls", auth: { mechanism: "PLAIN", user: "u" } },
  'auth.mechanism "NTLM" is not known': { ...right, tls: "tls", auth: { mechanism: "NTLM", user: "u", password: "p" } },
  "ca, cert, key": { ...right, ca: "x" },
  "ca holds no PEM": { ...right, tls: "tls", ca: "x" },
  "EXTERNAL needs a client certificate": { ...right, tls: "tls", auth: { mechanism: "EXTERNAL" } },
  minVersion: { ...right, tls: "tls", minVersion: "1.1" },
  "sessions must be": { ...right, sessions: 0 },
  "is no duration": { ...right, timeout: "soon" },
  "timeout and waitTimeout": { ...right, timeout: 0 },
  connectTimeout: { ...right, connectTimeout: 0 },
  localName: { ...right, localName: "two words" },
  messageIdDomain: { ...right, messageIdDomain: "a@b" },
  "maxMessages cannot": { ...right, maxMessages: -1 },
};

const messages = {
  "must be an object": "text",
  "at least one recipient": { from: "a@x.test" },
  "to: must be a text": { to: [5] },
  "is no address": { to: "b" },
  "from: ": { from: 5, to: "b@y.test" },
  "sise is not known": { to: "b@y.test", sise: 5 },
  "count is not known": { to: "b@y.test", count: 5 },
  "size: must be": { to: "b@y.test", size: 0 },
  "too small": { to: "b@y.test", size: 10 },
  template: { to: "b@y.test", template: "fancy" },
  placeholder: { to: "b@y.test", text: "{{ssn}}" },
  "do not go with them": { to: "b@y.test", data: "A: b\n\n", size: 100 },
  "data and eml": { to: "b@y.test", data: "A: b\n\n", eml: "A: b\n\n" },
  "is empty": { to: "b@y.test", data: "" },
  "no header field": { to: "b@y.test", data: "nonsense" },
  "headers: must be an object": { to: "b@y.test", headers: "A: b" },
  "is made by the extension": { to: "b@y.test", headers: { "Message-ID": "<a@b>" } },
  "attachments: must be a list": { to: "b@y.test", attachments: {} },
  "attachments: [0]: file is not known": { to: "b@y.test", attachments: [{ file: "x" }] },
  "dsn.return": { to: "b@y.test", dsn: { return: "ALL" } },
  "requireTls: must be true or false": { to: "b@y.test", requireTls: 1 },
};

const sinks = {
  "unknown field": { lissten: "127.0.0.1:0" },
  "is not host:port": { listen: "here" },
  "control stands alone": { control: "http://127.0.0.1:1", tls: "none" },
  "no http": { control: "127.0.0.1:1" },
  "pause needs for": { faults: [{ kind: "pause" }] },
};

const early = told(() => new Session(right).send({ to: "b@y.test" }));

export default function () {
  const results = { "in the init context": early };
  for (const [text, options] of Object.entries(sessions)) results[text] = told(() => new Session(options));
  const sink = new Sink({});
  const { host, port } = sink.start();
  const session = new Session({ host, port, tls: "none" });
  for (const [text, message] of Object.entries(messages)) results[text] = told(() => session.send(message));
  results["count must be at least 1"] = told(() => session.sendBatch({ to: "b@y.test", count: 0 }));
  for (const [text, options] of Object.entries(sinks)) results[text] = told(() => new Sink(options));
  results["has not been started"] = told(() => new Sink({ listen: "127.0.0.2:0" }).plan({}));
  results["rate must be"] = told(() => sink.plan({ limits: [{ rate: 0 }] }));
  results["cannot be reached"] = told(() => new Sink({ control: "http://127.0.0.1:1" }).start());
  results["pas is not known"] = told(() => sink.collect({ pas: 1 }));
  for (const [text, message] of Object.entries(results)) {
    const isTold = message.includes(text) && !message.includes("\n");
    if (!isTold) console.error(`${text}: ${message}`);
    check(null, { [text]: () => isTold });
  }
  const { failed } = session.sendBatch({ to: "b@y.test", count: 2 });
  check(failed, { "a session goes on after wrong arguments": (count) => count === 0 });
}
