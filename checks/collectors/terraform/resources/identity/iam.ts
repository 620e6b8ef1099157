import { known, mapValue, unknown, type Value } from "#base/value.ts";
import type { Fact } from "#facts/fact.ts";
import type { Body, Module, Resource, ResourceReader } from "../../resource.ts";
import { comesFrom } from "../shared/cause.ts";
import { fromDataSource, policyDocument } from "../shared/policy-document.ts";
import { allowsEverything } from "../shared/policy-questions.ts";
import { resourceFact, serviceOf, text } from "../shared/reading.ts";
import type { Truth } from "../shared/three-valued.ts";
import { peopleNeedMfa, peopleOf } from "./iam-people.ts";

/** Resources that hold a policy document of their own in `policy`. */
const holders = [
  "aws_iam_policy",
  "aws_iam_group_policy",
  "aws_iam_role_policy",
  "aws_iam_user_policy",
] as const;

/** Resources that hang a policy, often one of AWS's own, on somebody. */
const attachments = [
  "aws_iam_group_policy_attachment",
  "aws_iam_policy_attachment",
  "aws_iam_role_policy_attachment",
  "aws_iam_user_policy_attachment",
] as const;

/** Identity policies: what they allow, and whether people need a second factor for it. */
export const readAccess: ResourceReader = (module) => ({
  facts: [
    ...holders.flatMap((type) => module.ofType(type)).map((holder) => holderFact(module, holder)),
    ...module.ofType("aws_iam_role").flatMap((role) => inlineFacts(module, role)),
    ...attachments
      .flatMap((type) => module.ofType(type))
      .flatMap((attachment) => attachmentFact(module, attachment)),
    ...looseDocuments(module),
  ],
  diagnostics: [],
});

function holderFact(module: Module, holder: Resource): Fact {
  const people = peopleOf(module, holder);
  const attributes: Record<string, Value> = {
    service: serviceOf(holder),
    administrator: administrator(module, holder.body, "policy"),
  };
  if (people.length > 0) attributes["mfa.required"] = peopleNeedMfa(module, holder, people);
  return resourceFact("access.policy", holder, attributes);
}

function administrator(module: Module, body: Body, argument: string): Truth {
  const document = policyDocument(module, body, argument);
  if (document === undefined) return known(false, body.location);
  return allowsEverything(document);
}

/** The deprecated `inline_policy` blocks of a role. */
function inlineFacts(module: Module, role: Resource): Fact[] {
  return role.body.blocks("inline_policy").map((block, index) => {
    const name = text(block, "name");
    const fact = resourceFact("access.policy", role, {
      service: serviceOf(role),
      administrator: administrator(module, block, "policy"),
    });
    const part = name.state === "known" ? name.value : String(index);
    return { ...fact, id: `${role.address}.inline_policy.${part}`, location: block.location };
  });
}

/** The one policy of AWS that is all of administration; `PowerUserAccess` leaves out the identities. */
const administratorPolicy = /^arn:aws[\w-]*:iam::aws:policy\/AdministratorAccess$/;

const policiesOfAws = /^arn:aws[\w-]*:iam::aws:policy\//;

/** A policy that is declared here has a fact of its own; an attachment speaks only for those that are not. */
function attachmentFact(module: Module, attachment: Resource): Fact[] {
  const arn = text(attachment.body, "policy_arn");
  if (arn.state === "absent" || pointsIntoModule(module, attachment.body, arn)) return [];
  const value = mapValue(arn, (policy): Truth => {
    if (policiesOfAws.test(policy.value)) return { ...policy, value: administratorPolicy.test(policy.value) };
    return unknown(
      `the policy "${policy.value}" is not declared in this module`,
      policy.location,
      policy.chain,
    );
  });
  return [
    resourceFact("access.policy", attachment, { service: serviceOf(attachment), administrator: value }),
  ];
}

function pointsIntoModule(module: Module, body: Body, arn: Value<string>): boolean {
  if (arn.state !== "unknown") return false;
  const declared = body
    .references("policy_arn")
    .filter((address) => module.find(address)?.type === "aws_iam_policy");
  return declared.some((address) => comesFrom(arn, address));
}

/**
 * Documents that no resource of the module uses (they leave it by an output or a module call). Those that name
 * principals belong to a resource or a trust and say nothing about an identity.
 */
function looseDocuments(module: Module): Fact[] {
  const used = new Set<string>();
  for (const { body } of module.resources) addDocumentsOf(body, used);
  return module.resources
    .filter(
      ({ mode, type, address }) =>
        mode === "data" && type === "aws_iam_policy_document" && !used.has(address),
    )
    .flatMap((source) => {
      const document = fromDataSource(module, source, new Set());
      if (document.statements.length === 0) return [];
      if (document.statements.some((statement) => statement.principals !== undefined)) return [];
      return [
        resourceFact("access.policy", source, {
          service: serviceOf(source),
          administrator: allowsEverything(document),
        }),
      ];
    });
}

/** Arguments that take a policy document, in identities, stores and documents themselves. */
const documentArguments = [
  "policy",
  "assume_role_policy",
  "access_policies",
  "policy_document",
  "inline_policy",
  "source_json",
  "override_json",
  "source_policy_documents",
  "override_policy_documents",
  "key_policy",
  "resource_policy",
  "access_policy",
  "content",
] as const;

function addDocumentsOf(body: Body, used: Set<string>): void {
  for (const argument of documentArguments) {
    for (const address of body.references(argument)) used.add(address);
  }
  for (const block of body.blocks("inline_policy")) {
    for (const address of block.references("policy")) used.add(address);
  }
}
