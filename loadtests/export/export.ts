import { readdirSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { stringify } from "yaml";
import type { Json } from "#base/value.ts";
import { usage } from "../error.ts";
import { extensionFolder, scriptFolder } from "../paths.ts";
import type { Addresses } from "../plan/addresses.ts";
import { k6Plan } from "../plan/k6-plan.ts";
import type { Plan } from "../plan/plan.ts";
import type { SendPath, SmtpTarget } from "../plan/send-path.ts";
import { recordPlan } from "../result/record.ts";
import { sinkFaults } from "../sink/faults.ts";
import { collectScript } from "./collect.ts";
import { exportGuide } from "./guide.ts";
import { type Names, requireNames, sinkControl } from "./names.ts";
import { sinkManifests } from "./sink.ts";
import { scriptConfigMap, testRun } from "./test-run.ts";

export interface KubernetesLoad extends Names {
  readonly plan: Plan;
  /** The target as the pods reach it; credentials are not part of it. */
  readonly target: Omit<SmtpTarget, "user" | "password">;
  /** As reports name it. */
  readonly targetName: string;
  readonly addresses: Addresses;
  readonly image: string;
  /** How many processes share the load. */
  readonly pods: number;
  /** Name of a Secret with HIPAA_CHECK_SMTP_USER and HIPAA_CHECK_SMTP_PASSWORD. */
  readonly credentials?: string;
  /** `deployed`: one is exported. `none`: only submit and accept are measured. Else the control address of one that is there. */
  readonly sink: string;
}

export interface ExportOptions extends KubernetesLoad {
  readonly sessionsPerPod: number;
}

/** @throws LoadTestError for what pods cannot do */
function requireShareable({ plan, pods, sink }: KubernetesLoad): void {
  const { profile, sessions } = plan;
  if (!Number.isInteger(pods) || pods < 1 || pods > 500)
    throw usage("bad-pods", `--pods ${pods}: give a whole number from 1 to 500`);
  if (pods > sessions)
    throw usage(
      "bad-pods",
      `--pods ${pods}: the profile has ${sessions} connections, and each pod needs one: lower --pods, or raise sessions in a profile of your own`,
    );
  if (profile.faults?.some(({ kind }) => kind === "mta-restart"))
    throw usage(
      "not-exportable",
      `the profile ${profile.id} kills the mail server, which pods cannot do: run it with loadtest run, or take its faults of kind mta-restart out in a profile of your own`,
    );
  const needsSink = (profile.faults?.length ?? 0) > 0 || profile.sinkLimit !== undefined;
  if (needsSink && sink === "none")
    throw usage("not-exportable", `the profile ${profile.id} has the sink misbehave: it needs one`);
}

/** What `scripts/smtp.js` reads in a pod. There is no password in it. */
function podPlan(options: ExportOptions): Record<string, Json> {
  const { plan, target, targetName, addresses, sessionsPerPod, credentials, sink } = options;
  const path: SendPath = {
    name: targetName,
    target,
    environment: {},
    ...(sink === "none" ? {} : { sink: { control: sink === "deployed" ? sinkControl(options) : sink } }),
  };
  const limit = plan.profile.sinkLimit;
  const faults = sinkFaults(plan);
  const misbehaves = faults.length > 0 || limit !== undefined;
  const sinkPlan = {
    limits: limit === undefined ? [] : [{ ...limit }],
    faults: faults.map((fault) => ({ ...fault })),
  };
  return {
    ...k6Plan({ ...plan, sessions: sessionsPerPod }, path, addresses),
    authenticates: credentials !== undefined,
    load: { plan: recordPlan(plan) as unknown as Json, target: { kind: "smtp", name: targetName } },
    ...(misbehaves ? { sinkPlan } : {}),
  };
}

const notBuilt = /_test\.go$|^(testdata|examples|bench)\//;

/** The sources of the image: the Go module without its tests. */
function imageFiles(): Map<string, string> {
  const folder = extensionFolder();
  const files = readdirSync(folder, { recursive: true, withFileTypes: true })
    .filter((entry) => entry.isFile())
    .map((entry) =>
      join(entry.parentPath, entry.name).slice(folder.length).replaceAll("\\", "/").replace(/^\//, ""),
    )
    .filter((file) => /(\.go|\/?go\.(mod|sum)|^Dockerfile)$/.test(file) && !notBuilt.test(file))
    .sort();
  return new Map(files.map((file) => [`image/${file}`, readFileSync(join(folder, file), "utf8")]));
}

function yaml(manifests: readonly object[]): string {
  return manifests
    .map((manifest) => stringify(manifest, { aliasDuplicateObjects: false, lineWidth: 0 }))
    .join("---\n");
}

/**
 * A load for the k6-operator, as files by their paths in a folder.
 * @returns the files, and what to do with them in words
 * @throws LoadTestError for what pods cannot do, and names that Kubernetes refuses
 */
export function exportKubernetes(load: KubernetesLoad): {
  readonly files: ReadonlyMap<string, string>;
  readonly guide: string;
} {
  requireNames(load);
  requireShareable(load);
  const { plan, image, pods, credentials, sink } = load;
  const options: ExportOptions = { ...load, sessionsPerPod: Math.floor(plan.sessions / pods) };
  const names: Names = { name: load.name, namespace: load.namespace };
  const script = readFileSync(join(scriptFolder(), "smtp.js"), "utf8");
  // Pods start, wait for each other, and pull an image first.
  const longestSeconds = Math.ceil((plan.warmupMs + plan.durationMs + plan.drainMs) / 1000) + 300;
  const guide = exportGuide(options, longestSeconds);
  const run = testRun({
    ...names,
    image,
    pods,
    users: plan.scenarios.reduce((sum, scenario) => sum + scenario.users, 0),
    ...(sink === "none" ? {} : { sinkToken: sink === "deployed" ? "required" : "optional" }),
    ...(credentials === undefined ? {} : { credentials }),
  });
  const files = new Map([
    ["README.md", `# ${load.name}: profile ${plan.profile.id} against ${load.targetName}\n\n${guide}`],
    ["script.yaml", yaml([scriptConfigMap(names, script, podPlan(options))])],
    ...(sink === "deployed" ? ([["sink.yaml", yaml(sinkManifests(names, image))]] as const) : []),
    ["test-run.yaml", yaml([run])],
    ["collect.sh", collectScript({ ...names, pods, hasSink: sink === "deployed" })],
    ...imageFiles(),
  ]);
  return { files, guide };
}
