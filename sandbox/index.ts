// A mail server for tests, and the posture suite that puts senders and receiving servers to the test.

export {
  type BackgroundOptions,
  type InboxOptions,
  openInbox,
  sandboxConnection,
  sandboxDown,
  sandboxStatus,
  sandboxUp,
  type Up,
  type UpOptions,
} from "./background/launch.ts";
export { type Connection, type DriverName, environmentOf, type Status } from "./connection.ts";
export {
  chooseDriver,
  type Driver,
  type DriverChoice,
  drivers,
  type NextHop,
  nextHopControlPort,
  nextHopPort,
  type RunningNextHop,
  type Sandbox,
  type SandboxOptions,
} from "./driver.ts";
export { SandboxError } from "./error.ts";
export { writeFactsFile } from "./facts/facts-file.ts";
export { faultFacts } from "./facts/fault-facts.ts";
export { probeFacts } from "./facts/probe-facts.ts";
export { type ServerProbeOutcome, serverFacts } from "./facts/server-facts.ts";
export { type Fault, faultGroup, faults } from "./fault/faults.ts";
export { type FaultOptions, probeFaults } from "./fault/probe-faults.ts";
export type { RelayTo } from "./in-process/relay.ts";
export type { Mail, Mailbox, MailFilter, MailSummary, WaitOptions } from "./mailbox/mailbox.ts";
export { openMailbox } from "./mailbox/open.ts";
export { loadPostures } from "./posture-server/load.ts";
export {
  type Posture,
  type PostureGroup,
  type PostureNeed,
  postureGroups,
  postureNeeds,
  type Verdict,
} from "./posture-server/posture.ts";
export { postureSchema } from "./posture-server/schema.ts";
export { loopbackEnvironment, type ProbeEnvironment } from "./probe/environment.ts";
export type { ProbeEvent } from "./probe/events.ts";
export { type ProbeOutcome, probeSender } from "./probe/probe.ts";
export {
  type ControlResult,
  type GroupResult,
  type PostureResult,
  type ProbeReport,
  type ProbeSummary,
  probeExitCode,
  type ReportGroup,
} from "./probe/report.ts";
export { probeReportSchema } from "./probe/report-schema.ts";
export type { ProbeOptions } from "./probe/run.ts";
export type { Sender, SendOrder, SendOutcome, TlsStart } from "./probe/sender.ts";
export { Application } from "./probe/senders/application.ts";
export { execSender } from "./probe/senders/exec.ts";
export { type HttpSenderOptions, httpSender } from "./probe/senders/http.ts";
export { moduleSender } from "./probe/senders/module.ts";
export type { ModuleOrder } from "./probe/senders/module-child.ts";
export { postfixSender } from "./probe/senders/postfix.ts";
export { type WaitingSenderOptions, waitingSender } from "./probe/senders/waiting.ts";
export { probeServer, type ServerProbeOptions } from "./receiver/probe-server.ts";
export { type Purpose, purposes } from "./receiver/target.ts";
export { freePort } from "./resources/listen.ts";
export { checkTarget, isOwnedTarget } from "./resources/owned-target.ts";
export { type StartOptions, startSandbox } from "./start.ts";
