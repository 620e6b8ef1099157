// Load tests of the send path: profiles, the runner of k6, and figures that say whether they can be trusted.

export {
  type Comparison,
  compareReports,
  comparisonExitCode,
} from "./compare/compare.ts";
export { targetUnusable } from "./error.ts";
export { exportKubernetes, type KubernetesLoad } from "./export/export.ts";
export { loadFacts } from "./facts/load-facts.ts";
export type { SendPathFigures, SendPathRow, SendPathRun, SendPathWay } from "./figures/figures.ts";
export { type Reckoning, reckon } from "./figures/reckon.ts";
export { buildK6 } from "./k6/build.ts";
export { findK6, type K6, requireSmtp } from "./k6/find.ts";
export type { Histogram, Latency } from "./measure/histogram.ts";
export { type Addresses, defaultAddresses, requireSynthetic } from "./plan/addresses.ts";
export { type Ceilings, defaultCeilings } from "./plan/ceilings.ts";
export { makePlan, type Overrides, type Plan } from "./plan/plan.ts";
export type { HttpTarget, MtaControl, SendPath, SmtpTarget, Target, TlsMode } from "./plan/send-path.ts";
export { loadProfile } from "./profile/load.ts";
export { newProfile } from "./profile/new.ts";
export { profileSchema } from "./profile/schema.ts";
export type { ServiceLevels } from "./profile/service-levels.ts";
export { mergeParts } from "./result/merge.ts";
export { readParts, readReports } from "./result/read-report.ts";
export { type LoadReport, loadExitCode } from "./result/report.ts";
export { loadReportSchema } from "./result/report-schema.ts";
export { type LoadRun, runLoad } from "./run.ts";
export { attachSink, type Sink, sinkTokenVariable, sinkWords, startSink } from "./sink/sink.ts";
