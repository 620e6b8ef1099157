import { usage } from "../error.ts";

/** What the objects of one exported load are called, and where they live. */
export interface Names {
  /** Of the TestRun; the others begin with it. */
  readonly name: string;
  readonly namespace: string;
}

const label = /^[a-z]([a-z0-9-]*[a-z0-9])?$/;
/** The operator adds to the name of a TestRun, and a label has 63 characters. */
const longestName = 40;

/** @throws LoadTestError where Kubernetes would refuse a name */
export function requireNames({ name, namespace }: Names): void {
  for (const [flag, value, longest] of [
    ["--name", name, longestName],
    ["--namespace", namespace, 63],
  ] as const) {
    if (label.test(value) && value.length <= longest) continue;
    throw usage(
      "bad-name",
      `${flag} ${value}: a name has small letters, digits and hyphens, begins with a letter and has at most ${longest} characters`,
    );
  }
}

export function scriptName({ name }: Names): string {
  return `${name}-script`;
}

/** Of everything that belongs to the sink: Deployment, Service, ConfigMap, Secret, NetworkPolicy. */
export function sinkName({ name }: Names): string {
  return `${name}-sink`;
}

export const sinkPorts = { smtp: 2525, control: 8025 } as const;

/** Where a pod reaches the control interface of the sink that is exported. */
export function sinkControl(names: Names): string {
  return `http://${sinkName(names)}.${names.namespace}.svc:${sinkPorts.control}`;
}

export function labels(names: Names): Record<string, string> {
  return { "app.kubernetes.io/name": "hipaa-check-load", "app.kubernetes.io/instance": names.name };
}
