import { isEqual } from "../language/conversion.ts";
import type { TerraformValue, Unknown } from "../language/value.ts";
import type { ResourceInstance } from "./resource-instance.ts";

/** Whether an argument names a resource: it does, it does not, or that cannot be told. */
type Link = "yes" | "no" | "open";

export interface LinkTarget {
  readonly address: string;
  readonly type: string;
  /** The value of the target's own argument that is its name; undefined where nobody writes it. */
  readonly name: TerraformValue | undefined;
}

export interface Linked {
  readonly pointing: readonly ResourceInstance[];
  /** Those of which it cannot be told. */
  readonly open: readonly ResourceInstance[];
}

/** Resources of one type by what one of their arguments says, so that a target's are found without asking each. */
export class LinkIndex {
  private readonly order = new Map<ResourceInstance, number>();
  private readonly values = new Map<ResourceInstance, TerraformValue>();
  /** By the text itself, the address or the symbol of what the argument says. */
  private readonly byWord = new Map<string, ResourceInstance[]>();
  /** Those that may belong to any target. */
  private readonly others: ResourceInstance[] = [];

  constructor(helpers: readonly ResourceInstance[], argument: string) {
    for (const helper of helpers) {
      const value = helper.body.value(argument);
      if (value === undefined) continue;
      this.order.set(helper, this.order.size);
      this.values.set(helper, value);
      const words = wordsOf(value);
      if (words === undefined) this.others.push(helper);
      for (const word of words ?? []) {
        const found = this.byWord.get(word);
        if (found === undefined) this.byWord.set(word, [helper]);
        else found.push(helper);
      }
    }
  }

  of(target: LinkTarget): Linked {
    const pointing: ResourceInstance[] = [];
    const open: ResourceInstance[] = [];
    for (const helper of this.candidates(target)) {
      const link = linkOf(this.values.get(helper), target);
      if (link === "yes") pointing.push(helper);
      if (link === "open") open.push(helper);
    }
    return { pointing, open };
  }

  private candidates(target: LinkTarget): readonly ResourceInstance[] {
    const { address, name } = target;
    if (name?.kind === "unknown" && name.symbol === undefined) return [...this.order.keys()];
    const words = [address, ...((name && wordsOf(name)) ?? [])];
    const found = new Set([...this.others, ...words.flatMap((word) => this.byWord.get(word) ?? [])]);
    return [...found].sort((a, b) => (this.order.get(a) ?? 0) - (this.order.get(b) ?? 0));
  }
}

/** The words by which a value can be found: none other can be a target of it. Undefined where there are no such words. */
function wordsOf(value: TerraformValue): readonly string[] | undefined {
  if (value.kind === "scalar") return isNamed(value) ? [`=${String(value.value)}`] : [];
  if (value.kind !== "unknown" || value.alternatives !== undefined) return undefined;
  const { symbol, causes, through } = value;
  if (through !== undefined) return [...through, ...causes, ...(symbol === undefined ? [] : [`$${symbol}`])];
  return symbol === undefined || causes.length === 0 ? undefined : [...causes, `$${symbol}`];
}

function linkOf(value: TerraformValue | undefined, target: LinkTarget): Link {
  if (value === undefined) return "no";
  if (value.kind !== "unknown") {
    return target.name !== undefined && isNamed(value) && isEqual(value, target.name) === true ? "yes" : "no";
  }
  if (value.alternatives !== undefined) return linkOfEither(value.alternatives, target);
  const { name } = target;
  if (value.symbol !== undefined && name?.kind === "unknown" && name.symbol === value.symbol) return "yes";
  const through = value.through?.filter((at) => typeOfAddress(at) === target.type) ?? [];
  if (through.length > 0) return through.includes(target.address) ? "yes" : "no";
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

function linkOfUnknown({ causes, symbol }: Unknown, { address, type, name }: LinkTarget): Link {
  if (causes.length === 0) return "open";
  if (causes.includes(address)) {
    return causes.every((cause) => cause === address || typeOfAddress(cause) !== type) ? "yes" : "open";
  }
  if (causes.some((cause) => typeOfAddress(cause) === type)) return "no";
  // It is made of something else, such as a random suffix: another text of the same making is another name.
  const isOther = name === undefined || name.kind !== "unknown" || name.symbol !== undefined;
  return symbol !== undefined && isOther ? "no" : "open";
}

/** `aws_s3_bucket` of `module.a.data.aws_s3_bucket.b[0]`. */
function typeOfAddress(address: string): string {
  return /([^.:[\]]+)\.[^.[\]]+(?:\[[^\]]*\])?$/.exec(address)?.[1] ?? "";
}
