import type { Unknown, Value } from "#base/value.ts";

/** Whether what made a value unknown is the resource at the address, or an instance of it. */
export function comesFrom(value: Unknown<unknown>, address: string): boolean {
  const pattern = new RegExp(`(?<![\\w.:-])${escapePattern(address)}(?![\\w-])`);
  return pattern.test(value.reason) || value.chain.some((step) => pattern.test(step.text));
}

function escapePattern(text: string): string {
  return text.replace(/[.*+?^${}()|[\]\\]/g, "\\$&");
}

const identifiers =
  /\.(?:arn|id|account_id|unique_id|key_id) is (?:known only after apply|read when Terraform runs)$/;

/** Whether a text is, or contains, the ARN or id of one thing, which the provider fills in: never a pattern. */
export function isIdentifier(value: Value<unknown>): boolean {
  return value.state === "unknown" && value.alternatives === undefined && identifiers.test(value.reason);
}
