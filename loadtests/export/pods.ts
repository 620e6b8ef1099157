import type {
  PodSecurityContext,
  ResourceRequirements,
  SecurityContext,
  Volume,
  VolumeMount,
} from "kubernetes-types/core/v1.js";

/** Who the image's processes are. */
const user = 12345;

/** A pod that could do nothing to its node. */
export const podSecurity: PodSecurityContext = {
  runAsNonRoot: true,
  runAsUser: user,
  runAsGroup: user,
  fsGroup: user,
  seccompProfile: { type: "RuntimeDefault" },
};

export const containerSecurity: SecurityContext = {
  allowPrivilegeEscalation: false,
  readOnlyRootFilesystem: true,
  capabilities: { drop: ["ALL"] },
};

/**
 * As much as is asked for is what there is: k6 then knows how many processors it has, and the gate on a busy generator holds
 * against them and not against those of the node.
 */
export function resources(processors: number, memory: string): ResourceRequirements {
  const amount = { cpu: String(processors), memory };
  return { requests: amount, limits: { ...amount } };
}

/** The only place that can be written to. */
export const scratch = {
  volume: { name: "scratch", emptyDir: {} } satisfies Volume,
  mount: { name: "scratch", mountPath: "/tmp" } satisfies VolumeMount,
};
