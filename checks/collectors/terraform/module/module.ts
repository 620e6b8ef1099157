import type { Diagnostic } from "#base/diagnostic.ts";
import { type Unknown, unknown } from "#base/value.ts";
import type { Declaration, Declarations } from "../files/declarations.ts";
import { locationOf, type Place } from "../files/source-file.ts";
import { evaluate } from "../language/evaluate.ts";
import type { References, ResourceExpansion } from "../language/scope.ts";
import { originAt, relocated, type TerraformValue, unknownValue } from "../language/value.ts";
import type { Module, Resource } from "../resource.ts";
import { type VariableSource, variableValue } from "../variables/variable.ts";
import { resolvePath } from "./call.ts";
import { eitherValue } from "./either.ts";
import { type Expanded, expand, expandOpen } from "./expansion.ts";
import { type Callers, Extensions } from "./extensions.ts";
import { type Linked, LinkIndex } from "./link.ts";
import type { ModuleLoader } from "./loader.ts";
import { ModuleCalls } from "./module-calls.ts";
import { OpenQuestions } from "./open-questions.ts";
import type { ReferenceTracker } from "./reference-tracker.ts";
import { ResourceInstance } from "./resource-instance.ts";

/** Beyond this many names that lead to each other, nothing is followed. */
const maximumDepth = 200;

interface Tracked {
  readonly value: TerraformValue;
  readonly addresses: readonly string[];
}

/** Where a module stands among others. */
export interface ModulePosition {
  readonly folder: string;
  /** What stands before the addresses of its resources: `module.a.`. */
  readonly prefix: string;
  readonly sources: readonly VariableSource[];
  readonly callers: Callers;
  /** Folders of the modules around it. */
  readonly ancestors: readonly string[];
}

/** A module whose values are worked out when somebody asks for them. */
export class EvaluatedModule implements Module, References {
  readonly folder: string;
  readonly prefix: string;
  readonly ancestors: readonly string[];
  readonly callers: Callers;
  readonly loader: ModuleLoader;
  readonly declarations: Declarations;
  /** What was found out on the way; complete only when nothing more is asked. */
  readonly diagnostics: Diagnostic[] = [];
  readonly questions = new OpenQuestions();
  private readonly sources: readonly VariableSource[];
  private readonly calls: ModuleCalls;
  private readonly extensions: Extensions;
  private readonly variableValues = new Map<string, Tracked>();
  private readonly localValues = new Map<string, Tracked>();
  private readonly expansions = new Map<string, Expanded>();
  private readonly expanding = new Set<string>();
  private readonly links = new Map<string, LinkIndex>();
  private allResources: readonly ResourceInstance[] | undefined;
  private byType: ReadonlyMap<string, readonly ResourceInstance[]> | undefined;
  private byAddress: ReadonlyMap<string, ResourceInstance> | undefined;

  constructor(loader: ModuleLoader, position: ModulePosition) {
    this.loader = loader;
    this.folder = position.folder;
    this.prefix = position.prefix;
    this.ancestors = position.ancestors;
    this.sources = position.sources;
    this.callers = position.callers;
    this.declarations = loader.declarations(position.folder);
    this.calls = new ModuleCalls(this);
    this.extensions = new Extensions(this, this.calls, position.callers);
  }

  get tracker(): ReferenceTracker {
    return this.loader.tracker;
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
    const own = this.byAddress.get(address) ?? this.firstInstance(address);
    return own ?? this.calls.find(address) ?? this.extensions.find(address);
  }

  private firstInstance(address: string): ResourceInstance | undefined {
    if (!address.startsWith(this.prefix)) return undefined;
    const declaration = this.declarations.resources.get(address.slice(this.prefix.length));
    return declaration && this.expanded(declaration).instances[0];
  }

  pointingAt(type: string, name: string, target: Resource, targetName: string): readonly Resource[] {
    return this.linked(type, name, target, targetName).pointing;
  }

  unlinked(type: string, name: string, target: Resource, targetName: string): readonly Resource[] {
    return this.linked(type, name, target, targetName).open;
  }

  private linked(type: string, name: string, target: Resource, targetName: string): Linked {
    const helpers = this.ofType(type);
    if (helpers.length === 0) return { pointing: [], open: [] };
    const key = `${type}.${name}`;
    const index = this.links.get(key) ?? new LinkIndex(helpers, name);
    this.links.set(key, index);
    const own = target instanceof ResourceInstance ? target.body.value(targetName) : undefined;
    return index.of({ address: target.address, type: target.type, name: own });
  }

  get incomplete(): Unknown | undefined {
    const { unread } = this.declarations;
    if (unread === undefined) return undefined;
    return unknown(`${unread.file} could not be read whole, so a resource may be missing`, unread);
  }

  mayBeExtended(target: Resource, type: string): Unknown | undefined {
    return this.extensions.of(target, type);
  }

  get moduleCalls(): Module["moduleCalls"] {
    return this.calls.summary;
  }

  variable(name: string, place: Place): TerraformValue {
    let known = this.variableValues.get(name);
    if (known === undefined) {
      known = this.tracker.track(() => this.variableFromSources(name, place));
      this.variableValues.set(name, known);
    }
    this.tracker.noteAll(known.addresses);
    const { value } = known;
    return relocated(value, { place, chain: value.chain, isSensitive: value.isSensitive });
  }

