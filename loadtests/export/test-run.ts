import type { ConfigMap, Container, EnvFromSource, PodSpec } from "kubernetes-types/core/v1.js";
import type { ObjectMeta } from "kubernetes-types/meta/v1.js";
import type { Json } from "#base/value.ts";
import { memoryFor } from "../figures/reckon.ts";
import { labels, type Names, scriptName, sinkName } from "./names.ts";
import { containerSecurity, podSecurity, resources, scratch } from "./pods.ts";

/** A pod as the operator takes it: parts of Kubernetes' own pod and container. */
interface TestRunPod
  extends Pick<Container, "image" | "env" | "envFrom" | "resources" | "volumeMounts">,
    Pick<PodSpec, "securityContext" | "volumes"> {
  readonly automountServiceAccountToken: "false";
  readonly containerSecurityContext: Container["securityContext"];
}

interface TestRun {
  readonly apiVersion: "k6.io/v1alpha1";
  readonly kind: "TestRun";
  readonly metadata: ObjectMeta;
  readonly spec: {
    readonly parallelism: number;
    readonly script: { readonly configMap: { readonly name: string; readonly file: string } };
    readonly initializer: TestRunPod;
    readonly runner: TestRunPod;
  };
}

export interface TestRunOptions extends Names {
  readonly image: string;
  /** How many processes share the load. */
  readonly pods: number;
  /** Virtual users of the whole load. */
  readonly users: number;
  /** Secret with HIPAA_CHECK_SMTP_USER and HIPAA_CHECK_SMTP_PASSWORD. */
  readonly credentials?: string;
  /** Whether the pods talk to a sink whose token has to be, or may be, in a Secret. */
  readonly sinkToken?: "required" | "optional";
}

/** It only looks at the script. */
const initializerMegabytes = 512;
const scriptFile = "smtp.js";
/** Where the operator puts the ConfigMap of a script. */
const planVariable = { name: "HIPAA_CHECK_PLAN", value: "/test/plan.json" };

function pod(image: string, megabytes: number): TestRunPod {
  return {
    image,
    automountServiceAccountToken: "false",
    env: [{ ...planVariable }],
    resources: resources(1, `${megabytes}Mi`),
    securityContext: { ...podSecurity },
    containerSecurityContext: { ...containerSecurity },
    volumes: [{ ...scratch.volume }],
    volumeMounts: [{ ...scratch.mount }],
  };
}

/**
 * The k6-operator's TestRun: it starts a Job for each segment of the load, `k6 run --execution-segment=…` of the script that the
 * ConfigMap holds. Secrets come by `envFrom`, which the operator keeps out of command lines; its initializer gets none.
 */
export function testRun(options: TestRunOptions): TestRun {
  const { image, pods, users, credentials, sinkToken, name, namespace } = options;
  const secrets: EnvFromSource[] = [
    ...(credentials === undefined ? [] : [{ secretRef: { name: credentials } }]),
    ...(sinkToken === undefined
      ? []
      : [
          { secretRef: { name: sinkName(options), ...(sinkToken === "optional" ? { optional: true } : {}) } },
        ]),
  ];
  return {
    apiVersion: "k6.io/v1alpha1",
    kind: "TestRun",
    metadata: { name, namespace, labels: labels(options) },
    spec: {
      parallelism: pods,
      script: { configMap: { name: scriptName(options), file: scriptFile } },
      initializer: pod(image, initializerMegabytes),
      runner: {
        ...pod(image, memoryFor(Math.ceil(users / pods))),
        ...(secrets.length === 0 ? {} : { envFrom: secrets }),
      },
    },
  };
}

/** The script and its plan, side by side as the operator mounts them. */
export function scriptConfigMap(names: Names, script: string, plan: Json): ConfigMap {
  return {
    apiVersion: "v1",
    kind: "ConfigMap",
    metadata: { name: scriptName(names), namespace: names.namespace, labels: labels(names) },
    data: { [scriptFile]: script, "plan.json": `${JSON.stringify(plan)}\n` },
  };
}
