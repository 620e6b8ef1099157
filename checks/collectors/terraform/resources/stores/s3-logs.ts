import { absent, defaulted, known, mapValue } from "#base/value.ts";
import type { Body, Module, Resource } from "../../resource.ts";
import { folded, inBlock, isWritten, type Link, text } from "../shared/reading.ts";
import { bare, type Truth } from "../shared/three-valued.ts";

const loggingLink: Link = { type: "aws_s3_bucket_logging", argument: "bucket", targetArgument: "bucket" };

/** Buckets that receive logs are not asked for logs of their own: access logs must not land in their own bucket. */
export function logsExported(module: Module, bucket: Resource): Truth {
  const inline = inBlock(bucket.body, "logging", namesTarget, defaulted(false, bucket.body.location));
  const exported = folded(module, bucket, loggingLink, (helper) => namesTarget(helper.body), inline);
  if (exported.state === "known" && exported.value) return exported;
  const writer = writerOf(module, bucket);
  if (writer === undefined) return mayBeWrittenTo(module, bucket) ?? exported;
  const step = { location: writer.body.location, text: `${writer.address} writes logs into this bucket` };
  return absent(bucket.body.location, [step]);
}

/** A target that is not known yet is one all the same: the argument cannot be left out. */
function namesTarget(body: Body): Truth {
  const target = isWritten(body, "target_bucket");
  return target.state === "unknown" ? known(true, target.location, target.chain) : target;
}

/** Where services are told which bucket their logs go to: in a nested block, or in the resource itself. */
const writers: readonly {
  readonly type: string;
  readonly block?: string;
  readonly argument: string;
}[] = [
  { type: "aws_s3_bucket_logging", argument: "target_bucket" },
  { type: "aws_s3_bucket", block: "logging", argument: "target_bucket" },
  { type: "aws_cloudtrail", argument: "s3_bucket_name" },
  { type: "aws_flow_log", argument: "log_destination" },
  { type: "aws_lb", block: "access_logs", argument: "bucket" },
  { type: "aws_lb", block: "connection_logs", argument: "bucket" },
  { type: "aws_alb", block: "access_logs", argument: "bucket" },
  { type: "aws_elb", block: "access_logs", argument: "bucket" },
  { type: "aws_cloudfront_distribution", block: "logging_config", argument: "bucket" },
  { type: "aws_wafv2_web_acl_logging_configuration", argument: "log_destination_configs" },
  { type: "aws_route53_resolver_query_log_config", argument: "destination_arn" },
];

/** Who writes logs to where, by the address and by the name of the bucket. */
interface Writers {
  readonly byAddress: ReadonlyMap<string, readonly Resource[]>;
  readonly byName: ReadonlyMap<string, readonly Resource[]>;
}

const writersOfModule = new WeakMap<Module, Writers>();

function writersIn(module: Module): Writers {
  const earlier = writersOfModule.get(module);
  if (earlier !== undefined) return earlier;
  const byAddress = new Map<string, Resource[]>();
  const byName = new Map<string, Resource[]>();
  const add = (index: Map<string, Resource[]>, key: string, writer: Resource): void => {
    const found = index.get(key);
    if (found === undefined) index.set(key, [writer]);
    else found.push(writer);
  };
  for (const { type, block, argument } of writers) {
    for (const writer of module.ofType(type)) {
      for (const body of block === undefined ? [writer.body] : writer.body.blocks(block)) {
        for (const address of body.references(argument)) add(byAddress, address, writer);
        const target = body.attribute(argument);
        if (target.state === "known" && typeof target.value === "string") add(byName, target.value, writer);
      }
    }
  }
  const made = { byAddress, byName };
  writersOfModule.set(module, made);
  return made;
}

function writerOf(module: Module, bucket: Resource): Resource | undefined {
  const { byAddress, byName } = writersIn(module);
  const name = text(bucket.body, "bucket");
  const named = name.state === "known" ? byName.get(name.value) : undefined;
  const found = [...(byAddress.get(bucket.address) ?? []), ...(named ?? [])].find(
    (writer) => writer !== bucket,
  );
  if (found !== undefined) return found;
  const lists = module.pointingAt("aws_s3_bucket_acl", "bucket", bucket, "bucket");
  return [bucket, ...lists].find(isLogDelivery);
}

/** A bucket that leaves the module may receive logs of what stands elsewhere. */
function mayBeWrittenTo(module: Module, bucket: Resource): Truth | undefined {
  for (const { type } of writers) {
    const doubt = module.mayBeExtended(bucket, type);
    if (doubt !== undefined) return bare(doubt);
  }
  return undefined;
}

/** The canned list that lets the log delivery group of S3 write. */
function isLogDelivery({ body }: Resource): boolean {
  const list = mapValue(
    text(body, "acl"),
    (acl): Truth => ({ ...acl, value: acl.value === "log-delivery-write" }),
  );
  return list.state === "known" && list.value;
}
