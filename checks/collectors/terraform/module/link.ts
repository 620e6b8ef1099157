import { isEqual } from "../language/conversion.ts";
import type { TerraformValue, Unknown } from "../language/value.ts";

/** Whether an argument names a resource: it does, it does not, or that cannot be told. */
export type Link = "yes" | "no" | "open";

export interface LinkTarget {
  readonly address: string;
  readonly type: string;
  /** The value of the target's own argument that is its name. */
  readonly name: TerraformValue | undefined;
}

export function linkOf(value: TerraformValue | undefined, target: LinkTarget): Link {
  if (value === undefined) return "no";
  if (value.kind !== "unknown") {
    return target.name !== undefined && isNamed(value) && isEqual(value, target.name) === true ? "yes" : "no";
  }
  if (value.alternatives !== undefined) return linkOfEither(value.alternatives, target);
  if (value.symbol !== undefined && target.name?.kind === "unknown" && target.name.symbol === value.symbol)
    return "yes";
  return linkOfUnknown(value, target);
}

function isNamed(value: TerraformValue): boolean {
  return value.kind === "scalar" && value.value !== null && value.value !== "";
}

/** A condition that chooses between the target and nothing names the target. */
function linkOfEither(alternatives: readonly TerraformValue[], target: LinkTarget): Link {
  const named = alternatives.filter((alternative) => alternative.kind === "unknown" || isNamed(alternative));
  const links = new Set(named.map((alternative) => linkOf(alternative, target)));
  const [only] = links;
  if (only === undefined) return "no";
  return links.size === 1 ? only : "open";
}

function linkOfUnknown({ causes, symbol }: Unknown, target: LinkTarget): Link {
  if (causes.length === 0) return "open";
  const same = causes.filter((cause) => typeOfAddress(cause) === target.type);
  if (same.length > 1) return same.includes(target.address) ? "open" : "no";
  if (same.length === 1) return same[0] === target.address ? "yes" : "no";
  // It is made of something else, such as a random suffix: another text of the same making is another name.
  const others = target.name?.kind === "unknown" ? target.name.symbol : undefined;
  return symbol !== undefined && (others !== undefined || target.name?.kind === "scalar") ? "no" : "open";
}

function typeOfAddress(address: string): string {
  return address.replace(/^data\./, "").split(".")[0] ?? "";
}