  private variableFromSources(name: string, place: Place): TerraformValue {
    const declaration = this.declarations.variables.get(name);
    if (declaration === undefined) {
      return unknownValue(`var.${name} is not declared in this module`, originAt(place));
    }
    const { header } = declaration;
    return this.guarded(`${this.prefix}var.${name}`, header, place, () => {
      const values = this.sources.map((source) => variableValue(declaration, source, this.diagnostics));
      return eitherValue(values, `var.${name} has different values in the calls of this module`, header);
    });
  }

  local(name: string, place: Place): TerraformValue {
    const argument = this.declarations.locals.get(name);
    if (argument === undefined) {
      return unknownValue(`local.${name} is not declared in this module`, originAt(place));
    }
    let known = this.localValues.get(name);
    if (known === undefined) {
      const at = { source: argument.source, span: argument.nameSpan };
      known = this.tracker.track(() =>
        this.guarded(`${this.prefix}local.${name}`, at, place, () =>
          evaluate(argument.expression, { source: argument.source, references: this }),
        ),
      );
      this.localValues.set(name, known);
    }
    this.tracker.noteAll(known.addresses);
    const { value } = known;
    const step = { place: { source: argument.source, span: argument.expression }, text: `local.${name}` };
    return relocated(value, { place, chain: [step, ...value.chain], isSensitive: value.isSensitive });
  }

  resource(address: string): ResourceExpansion | undefined {
    const declaration = this.declarations.resources.get(address);
    if (declaration === undefined || declaration.type === "ephemeral")
      this.tracker.note(this.prefix + address);
    if (declaration === undefined) return undefined;
    const { expansion } = this.expanded(declaration);
    if (expansion.kind === "unresolved") this.tracker.note(this.prefix + address);
    return expansion;
  }

  moduleOutput(call: string, output: string | undefined, place: Place): TerraformValue {
    return this.calls.output(call, output, place);
  }

  /** The value of an `output` block, with the resources that it leads to. */
  output(name: string): Tracked | undefined {
    const argument = this.declarations.outputs.get(name)?.content.argument("value");
    if (argument === undefined) return undefined;
    const place = { source: argument.source, span: argument.expression };
    return this.tracker.track(() =>
      this.guarded(`${this.prefix}output.${name}`, place, place, () =>
        evaluate(argument.expression, { source: argument.source, references: this }),
      ),
    );
  }

  readFile(path: string): string | undefined {
    const resolved = resolvePath(this.folder, path);
    return resolved === undefined ? undefined : this.loader.host.read(resolved);
  }

  /** The resources that the inputs of a `module` block lead to. */
  leadsTo(call: Declaration, except: ReadonlySet<string>): ReadonlySet<string> {
    const { content } = call;
    const inputs = content.argumentNames.filter((name) => !except.has(name));
    const addresses = inputs.flatMap((name) => {
      const argument = content.argument(name);
      if (argument === undefined) return [];
      return this.tracker.track(() =>
        evaluate(argument.expression, { source: argument.source, references: this }),
      ).addresses;
    });
    return new Set(addresses);
  }

  /** The module that a `module` block calls, where it is in view. */
  called(call: Declaration): EvaluatedModule | undefined {
    return this.calls.child(call);
  }

  filesIn(path: string): readonly string[] | undefined {
    const resolved = resolvePath(this.folder, path);
    const names = resolved === undefined ? [] : this.loader.host.list(resolved);
    return names.length > 0 ? names : undefined;
  }

  hasFile(path: string): boolean | undefined {
    const resolved = resolvePath(this.folder, path);
    if (resolved === undefined) return undefined;
    const slash = resolved.lastIndexOf("/");
    const folder = slash === -1 ? "." : resolved.slice(0, slash);
    const names = this.loader.host.list(folder);
    if (names.includes(resolved.slice(slash + 1))) return true;
    return names.length > 0 ? false : undefined;
  }

  private expanded(declaration: Declaration): Expanded {
    const { address, header } = declaration;
    let expanded = this.expansions.get(address);
    if (expanded === undefined) {
      const onCycle = (what: string, place: Place): void => this.reportCycle([what], place);
      if (this.expanding.has(address)) {
        onCycle(address, header);
        return expandOpen(declaration, this, onCycle);
      }
      this.expanding.add(address);
      expanded = expand(declaration, this, onCycle);
      this.expansions.set(address, expanded);
    }
    return expanded;
  }

  /** Evaluates a named value, unless its own evaluation led here. */
  private guarded(name: string, at: Place, place: Place, compute: () => TerraformValue): TerraformValue {
    const { underway } = this.loader;
    const start = underway.indexOf(name);
    if (start !== -1) {
      this.reportCycle(underway.slice(start), at);
      return unknownValue(`${name} refers to itself`, originAt(place));
    }
    if (underway.length >= maximumDepth) {
      return unknownValue(`more than ${maximumDepth} values lead to each other`, originAt(place));
    }
    underway.push(name);
    try {
      return compute();
    } finally {
      underway.pop();
    }
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
