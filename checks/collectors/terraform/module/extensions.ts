import { type Unknown, unknown } from "#base/value.ts";
import type { Declaration } from "../files/declarations.ts";
import { locationOf } from "../files/source-file.ts";
import type { Resource } from "../resource.ts";
import type { EvaluatedModule } from "./module.ts";
import type { ModuleCalls } from "./module-calls.ts";
import { mayDeclare, mayReach } from "./output-use.ts";

/** A `module` block elsewhere that calls a module. */
export interface Caller {
  readonly module: EvaluatedModule;
  readonly call: Declaration;
}

/** Callers, unless they are too many to be evaluated. */
export type Callers = readonly Caller[] | "too many";

/** Arguments of a `module` block that are no inputs of the module. */
const metaArguments: ReadonlySet<string> = new Set([
  "source",
  "version",
  "providers",
  "count",
  "for_each",
  "depends_on",
]);

/**
 * Finds out whether resources outside a module may add something to one inside it: a module that is given it, or a
 * caller that gets it by an output.
 */
export class Extensions {
  private readonly module: EvaluatedModule;
  private readonly calls: ModuleCalls;
  private readonly callers: Callers;
  private taken: ReadonlyMap<Declaration, ReadonlySet<string>> | undefined;
  private handedOut: ReadonlyMap<string, ReadonlySet<string>> | undefined;

  constructor(module: EvaluatedModule, calls: ModuleCalls, callers: Callers) {
    this.module = module;
    this.calls = calls;
    this.callers = callers;
  }

  /** Why a resource of `type` that is not declared here may point at `target`; undefined where none can. */
  of(target: Resource, type: string): Unknown | undefined {
    for (const [call, addresses] of this.takenAddresses()) {
      if (!names(addresses, target) || !mayDeclare(this.calls.child(call), type)) continue;
      const reason = `module.${call.address} is given ${target.address} and may declare a resource ${type} for it`;
      return unknown(reason, locationOf(call.header));
    }
    for (const [output, addresses] of this.handedOutAddresses()) {
      if (!names(addresses, target)) continue;
      const reason = `a caller gets ${target.address} by the output "${output}" and may declare a resource ${type} for it`;
      if (this.callers === "too many") return unknown(reason, target.body.location);
      const caller = this.callers.find(({ module, call }) => mayReach(module, call, output, type));
      if (caller !== undefined) return unknown(reason, locationOf(caller.call.header));
    }
    return undefined;
  }

  /** A resource of a caller, whose attributes may come in by a variable. */
  find(address: string): Resource | undefined {
    if (this.callers === "too many") return undefined;
    const caller = this.callers.find(
      ({ module }) => module.prefix !== "" && address.startsWith(module.prefix),
    );
    return caller?.module.find(address);
  }

  private takenAddresses(): ReadonlyMap<Declaration, ReadonlySet<string>> {
    this.taken ??= new Map(this.calls.all.map((call) => [call, this.module.leadsTo(call, metaArguments)]));
    return this.taken;
  }

  private handedOutAddresses(): ReadonlyMap<string, ReadonlySet<string>> {
    if (this.callers.length === 0) return nothing;
    this.handedOut ??= new Map(
      [...this.module.declarations.outputs.keys()].map((name) => [
        name,
        new Set(this.module.output(name)?.addresses ?? []),
      ]),
    );
    return this.handedOut;
  }
}

const nothing: ReadonlyMap<string, ReadonlySet<string>> = new Map();

/** An instance is named by its own address and by that of its block. */
function names(addresses: ReadonlySet<string>, { address }: Resource): boolean {
  return addresses.has(address) || addresses.has(address.replace(/\[[^\]]*\]$/, ""));
}
