// Sends as fast as it can, and says how that went. The benchmark sets what, and where to.
import { report, Session } from "k6/x/smtp";

const { host, port, users, messages, size, batch, chunking, connectPerMessage, ca, auth } = JSON.parse(
  __ENV.BENCH,
);

export const options = {
  scenarios: {
    main: {
      executor: "shared-iterations",
      vus: users,
      iterations: messages / (batch ?? 1),
      maxDuration: "5m",
    },
  },
  noCookiesReset: true,
  thresholds: { smtp_messages: [`count==${messages}`] },
};

const session = new Session({
  host,
  port,
  sessions: users,
  chunking,
  connectPerMessage,
  ...(ca === undefined ? { tls: "none" } : { tls: "starttls", ca, auth }),
});
const message = { from: "a@a.test", to: "b@b.test", size };

export default function () {
  if (batch === undefined) session.send(message);
  else session.sendBatch({ ...message, count: batch });
}

export function handleSummary(data) {
  const { process } = JSON.parse(report());
  const { cpuSeconds, maxRssBytes } = process;
  return { stdout: JSON.stringify({ ms: data.state.testRunDurationMs, cpuSeconds, maxRssBytes }) };
}
