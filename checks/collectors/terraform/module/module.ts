import type { Diagnostic } from "#base/diagnostic.ts";
import type { Location } from "#base/location.ts";
import { type Unknown, unknown } from "#base/value.ts";
import type { CollectHost } from "#facts/collector.ts";
import type { Declaration, Declarations } from "../files/declarations.ts";
import { locationOf, type Place } from "../files/source-file.ts";
import { evaluate } from "../language/evaluate.ts";
import type { References, ResourceExpansion } from "../language/scope.ts";
import { originAt, relocated, type TerraformValue, unknownValue } from "../language/value.ts";
import type { Module, Resource } from "../resource.ts";
import { type VariableSources, variableValue } from "../variables/variable.ts";
import { type Expanded, expand } from "./expansion.ts";
import { linkOf } from "./link.ts";
import { OpenQuestions } from "./open-questions.ts";
import { ReferenceTracker } from "./reference-tracker.ts";
import type { ResourceInstance } from "./resource-instance.ts";

/** Beyond this many names that lead to each other, nothing is followed. */
const maximumDepth = 200;

/** A module whose values are worked out when somebody asks for them. */
export class EvaluatedModule implements Module, References {
  readonly folder: string;
  /** What was found out on the way; complete only when nothing more is asked. */
  readonly diagnostics: Diagnostic[] = [];
  readonly tracker = new ReferenceTracker();
  readonly questions = new OpenQuestions();
  private readonly declarations: Declarations;
  private readonly variables: VariableSources;
  private readonly host: CollectHost;
  private readonly variableValues = new Map<string, TerraformValue>();
  private readonly localValues = new Map<string, { value: TerraformValue; addresses: readonly string[] }>();
  private readonly expansions = new Map<string, Expanded>();
  private readonly underway: string[] = [];
  private allResources: readonly ResourceInstance[] | undefined;
  private byType: ReadonlyMap<string, readonly ResourceInstance[]> | undefined;
  private byAddress: ReadonlyMap<string, ResourceInstance> | undefined;

  constructor(folder: string, declarations: Declarations, variables: VariableSources, host: CollectHost) {
    this.folder = folder;
    this.declarations = declarations;
    this.variables = variables;
    this.host = host;
  }

  get resources(): readonly ResourceInstance[] {
    this.allResources ??= [...this.declarations.resources.values()]
      .filter((declaration) => declaration.type !== "ephemeral")
      .flatMap((declaration) => this.expanded(declaration).instances);
    return this.allResources;
  }

  ofType(type: string): readonly ResourceInstance[] {
    this.byType ??= Map.groupBy(
      this.resources.filter((resource) => resource.mode === "managed"),
      (resource) => resource.type,
    );
    return this.byType.get(type) ?? [];
  }

  find(address: string): Resource | undefined {
    this.byAddress ??= new Map(this.resources.map((resource) => [resource.address, resource]));
    const declaration = this.declarations.resources.get(address);
    return this.byAddress.get(address) ?? (declaration && this.expanded(declaration).instances[0]);
  }

  pointingAt(type: string, name: string, target: Resource, targetName: string): readonly Resource[] {
    return this.linked(type, name, target, targetName, "yes");
  }

  unlinked(type: string, name: string, target: Resource, targetName: string): readonly Resource[] {
    return this.linked(type, name, target, targetName, "open");
  }

  get incomplete(): Unknown | undefined {
    const { unread } = this.declarations;
    if (unread === undefined) return undefined;
    return unknown(`${unread.file} could not be read whole, so a resource may be missing`, unread);
  }

  get moduleCalls(): readonly { readonly name: string; readonly location: Location }[] {
    return [...this.declarations.modules.values()].map(({ address, header }) => ({
      name: address,
      location: locationOf(header),
    }));
  }

  private linked(
    type: string,
    name: string,
    target: Resource,
    targetName: string,
    wanted: "yes" | "open",
  ): readonly ResourceInstance[] {
    const helpers = this.ofType(type);
    if (helpers.length === 0) return helpers;
    const own = this.resources.find((resource) => resource === target)?.body.value(targetName);
    const { address, type: targetType } = target;
    return helpers.filter(
      (helper) => linkOf(helper.body.value(name), { address, type: targetType, name: own }) === wanted,
    );
  }

