import type { Location } from "#base/location.ts";
import { known, mapValue, unknown, type Value } from "#base/value.ts";
import { isIdentifier } from "./cause.ts";
import type { PolicyDocument } from "./policy-document.ts";
import type { Condition, Statement } from "./policy-statement.ts";
import { allOf, anyOf, bare, negate, type Truth } from "./three-valued.ts";

/** Whether one of the texts passes a test; stands at the text that does. */
export function some(
  items: readonly Value<string>[] | undefined,
  test: (text: string) => boolean,
  location: Location,
): Truth {
  const truths = (items ?? []).map((item) =>
    mapValue(item, (text) => ({ ...text, value: test(text.value) })),
  );
  return anyOf(truths, known(false, location));
}

/** Whether some statement of the document is as asked; what is not in view may be. */
export function someStatement(
  document: PolicyDocument,
  test: (statement: Statement) => Truth,
  location: Location = document.location,
): Truth {
  const truths = document.statements.map(test);
  if (document.incomplete !== undefined) truths.push(bare(document.incomplete));
  return anyOf(truths, known(false, location));
}

export function hasEffect(statement: Statement, effect: "Allow" | "Deny"): Truth {
  return some([statement.effect], (text) => text === effect, statement.location);
}

/** Whether a condition tests a key with one of the operators, for one of the values. */
export function conditionIs(
  condition: Condition,
  key: string,
  operators: readonly string[],
  value: string,
): Truth {
  const at = condition.key.location ?? condition.operator.location;
  const yes: Truth = at === undefined ? known(true) : known(true, at);
  return allOf(
    [
      mapValue(condition.key, (text) => ({ ...text, value: text.value.toLowerCase() === key.toLowerCase() })),
      mapValue(condition.operator, (text) => ({ ...text, value: operators.includes(text.value) })),
      ...condition.values.map((item) =>
        mapValue(item, (text): Truth => ({ ...text, value: text.value.toLowerCase() === value })),
      ),
    ],
    yes,
  );
}

/**
 * Whether the document refuses every request over clear text: it denies everyone every action of the service on the
 * resource unless `aws:SecureTransport` is true, and nothing narrows that. `covers` says whether a statement's
 * resources are all of the store.
 */
export function refusesClearText(
  document: PolicyDocument,
  service: string,
  covers: (statement: Statement) => Truth,
): Truth {
  return someStatement(document, (statement) => {
    const [condition, ...narrowing] = statement.conditions;
    if (condition === undefined || narrowing.length > 0) return hidden(statement);
    const transport = conditionIs(condition, "aws:SecureTransport", ["Bool", "BoolIfExists"], "false");
    return allOf(
      [
        transport,
        hasEffect(statement, "Deny"),
        isForEveryone(statement),
        some(statement.actions?.items, (text) => isEvery(text, service), statement.location),
        covers(statement),
        negate(hidden(statement)),
      ],
      transport,
    );
  });
}

function isEvery(action: string, service: string): boolean {
  return action === "*" || action.toLowerCase() === `${service}:*`;
}

function hidden(statement: Statement): Truth {
  return statement.hidden === undefined ? known(false, statement.location) : bare(statement.hidden);
}

export function isForEveryone(statement: Statement): Truth {
  return some(statement.principals, (text) => text === "*", statement.location);
}

/** Condition keys that tie a grant to particular callers, as S3 counts them for "not public". */
const narrowingKeys: ReadonlySet<string> = new Set([
  "aws:principalaccount",
  "aws:principalarn",
  "aws:principalorgid",
  "aws:principalorgpaths",
  "aws:sourceaccount",
  "aws:sourcearn",
  "aws:sourceip",
  "aws:sourceorgid",
  "aws:sourceowner",
  "aws:sourcevpc",
  "aws:sourcevpce",
  "aws:userid",
  "s3:dataaccesspointaccount",
  "s3:dataaccesspointarn",
]);

const matchingOperators =
  /^(?:ForAnyValue:)?(?:StringEquals|StringLike|StringEqualsIgnoreCase|ArnEquals|ArnLike|IpAddress)$/;

/** Whether the document grants something to anyone, and nothing in it ties the grant to particular callers. */
export function allowsAnyone(document: PolicyDocument): Truth {
  const grants = someStatement(document, (statement) => {
    const everyone = isForEveryone(statement);
    return allOf(
      [
        everyone,
        hasEffect(statement, "Allow"),
        negate(
          anyOf([...statement.conditions.map(narrows), hidden(statement)], known(false, statement.location)),
        ),
      ],
      everyone,
    );
  });
  if (grants.state !== "known" || !grants.value) return grants;
  const denial = document.statements.find(
    (statement) =>
      statement.effect.state === "known" && statement.effect.value === "Deny" && !isAboutTransport(statement),
  );
  if (denial === undefined) return grants;
  return unknown(
    "a Deny statement of the same policy may take back what is granted to anyone",
    denial.location,
  );
}

function isAboutTransport(statement: Statement): boolean {
  const names = statement.conditions.map((condition) => condition.key);
  return (
    names.length > 0 &&
    names.every((key) => key.state === "known" && /^(?:aws:SecureTransport|s3:TlsVersion)$/i.test(key.value))
  );
}

function narrows(condition: Condition): Truth {
  const at = condition.key.location;
  return allOf(
    [
      mapValue(condition.key, (text) => ({ ...text, value: narrowingKeys.has(text.value.toLowerCase()) })),
      mapValue(condition.operator, (text) => ({ ...text, value: matchingOperators.test(text.value) })),
      ...condition.values.map((item) =>
        isIdentifier(item)
          ? known(true, item.location ?? at)
          : mapValue(item, (text): Truth => ({ ...text, value: isParticular(text.value) })),
      ),
    ],
    at === undefined ? known(true) : known(true, at),
  );
}

/** A value that does not stand for everything: `*`, `arn:aws:s3:::*` and `0.0.0.0/0` do. */
function isParticular(value: string): boolean {
  if (/\/0$/.test(value)) return false;
  if (!value.includes("*") && !value.includes("?")) return true;
  const parts = value.split(":");
  if (parts[0] !== "arn") return /[A-Za-z0-9]/.test(value);
  return /^\d{12}$/.test(parts[4] ?? "") || /[A-Za-z0-9]/.test(parts.slice(5).join(":"));
}

/** Whether the document allows every action on every resource. */
export function allowsEverything(document: PolicyDocument): Truth {
  return someStatement(document, (statement) => {
    const actions = some(
      statement.actions?.items,
      (text) => text === "*" || text === "*:*",
      statement.location,
    );
    const resources = some(statement.resources?.items, (text) => text === "*", statement.location);
    return allOf([actions, resources, hasEffect(statement, "Allow")], actions);
  });
}
