import type { Deployment } from "kubernetes-types/apps/v1.js";
import type { ConfigMap, Service } from "kubernetes-types/core/v1.js";
import type { NetworkPolicy } from "kubernetes-types/networking/v1.js";
import { sinkTokenVariable } from "../sink/sink.ts";
import { labels, type Names, sinkName, sinkPorts } from "./names.ts";
import { containerSecurity, podSecurity, resources, scratch } from "./pods.ts";

const configFolder = "/etc/smtp-sink";

/** The server that the send path delivers to, and that every pod asks what arrived: one for all of them. */
export function sinkManifests(
  names: Names,
  image: string,
): readonly [ConfigMap, Deployment, Service, NetworkPolicy] {
  const name = sinkName(names);
  const { namespace } = names;
  const selector = { ...labels(names), "app.kubernetes.io/component": "sink" };
  const metadata = { name, namespace, labels: selector };
  const config = { listen: `:${sinkPorts.smtp}`, tls: "starttls" };
  return [
    {
      apiVersion: "v1",
      kind: "ConfigMap",
      metadata: { ...metadata },
      data: { "sink.json": `${JSON.stringify(config)}\n` },
    },
    {
      apiVersion: "apps/v1",
      kind: "Deployment",
      metadata: { ...metadata },
      spec: {
        replicas: 1,
        strategy: { type: "Recreate" },
        selector: { matchLabels: selector },
        template: {
          metadata: { labels: selector },
          spec: {
            automountServiceAccountToken: false,
            securityContext: { ...podSecurity },
            containers: [
              {
                name: "sink",
                image,
                command: ["k6"],
                args: [
                  ...["x", "smtp-sink"],
                  ...["--config", `${configFolder}/sink.json`],
                  ...["--control", `:${sinkPorts.control}`],
                ],
                env: [
                  {
                    name: sinkTokenVariable,
                    valueFrom: { secretKeyRef: { name, key: sinkTokenVariable } },
                  },
                ],
                ports: [
                  { name: "smtp", containerPort: sinkPorts.smtp },
                  { name: "control", containerPort: sinkPorts.control },
                ],
                readinessProbe: { tcpSocket: { port: "smtp" }, periodSeconds: 1 },
                resources: resources(1, "512Mi"),
                securityContext: { ...containerSecurity },
                volumeMounts: [
                  { name: "config", mountPath: configFolder, readOnly: true },
                  { ...scratch.mount },
                ],
              },
            ],
            volumes: [{ name: "config", configMap: { name } }, { ...scratch.volume }],
          },
        },
      },
    },
    {
      apiVersion: "v1",
      kind: "Service",
      metadata: { ...metadata },
      spec: {
        selector,
        ports: [
          { name: "smtp", port: 25, targetPort: "smtp" },
          { name: "control", port: sinkPorts.control, targetPort: "control" },
        ],
      },
    },
    {
      apiVersion: "networking.k8s.io/v1",
      kind: "NetworkPolicy",
      metadata: { ...metadata },
      spec: {
        podSelector: { matchLabels: selector },
        policyTypes: ["Ingress"],
        ingress: [
          { ports: [{ port: "smtp" }] },
          {
            // Labels that the operator gives to the pods of a TestRun.
            from: [{ podSelector: { matchLabels: { app: "k6", k6_cr: names.name } } }],
            ports: [{ port: "control" }],
          },
        ],
      },
    },
  ];
}
