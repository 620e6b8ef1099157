import type { Location } from "#base/location.ts";
import { type Json, type Known, type Unknown, unknown } from "#base/value.ts";
import type { Body, Module, Resource } from "../../resource.ts";
import { comesFrom } from "./cause.ts";
import { parseJsonTree } from "./json-tree.ts";
import {
  itemsOf,
  type MapTree,
  type Statement,
  statementOfBlock,
  statementOfMap,
} from "./policy-statement.ts";

export interface PolicyDocument {
  /** The argument that holds the document. */
  readonly location: Location;
  readonly statements: readonly Statement[];
  /** Set when there may be statements that are not in view. */
  readonly incomplete?: Unknown;
}

/** The policy document that an argument holds; undefined when nobody wrote one. */
export function policyDocument(module: Module, body: Body, name: string): PolicyDocument | undefined {
  const tree = body.tree(name);
  if (tree === undefined || tree.state === "absent") return undefined;
  const location = tree.location ?? body.location;
  if (tree.state === "list")
    return unread(location, unknown(`${name} is no policy document`, location, tree.chain));
  if (tree.state === "map") return fromMap(tree, location, body.references(name));
  if (tree.state === "known") return fromText(tree, location, name);
  const documents = body
    .references(name)
    .filter((address) => comesFrom(tree, address))
    .map((address) => module.find(address));
  const [source] = documents;
  if (source?.mode !== "data" || source.type !== "aws_iam_policy_document" || documents.length !== 1) {
    return unread(location, tree);
  }
  return fromDataSource(module, source, new Set());
}

/** The statements of a `data "aws_iam_policy_document"`, those of the documents that it takes in included. */
export function fromDataSource(module: Module, source: Resource, seen: ReadonlySet<string>): PolicyDocument {
  const { body, address } = source;
  if (seen.has(address)) return unread(body.location, unknown(`${address} takes itself in`, body.location));
  const statements = body.blocks("statement").map(statementOfBlock);
  let incomplete = body.uncertain("statement") ?? source.uncertainExistence;
  for (const argument of [
    "source_json",
    "source_policy_documents",
    "override_json",
    "override_policy_documents",
  ]) {
    const taken = takenIn(module, body, argument, new Set([...seen, address]));
    incomplete ??= taken.incomplete;
    for (const statement of taken.statements) {
      const own = statements.findIndex((other) => sameId(other, statement));
      if (own === -1) statements.push(statement);
      else if (argument.startsWith("override")) statements[own] = statement;
    }
  }
  const document = { location: body.location, statements };
  return incomplete === undefined ? document : { ...document, incomplete };
}

function takenIn(module: Module, body: Body, argument: string, seen: ReadonlySet<string>): PolicyDocument {
  const tree = body.tree(argument);
  const location = tree?.location ?? body.location;
  if (tree === undefined || tree.state === "absent") return { location, statements: [] };
  const parts = (tree.state === "list" ? tree.items : [tree]).map((part): PolicyDocument => {
    if (part.state === "known") return fromText(part, part.location ?? location, argument);
    if (part.state === "map") return fromMap(part, part.location ?? location, body.references(argument));
    if (part.state !== "unknown") return { location, statements: [] };
    const address = body.references(argument).find((candidate) => comesFrom(part, candidate));
    const source = address === undefined ? undefined : module.find(address);
    if (source?.mode !== "data" || source.type !== "aws_iam_policy_document") return unread(location, part);
    return fromDataSource(module, source, seen);
  });
  const incomplete = parts.find((part) => part.incomplete !== undefined)?.incomplete;
  const document = { location, statements: parts.flatMap((part) => part.statements) };
  return incomplete === undefined ? document : { ...document, incomplete };
}

function sameId(a: Statement, b: Statement): boolean {
  return a.id?.state === "known" && b.id?.state === "known" && a.id.value === b.id.value;
}

function unread(location: Location, cause: Unknown<unknown>): PolicyDocument {
  return {
    location,
    statements: [],
    incomplete: unknown(cause.reason, cause.location ?? location, cause.chain),
  };
}

function fromText(content: Known<Json>, location: Location, name: string): PolicyDocument {
  const tree = parseJsonTree({ ...content, location });
  if (tree?.state === "map") return fromMap(tree, location, []);
  return unread(location, unknown(`${name} is no JSON object`, location));
}

function fromMap(tree: MapTree, location: Location, references: readonly string[]): PolicyDocument {
  const list = tree.entries.Statement;
  if (list === undefined) return unread(location, unknown("the policy document has no Statement", location));
  const statements: Statement[] = [];
  let incomplete: Unknown | undefined;
  for (const item of itemsOf(list)) {
    if (item.state === "map") statements.push(statementOfMap(item, location, references));
    else
      incomplete ??=
        item.state === "unknown"
          ? unknown(item.reason, item.location ?? location, item.chain)
          : unknown("a statement is no map", location);
  }
  return incomplete === undefined ? { location, statements } : { location, statements, incomplete };
}
