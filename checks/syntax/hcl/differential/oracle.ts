import { createRequire } from "node:module";
import { essence, type Skeleton } from "./skeleton.ts";

/** A node as `getExpressionAst` gives it; parentheses, names of keys and the element of a splat have no type. */
interface OracleNode {
  readonly type: string;
  readonly children: readonly OracleNode[];
  readonly meta?: {
    readonly value?: string;
    readonly type?: string;
    readonly name?: string;
    readonly traversal?: readonly { readonly type: string; readonly segment?: string }[];
  };
}

const require = createRequire(import.meta.url);
// Loaded without its types: they would bring those of a browser into the whole tree.
const { parse, getExpressionAst } = require("@cdktn/hcl2json") as {
  parse(file: string, text: string): Promise<Record<string, unknown>>;
  getExpressionAst(file: string, text: string): Promise<OracleNode>;
};

/**
 * What Terraform's own HCL parser, compiled to WebAssembly, says of a file: its content as hcl2json prints it, or the
 * first error. Undefined content: the file is valid, and hcl2json cannot print it.
 */
export async function readByOracle(
  text: string,
): Promise<{ readonly content?: Record<string, unknown>; readonly error?: string }> {
  try {
    return { content: await parse("a.tf", text) };
  } catch (error) {
    const message = error instanceof Error ? error.message : String(error);
    return message.startsWith("convert") ? {} : { error: message };
  }
}

export async function skeletonByOracle(text: string): Promise<Skeleton> {
  return skeletonOfNode(await getExpressionAst("a.tf", text));
}

function skeletonOfNode(node: OracleNode): Skeleton {
  const { type, children, meta } = node;
  const source = essence(meta?.value ?? "");
  const [first, second] = children;
  switch (type) {
    case "":
      return first === undefined ? ["string"] : skeletonOfNode(first);
    case "literalValue":
      return "literal";
    case "template":
    case "templateWrap": {
      const found = parts(node);
      const isPlain = found.length === 0 && type === "template";
      return isPlain ? ["string"] : ["string", source, ...found];
    }
    case "function":
      return ["call", source, meta?.name ?? "", ...children.map(skeletonOfNode)];
    case "tuple":
    case "object":
    case "for":
    case "conditional":
      return [type, source, ...children.map(skeletonOfNode)];
    case "unaryOp":
      return ["unary", source, ...children.map(skeletonOfNode)];
    case "binaryOp":
      return ["binary", source, ...children.map(skeletonOfNode)];
    case "scopeTraversal": {
      const [root, ...steps] = meta?.traversal ?? [];
      const name = root?.segment ?? "";
      return steps.length === 0 ? name : ["access", name, ...steps.map(stepOf)];
    }
    case "relativeTraversal":
      return access(first, (meta?.traversal ?? []).map(stepOf));
    case "index":
      return access(first, [["index", second === undefined ? "" : skeletonOfNode(second)]]);
    case "splat":
      return access(first, [["*", ...stepsAfterElement(second)]]);
    default:
      throw new Error(`The oracle has a node of type ${type}.`);
  }
}

function access(source: OracleNode | undefined, steps: readonly Skeleton[]): Skeleton {
  if (source === undefined) throw new Error("The oracle has an access to nothing.");
  const base = skeletonOfNode(source);
  const isChain = ["scopeTraversal", "relativeTraversal", "index", "splat"].includes(source.type);
  if (isChain && Array.isArray(base)) return [...base, ...steps];
  return ["access", base, ...steps];
}

/** The steps that a splat takes for each element, which is the node without type at the bottom. */
function stepsAfterElement(node: OracleNode | undefined): readonly Skeleton[] {
  if (node === undefined || node.type === "") return [];
  const steps = skeletonOfNode(node);
  return Array.isArray(steps) ? steps.slice(2) : [];
}

function parts({ children }: OracleNode): Skeleton[] {
  return children.flatMap((child): Skeleton[] => {
    const [first, second, third] = child.children;
    if (child.type === "literalValue" && child.meta?.type === "string") return [];
    if (child.type === "templateJoin" && first !== undefined) {
      const [collection, body] = first.children;
      if (collection === undefined || body === undefined) return [];
      return [["each", skeletonOfNode(collection), parts(body)]];
    }
    const isDirective = child.type === "conditional" && child.meta?.value?.startsWith("%{") === true;
    if (isDirective && first !== undefined && second !== undefined && third !== undefined) {
      return [["if", skeletonOfNode(first), parts(second), parts(third)]];
    }
    return [skeletonOfNode(child)];
  });
}

function stepOf({ type, segment }: { readonly type: string; readonly segment?: string }): Skeleton {
  if (type === "nameTraversal") return `.${segment}`;
  return ["index", segment?.startsWith('"') === true ? ["string"] : "literal"];
}