  variable(name: string, place: Place): TerraformValue {
    let value = this.variableValues.get(name);
    if (value === undefined) {
      const declaration = this.declarations.variables.get(name);
      value =
        declaration === undefined
          ? unknownValue(`var.${name} is not declared in this module`, originAt(place))
          : variableValue(declaration, this.variables, this.diagnostics);
      this.variableValues.set(name, value);
    }
    return relocated(value, { place, chain: value.chain, isSensitive: value.isSensitive });
  }

  local(name: string, place: Place): TerraformValue {
    const argument = this.declarations.locals.get(name);
    if (argument === undefined)
      return unknownValue(`local.${name} is not declared in this module`, originAt(place));
    let known = this.localValues.get(name);
    if (known === undefined) {
      const at = { source: argument.source, span: argument.nameSpan };
      known = this.tracker.track(() =>
        this.guarded(`local.${name}`, at, place, () =>
          evaluate(argument.expression, { source: argument.source, references: this }),
        ),
      );
      if (!this.underway.includes(`local.${name}`)) this.localValues.set(name, known);
    }
    this.tracker.noteAll(known.addresses);
    const { value } = known;
    const step = { place: { source: argument.source, span: argument.expression }, text: `local.${name}` };
    return relocated(value, { place, chain: [step, ...value.chain], isSensitive: value.isSensitive });
  }

  resource(address: string, _place: Place): ResourceExpansion | undefined {
    const declaration = this.declarations.resources.get(address);
    if (declaration === undefined || declaration.type === "ephemeral") this.tracker.note(address);
    if (declaration === undefined) return undefined;
    const { expansion } = this.expanded(declaration);
    if (expansion.kind === "unresolved") this.tracker.note(address);
    return expansion;
  }

  moduleOutput(call: string, output: string | undefined, place: Place): TerraformValue {
    const declaration = this.declarations.modules.get(call);
    if (declaration === undefined)
      return unknownValue(`module.${call} is not declared in this module`, originAt(place));
    const what = output === undefined ? `module.${call}` : `module.${call}.${output}`;
    const step = { place: declaration.header, text: `module.${call} is called here` };
    const origin = { place, chain: [step], isSensitive: false };
    return { ...unknownValue(`${what} comes from a module that is not followed`, origin), symbol: what };
  }

  readFile(path: string): string | undefined {
    const resolved = resolvePath(this.folder, path);
    return resolved === undefined ? undefined : this.host.read(resolved);
  }

  private expanded(declaration: Declaration): Expanded {
    let expanded = this.expansions.get(declaration.address);
    if (expanded === undefined) {
      expanded = expand(declaration, this, (what, place) => this.reportCycle([what], place));
      this.expansions.set(declaration.address, expanded);
    }
    return expanded;
  }

  /** Evaluates a named value, unless its own evaluation led here. */
  private guarded(name: string, at: Place, place: Place, evaluateIt: () => TerraformValue): TerraformValue {
    const start = this.underway.indexOf(name);
    if (start !== -1) {
      this.reportCycle(this.underway.slice(start), at);
      return unknownValue(`${name} refers to itself`, originAt(place));
    }
    if (this.underway.length >= maximumDepth) {
      return unknownValue(`more than ${maximumDepth} values lead to each other`, originAt(place));
    }
    this.underway.push(name);
    const value = evaluateIt();
    this.underway.pop();
    return value;
  }

  private reportCycle(names: readonly string[], at: Place): void {
    const [first = ""] = names;
    const way = [...names, first].join(" → ");
    this.diagnostics.push({
      level: "error",
      code: "terraform-cycle",
      message: `${first} refers to itself (${way}), which Terraform refuses. Give it a value that does not depend on it.`,
      location: locationOf(at),
    });
  }
}

/** A path of the configuration as a path of the run; undefined where it leads out of the tree. */
function resolvePath(folder: string, path: string): string | undefined {
  if (path.startsWith("/") || path.startsWith("~") || /^[A-Za-z]:/.test(path)) return undefined;
  const parts = folder === "." ? [] : folder.split("/");
  for (const part of path.split("/")) {
    if (part === "" || part === ".") continue;
    if (part !== "..") parts.push(part);
    else if (parts.length === 0 || parts.at(-1) === "..") return undefined;
    else parts.pop();
  }
  return parts.join("/");
}
