import { type Names, sinkName, sinkPorts } from "./names.ts";

export interface Collecting extends Names {
  readonly pods: number;
  /** Whether a sink was exported, whose report belongs to the results. */
  readonly hasSink: boolean;
}

function sinkPart({ name, namespace }: Names): string {
  const sink = sinkName({ name, namespace });
  return `
# The token goes to curl by standard input: what stands on a command line is seen by everybody on the machine.
port=\${COLLECT_PORT:-18025}
kubectl --namespace ${namespace} port-forward service/${sink} "$port:${sinkPorts.control}" >/dev/null &
forward=$!
trap 'kill "$forward" 2>/dev/null || true' EXIT
token=$(kubectl --namespace ${namespace} get secret ${sink} -o 'go-template={{.data.SMTP_SINK_TOKEN | base64decode}}')
printf 'header = "Authorization: Bearer %s"\\n' "$token" |
  curl --silent --show-error --fail --retry 20 --retry-delay 1 --retry-connrefused --max-time 60 \\
    --config - --output results/sink.json "http://127.0.0.1:$port/report"
`;
}

/** A shell script that brings what the pods left into the folder \`results\`. */
export function collectScript(collecting: Collecting): string {
  const { name, namespace, pods, hasSink } = collecting;
  return `#!/bin/sh
# Brings what the pods of ${name} left into results/, for: hipaa-check loadtest merge results
set -eu
cd "$(dirname "$0")"
mkdir -p results
pod=1
while [ "$pod" -le ${pods} ]; do
  kubectl --namespace ${namespace} logs --tail=-1 "job/${name}-$pod" >"results/segment-$pod.log"
  pod=$((pod + 1))
done
${hasSink ? sinkPart(collecting) : ""}`;
}
