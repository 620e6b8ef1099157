import type { CollectorManifest } from "#facts/collector.ts";
import { factKinds } from "#facts/registry.ts";

/** Every collector. A new one is a folder beside this file and one entry here. */
export const collectors: readonly CollectorManifest[] = [
  {
    id: "compliance",
    title: "Decisions, records, vendors and service levels in compliance.yaml",
    activation: ["compliance.yaml"],
    produces: ["decision", "load.demand", "record", "vendor"],
    version: 4,
    load: () => import("./compliance/collector.ts"),
  },
  {
    id: "facts-file",
    title: "Facts files of probes, load runs and other programs",
    activation: ["*.facts.json"],
    produces: factKinds.map(({ kind }) => kind),
    version: 1,
    load: () => import("./facts-file/collector.ts"),
  },
  {
    id: "nodemailer",
    title: "nodemailer transports in TypeScript and JavaScript",
    activation: ["*.ts", "*.mts", "*.cts", "*.tsx", "*.js", "*.mjs", "*.cjs", "*.jsx"],
    produces: ["mail.route", "mail.logging", "secret"],
    version: 2,
    load: () => import("./nodemailer/collector.ts"),
  },
  {
    id: "postfix",
    title: "Postfix main.cf and master.cf",
    activation: ["main.cf", "master.cf"],
    produces: [
      "postfix.configuration",
      "mail.route",
      "mail.listener",
      "mail.logging",
      "mail.bounce",
      "secret",
    ],
    version: 5,
    load: () => import("./postfix/collector.ts"),
  },
  {
    id: "terraform",
    title: "Terraform configurations",
    activation: ["*.tf", "*.tf.json"],
    produces: [
      "access.policy",
      "audit.trail",
      "dns.mail-policy",
      "encryption.key",
      "identity.directory",
      "log.store",
      "mail.listener",
      "mail.route",
      "secret",
      "storage",
    ],
    version: 2,
    load: () => import("./terraform/collector.ts"),
  },
];
