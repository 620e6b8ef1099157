import type { Unknown, Value } from "#base/value.ts";

/** Whether what made a value unknown is the resource at the address, or an instance of it. */
export function comesFrom(value: Unknown<unknown>, address: string): boolean {
  return names(value.reason, address) || value.chain.some((step) => names(step.text, address));
}

/** Whether a text names an address by itself, not as a part of a longer one. */
function names(text: string, address: string): boolean {
  for (let at = text.indexOf(address); at !== -1; at = text.indexOf(address, at + 1)) {
    const isStart = at === 0 || !/[\w.:-]/.test(text.charAt(at - 1));
    if (isStart && !/[\w-]/.test(text.charAt(at + address.length))) return true;
  }
  return false;
}

const identifiers =
  /\.(?:arn|id|account_id|unique_id|key_id) is (?:known only after apply|read when Terraform runs)$/;

/** Whether a text is, or contains, the ARN or id of one thing, which the provider fills in: never a pattern. */
export function isIdentifier(value: Value<unknown>): boolean {
  return value.state === "unknown" && value.alternatives === undefined && identifiers.test(value.reason);
}
