import { auditTrail } from "./audit-trail.ts";
import { decision } from "./decision.ts";
import { dnsMailPolicy } from "./dns-mail-policy.ts";
import { encryptionKey } from "./encryption-key.ts";
import { evidenceAgreement } from "./evidence-agreement.ts";
import type { FactKind } from "./fact.ts";
import { accessPolicy, identityDirectory } from "./identity.ts";
import { loadDemand } from "./load-demand.ts";
import { loadLevel } from "./load-level.ts";
import { loadRun } from "./load-run.ts";
import { logStore } from "./log-store.ts";
import { mailBounce } from "./mail-bounce.ts";
import { mailListener } from "./mail-listener.ts";
import { mailLogging } from "./mail-logging.ts";
import { mailRoute } from "./mail-route.ts";
import { postfixConfiguration } from "./postfix-configuration.ts";
import { probeFault } from "./probe-fault.ts";
import { probeMessage } from "./probe-message.ts";
import { probePosture } from "./probe-posture.ts";
import { probeServer } from "./probe-server.ts";
import { record } from "./record.ts";
import { secret } from "./secret.ts";
import { storage } from "./storage.ts";
import { vendor } from "./vendor.ts";

/** Every kind of fact. A new kind is one file beside this one and one line here. */
export const factKinds: readonly FactKind[] = [
  accessPolicy,
  auditTrail,
  decision,
  dnsMailPolicy,
  encryptionKey,
  evidenceAgreement,
  identityDirectory,
  loadDemand,
  loadLevel,
  loadRun,
  logStore,
  mailBounce,
  mailListener,
  mailLogging,
  mailRoute,
  postfixConfiguration,
  probeFault,
  probeMessage,
  probePosture,
  probeServer,
  record,
  secret,
  storage,
  vendor,
];

const byName = new Map(factKinds.map((kind) => [kind.kind, kind]));

export function findFactKind(kind: string): FactKind | undefined {
  return byName.get(kind);
}
