import { type Node, walk } from "#syntax/hcl/tree.ts";
import type { Declaration } from "../files/declarations.ts";
import type { EvaluatedModule } from "./module.ts";

/** Modules that call each other deeper than this are taken to declare anything. */
const maximumDepth = 16;

/** Whether what a module block gives by an output may come to a resource of the type, in the caller or below it. */
export function mayReach(
  caller: EvaluatedModule,
  call: Declaration,
  output: string,
  type: string,
  depth = 0,
): boolean {
  const { resources, locals, modules, outputs } = caller.declarations;
  const isUsed = (node: Node): boolean => usesOutput(node, call.address, output);
  // A local may be used anywhere.
  const isLocal = [...locals.values()].some(({ expression }) => isUsed(expression));
  const isNear = (declaration: Declaration): boolean => isLocal || isUsed(declaration.body);
  return (
    [...resources.values()].some((resource) => isOfType(resource, type) && isNear(resource)) ||
    [...modules.values()].some(
      (other) => other !== call && isNear(other) && mayDeclare(caller.called(other), type),
    ) ||
    [...outputs.values()].some(
      (further) => isNear(further) && isHandedOn(caller, further.address, type, depth),
    )
  );
}

function isHandedOn({ callers }: EvaluatedModule, output: string, type: string, depth: number): boolean {
  if (callers === "too many" || depth > maximumDepth) return true;
  return callers.some(({ module, call }) => mayReach(module, call, output, type, depth + 1));
}

/** Whether a module, or one that it calls, has a resource of the type; a module that is not in view may have any. */
export function mayDeclare(module: EvaluatedModule | undefined, type: string, depth = 0): boolean {
  if (module === undefined || depth > maximumDepth) return true;
  const { resources, modules } = module.declarations;
  return (
    [...resources.values()].some((resource) => isOfType(resource, type)) ||
    [...modules.values()].some((call) => mayDeclare(module.called(call), type, depth + 1))
  );
}

function isOfType(declaration: Declaration, type: string): boolean {
  return declaration.type === "resource" && declaration.labels[0] === type;
}

/** Whether `module.call.output`, of one instance or of all, stands somewhere below a node. */
function usesOutput(root: Node, call: string, output: string): boolean {
  for (const node of walk(root)) {
    if (node.kind !== "access" || node.source.kind !== "variable" || node.source.name !== "module") continue;
    const [first, ...rest] = node.steps;
    if (first?.kind !== "name" || first.name !== call) continue;
    const steps = rest.flatMap((step) => (step.kind === "splat" ? step.each : [step]));
    const name = steps.find((step) => step.kind === "name");
    // Without a name the module is used as a whole.
    if (name?.kind !== "name" || name.name === output) return true;
  }
  return false;
}
