import type { Declaration } from "../files/declarations.ts";
import { locationOf, type Place } from "../files/source-file.ts";
import { originAt, relocated, type TerraformValue, unknownValue } from "../language/value.ts";
import type { Module, Resource } from "../resource.ts";
import { calledFolder, fromCall } from "./call.ts";
import { EvaluatedModule } from "./module.ts";

/** Modules that call each other deeper than this are not followed. */
const maximumDepth = 16;

/** The `module` blocks of a module, and the modules that they call where those are in view. */
export class ModuleCalls {
  private readonly module: EvaluatedModule;
  private readonly children = new Map<string, EvaluatedModule | undefined>();

  constructor(module: EvaluatedModule) {
    this.module = module;
  }

  get all(): readonly Declaration[] {
    return [...this.module.declarations.modules.values()];
  }

  get summary(): Module["moduleCalls"] {
    return this.all.map((call) => ({
      name: call.address,
      location: locationOf(call.header),
      folder: this.child(call)?.folder,
    }));
  }

  child(call: Declaration): EvaluatedModule | undefined {
    if (!this.children.has(call.address)) this.children.set(call.address, this.load(call));
    return this.children.get(call.address);
  }

  private load(call: Declaration): EvaluatedModule | undefined {
    const { loader, folder, ancestors, prefix } = this.module;
    const called = calledFolder(call, folder);
    const isLoop = called === folder || ancestors.includes(called ?? "") || ancestors.length >= maximumDepth;
    if (called === undefined || isLoop || !loader.isModule(called)) return undefined;
    return new EvaluatedModule(loader, {
      folder: called,
      prefix: `${prefix}module.${call.address}.`,
      sources: fromCall(this.module, call),
      callers: [],
      ancestors: [...ancestors, folder],
    });
  }

  output(name: string, output: string | undefined, place: Place): TerraformValue {
    const call = this.module.declarations.modules.get(name);
    if (call === undefined)
      return unknownValue(`module.${name} is not declared in this module`, originAt(place));
    const what = output === undefined ? `module.${name}` : `module.${name}.${output}`;
    const step = { place: call.header, text: `module.${name} is called here` };
    const unseen = (reason: string): TerraformValue => ({
      ...unknownValue(reason, { place, chain: [step], isSensitive: false }),
      symbol: what,
    });
    const child = this.child(call);
    if (output === undefined || child === undefined)
      return unseen(`${what} comes from a module that is not in view`);
    const found = child.output(output);
    if (found === undefined) return unseen(`module.${name} declares no output "${output}"`);
    this.module.tracker.noteAll(found.addresses);
    const { value } = found;
    const at = child.declarations.outputs.get(output)?.header ?? call.header;
    const chain = [{ place: at, text: what }, ...value.chain];
    return relocated(value, { place, chain, isSensitive: value.isSensitive });
  }

  find(address: string): Resource | undefined {
    for (const call of this.all) {
      const isInside = address.startsWith(`${this.module.prefix}module.${call.address}.`);
      if (isInside) return this.child(call)?.find(address);
    }
    return undefined;
  }
}
