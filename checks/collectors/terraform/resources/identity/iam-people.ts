import { known, unknown } from "#base/value.ts";
import type { Module, Resource } from "../../resource.ts";
import { comesFrom } from "../shared/cause.ts";
import { policyDocument } from "../shared/policy-document.ts";
import { conditionIs, hasEffect, some, someStatement } from "../shared/policy-questions.ts";
import type { Statement } from "../shared/policy-statement.ts";
import { allOf, anyOf, negate, type Truth } from "../shared/three-valued.ts";

/** A policy that hangs on groups or users, and how it does. */
const attachedBy = [
  { type: "aws_iam_group_policy_attachment", argument: "group", to: "aws_iam_group" },
  { type: "aws_iam_policy_attachment", argument: "groups", to: "aws_iam_group" },
  { type: "aws_iam_user_policy_attachment", argument: "user", to: "aws_iam_user" },
  { type: "aws_iam_policy_attachment", argument: "users", to: "aws_iam_user" },
] as const;

/**
 * The groups and users with a password whom a policy serves. Users who have no login profile here may be programs, for
 * which a second factor is no question.
 */
export function peopleOf(module: Module, holder: Resource): readonly Resource[] {
  const found: Resource[] = [];
  for (const type of ["aws_iam_group", "aws_iam_user"] as const) {
    for (const owner of module.ofType(type)) {
      if (type === "aws_iam_user" && !hasPassword(module, owner)) continue;
      if (policiesOf(module, owner).includes(holder)) found.push(owner);
    }
  }
  return found;
}

function hasPassword(module: Module, user: Resource): boolean {
  return module.pointingAt("aws_iam_user_login_profile", "user", user, "name").length > 0;
}

/** The policies declared here that a group or user has, inline and attached. */
function policiesOf(module: Module, owner: Resource): readonly Resource[] {
  const kind = owner.type === "aws_iam_group" ? "group" : "user";
  const inline = module.pointingAt(`aws_iam_${kind}_policy`, kind, owner, "name");
  const attached = attachedBy
    .filter(({ to }) => to === owner.type)
    .flatMap(({ type, argument }) =>
      module
        .ofType(type)
        .filter((attachment) => leadsTo(attachment, argument, owner))
        .flatMap((attachment) => attachment.body.references("policy_arn"))
        .flatMap((address) => module.find(address) ?? [])
        .filter((policy) => policy.type === "aws_iam_policy"),
    );
  return [...inline, ...attached];
}

function leadsTo(attachment: Resource, argument: string, owner: Resource): boolean {
  if (attachment.body.references(argument).includes(owner.address)) return true;
  const value = attachment.body.attribute(argument);
  const name = owner.body.attribute("name");
  if (value.state !== "known" || name.state !== "known")
    return value.state === "unknown" && comesFrom(value, owner.address);
  return value.value === name.value || (Array.isArray(value.value) && value.value.includes(name.value));
}

/**
 * Whether what a policy grants to people holds only after multi-factor authentication: each grant asks for it, or
 * everybody concerned has another policy that denies everything without it.
 */
export function peopleNeedMfa(module: Module, holder: Resource, people: readonly Resource[]): Truth {
  const { location } = holder.body;
  const everyone = people.map((owner) =>
    anyOf(
      policiesOf(module, owner).map((policy) => deniesWithoutMfa(module, policy)),
      known(false, location),
    ),
  );
  const denied = allOf(everyone, everyone[0] ?? known(false, location));
  return anyOf([grantsAskForMfa(module, holder), denied], grantsAskForMfa(module, holder));
}

function grantsAskForMfa(module: Module, holder: Resource): Truth {
  const document = policyDocument(module, holder.body, "policy");
  const { location } = holder.body;
  if (document === undefined) return known(true, location);
  const open = someStatement(document, (statement) =>
    allOf(
      [
        hasEffect(statement, "Allow"),
        negate(asksForMfa(statement)),
        negate(isSelfService(statement)),
        reaches(statement),
      ],
      known(true, statement.location),
    ),
  );
  return negate(open);
}

/** `BoolIfExists` would let in every caller whose request has no such key, such as one with an access key. */
function asksForMfa(statement: Statement): Truth {
  return anyOf(
    statement.conditions.map((condition) =>
      conditionIs(condition, "aws:MultiFactorAuthPresent", ["Bool"], "true"),
    ),
    known(false, statement.location),
  );
}

/** What people need before they have a second factor: to see themselves, set a password and enrol a device. */
const selfService =
  /^iam:(?:Get|List)\w*\*?$|^iam:(?:ChangePassword|(?:Create|Delete|Enable|Deactivate|Resync)\w*MFADevice\w*|\*MFADevice\*?|\*VirtualMFADevice\*?)$/i;

function isSelfService(statement: Statement): Truth {
  const { actions, location } = statement;
  if (actions === undefined) return known(false, location);
  return negate(some(actions.items, (action) => !selfService.test(action), location));
}

/** The right to take on a role is as strong as that role's own trust, which is judged elsewhere. */
function reaches(statement: Statement): Truth {
  const { actions, location } = statement;
  const other = some(
    actions?.items,
    (action) => !/^sts:(?:AssumeRole|TagSession|SetSourceIdentity)$/i.test(action),
    location,
  );
  if (actions === undefined || other.state !== "known" || other.value)
    return actions === undefined ? known(true, location) : other;
  return unknown(
    "the statement lets people take on a role, and the role's trust decides about the second factor",
    location,
  );
}

/**
 * Whether a policy denies everything but self service while there is no second factor. Only `BoolIfExists` also meets
 * requests that carry no such key.
 */
function deniesWithoutMfa(module: Module, holder: Resource): Truth {
  const document = policyDocument(module, holder.body, "policy");
  if (document === undefined) return known(false, holder.body.location);
  const found = someStatement(document, (statement) => {
    const [condition, ...narrowing] = statement.conditions;
    if (condition === undefined || narrowing.length > 0) return known(false, statement.location);
    const withoutFactor = conditionIs(condition, "aws:MultiFactorAuthPresent", ["BoolIfExists"], "false");
    return allOf(
      [
        hasEffect(statement, "Deny"),
        withoutFactor,
        coversActions(statement),
        some(statement.resources?.items, (item) => item === "*", statement.location),
      ],
      withoutFactor,
    );
  });
  return existsWith(holder, found);
}

function existsWith(holder: Resource, truth: Truth): Truth {
  const doubt = holder.uncertainExistence;
  if (doubt === undefined || (truth.state === "known" && !truth.value)) return truth;
  return unknown(doubt.reason, doubt.location ?? holder.body.location, doubt.chain);
}

function coversActions(statement: Statement): Truth {
  const { actions, notActions, location } = statement;
  if (actions !== undefined) return some(actions.items, (action) => action === "*", location);
  return negate(some(notActions?.items, (action) => !isExempt(action), location));
}

function isExempt(action: string): boolean {
  return selfService.test(action) || /^sts:\w+$/i.test(action);
}
