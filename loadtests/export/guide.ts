import type { ExportOptions } from "./export.ts";
import { sinkName, sinkPorts } from "./names.ts";

/** What to do with the files, step by step. */
export function exportGuide(options: ExportOptions, longestSeconds: number): string {
  const { name, namespace, image, pods, credentials, sink, target } = options;
  const kubectl = `kubectl --namespace ${namespace}`;
  const steps: [string, ...string[]][] = [
    [
      "Build the image, and push it where the cluster pulls from. k6 is AGPL-3.0, so the image is too.",
      `docker build -t ${image} image`,
      `docker push ${image}`,
    ],
  ];
  if (credentials !== undefined)
    steps.push([
      "Put the credentials of the target into a Secret; the files hold none.",
      `${kubectl} create secret generic ${credentials} --from-env-file=credentials.env`,
      "# credentials.env: HIPAA_CHECK_SMTP_USER=… and HIPAA_CHECK_SMTP_PASSWORD=…",
    ]);
  if (sink === "deployed")
    steps.push(
      [
        "Start the sink. Its token is what the pods show to its control interface.",
        `openssl rand -hex 24 | tr -d '\\n' | ${kubectl} create secret generic ${sinkName(options)} --from-file=SMTP_SINK_TOKEN=/dev/stdin`,
        `${kubectl} apply -f sink.yaml`,
        `${kubectl} rollout status deployment/${sinkName(options)}`,
      ],
      [
        `Let ${target.host} deliver to ${sinkName(options)}.${namespace}.svc, port 25, and nowhere else: a load test that leaves the cluster is mail.`,
      ],
    );
  else if (sink !== "none")
    steps.push([
      "Give the pods the token of the sink, where it asks for one.",
      `${kubectl} create secret generic ${sinkName(options)} --from-file=SMTP_SINK_TOKEN=token`,
    ]);
  steps.push(
    [
      "Run the load. The k6-operator (1.6 or newer) starts the pods at one time.",
      `${kubectl} apply -f script.yaml -f test-run.yaml`,
      `${kubectl} wait --for=jsonpath='{.status.stage}'=finished testrun/${name} --timeout=${longestSeconds}s`,
    ],
    [
      "Collect what the pods left, and judge the whole.",
      "sh collect.sh",
      ...(sink !== "deployed" && sink !== "none"
        ? [`# and the report of the sink: GET ${sink}/report into results/sink.json`]
        : []),
      "hipaa-check loadtest merge results",
    ],
    [
      "Remove everything.",
      `${kubectl} delete -f test-run.yaml -f script.yaml${sink === "deployed" ? " -f sink.yaml" : ""}`,
    ],
  );
  const numbered = steps.map(([words, ...commands], index) =>
    [
      `${index + 1}. ${words}`,
      ...(commands.length === 0 ? [] : ["", ...commands.map((line) => `       ${line}`)]),
    ].join("\n"),
  );
  const head = `${pods} pods share the load ${name}; each is a segment of k6's and has ${options.sessionsPerPod} connections at most.`;
  const ports =
    sink === "deployed"
      ? ` The sink takes mail on port 25 and control requests on ${sinkPorts.control}.`
      : "";
  return `${head}${ports}\n\n${numbered.join("\n\n")}\n`;
}
