import type { Json } from "#base/value.ts";
import type { Addresses } from "./addresses.ts";
import type { Plan, PlannedScenario } from "./plan.ts";
import type { SendPath, SmtpTarget } from "./send-path.ts";

/** Where k6 leaves what it measured. */
export interface K6Output {
  readonly summary: string;
  readonly engine: string;
}

/** A server that does not greet is told well before the run would have ended. */
const longestConnect = "10s";
const arrivalUnitMs = 1000;
const teardownReserveMs = 10_000;

function scenarioOptions({ id, rate, startMs, durationMs, users }: PlannedScenario): [string, Json] {
  // k6 takes whole numbers only: a rate of 0.5 a second is one in two seconds.
  const scale = Number.isInteger(rate) ? 1 : 100;
  return [
    id,
    {
      executor: "constant-arrival-rate",
      exec: "send",
      rate: Math.max(1, Math.round(rate * scale)),
      timeUnit: `${arrivalUnitMs * scale}ms`,
      duration: `${durationMs}ms`,
      startTime: `${startMs}ms`,
      preAllocatedVUs: users,
      maxVUs: users,
      gracefulStop: "5s",
    },
  ];
}

/** What `scripts/http.js` counts and times: a stock k6 has no other way to give figures by scenario. */
export const httpCounters = ["load_attempted", "load_accepted"] as const;
export const httpTrends = ["load_submit", "load_accept", "load_start_lag"] as const;

/** Options of k6. A threshold that cannot fail makes k6 count each scenario apart; verdicts are made from the report. */
export function k6Options(plan: Plan, kind: SendPath["target"]["kind"]): Record<string, Json> {
  const counters = ["dropped_iterations", ...(kind === "http" ? httpCounters : [])];
  const trends = kind === "http" ? httpTrends : [];
  const counted = plan.scenarios.flatMap(({ id }) => [
    ...counters.map((name): [string, Json] => [`${name}{scenario:${id}}`, ["count>=0"]]),
    ...trends.map((name): [string, Json] => [`${name}{scenario:${id}}`, ["max>=0"]]),
  ]);
  return {
    scenarios: Object.fromEntries(plan.scenarios.map(scenarioOptions)),
    thresholds: Object.fromEntries(counted),
    teardownTimeout: `${plan.drainMs + teardownReserveMs}ms`,
    summaryTrendStats: ["count", "med", "p(90)", "p(95)", "p(99)", "p(99.9)", "max"],
    discardResponseBodies: true,
    noConnectionReuse: false,
    userAgent: "hipaa-check",
  };
}

function session(target: SmtpTarget, sessions: number): Record<string, Json> {
  const { host, port, tls, ca, serverName } = target;
  return {
    host,
    port,
    tls,
    sessions,
    connectTimeout: longestConnect,
    ...(ca === undefined ? {} : { ca }),
    ...(serverName === undefined ? {} : { serverName }),
  };
}

function content({ message }: PlannedScenario): Json {
  const { template, size, recipients, listUnsubscribe } = message;
  return {
    recipients,
    content: {
      template,
      size,
      ...(listUnsubscribe ? { listUnsubscribe: "https://unsubscribe.invalid/{{sequence}}" } : {}),
    },
  };
}

/** How the sink tells the scenarios of an HTTP run apart. */
export function httpRun(index: number): string {
  return `http-${index}`;
}

/** Variables with the credentials that `scripts/smtp.js` uses. */
export const credentialVariables = {
  user: "HIPAA_CHECK_SMTP_USER",
  password: "HIPAA_CHECK_SMTP_PASSWORD",
} as const;

/** The credentials of a target, as `scripts/smtp.js` takes them; empty without any. */
export function credentials(target: SendPath["target"]): Record<string, string> {
  if (target.kind !== "smtp" || target.user === undefined || target.password === undefined) return {};
  const { user, password } = target;
  return { [credentialVariables.user]: user, [credentialVariables.password]: password };
}

/**
 * What `scripts/smtp.js` and `scripts/http.js` read. The headers of a request may be secret: for its owner's eyes only.
 * @param output absent where there is no place for files: `scripts/smtp.js` then writes one line to its log
 */
export function k6Plan(
  plan: Plan,
  path: SendPath,
  addresses: Addresses,
  output?: K6Output,
): Record<string, Json> {
  const { target, sink } = path;
  return {
    options: k6Options(plan, target.kind),
    messages: Object.fromEntries(plan.scenarios.map((scenario) => [scenario.id, content(scenario)])),
    addresses: { ...addresses } as Record<string, Json>,
    drainMs: plan.drainMs,
    ...(output === undefined ? {} : { output: { ...output } }),
    ...(sink === undefined ? {} : { sink: { control: sink.control } }),
    ...(target.kind === "smtp"
      ? { session: session(target, plan.sessions), authenticates: target.user !== undefined }
      : {
          request: { ...target, headers: { ...target.headers } } as Record<string, Json>,
          rates: Object.fromEntries(plan.scenarios.map(({ id, rate }) => [id, rate])),
          runs: Object.fromEntries(plan.scenarios.map(({ id }, index) => [id, httpRun(index)])),
        }),
  };
}
