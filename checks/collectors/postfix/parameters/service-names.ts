import type { Service } from "#syntax/conf/master-file.ts";

/** Endings of parameters that exist for each delivery service, with the parameter that is their default. */
const deliverySuffixes: Readonly<Record<string, string>> = {
  _delivery_slot_cost: "default_delivery_slot_cost",
  _delivery_slot_discount: "default_delivery_slot_discount",
  _delivery_slot_loan: "default_delivery_slot_loan",
  _destination_concurrency_failed_cohort_limit: "default_destination_concurrency_failed_cohort_limit",
  _destination_concurrency_limit: "default_destination_concurrency_limit",
  _destination_concurrency_negative_feedback: "default_destination_concurrency_negative_feedback",
  _destination_concurrency_positive_feedback: "default_destination_concurrency_positive_feedback",
  _destination_rate_delay: "default_destination_rate_delay",
  _destination_recipient_limit: "default_destination_recipient_limit",
  _extra_recipient_limit: "default_extra_recipient_limit",
  _initial_destination_concurrency: "initial_destination_concurrency",
  _minimum_delivery_slots: "default_minimum_delivery_slots",
  _recipient_limit: "default_recipient_limit",
  _recipient_refill_delay: "default_recipient_refill_delay",
  _recipient_refill_limit: "default_recipient_refill_limit",
  _transport_rate_delay: "default_transport_rate_delay",
};

const timeLimit = "_time_limit";
const deliveryPrograms = new Set(["error", "lmtp", "local", "pipe", "smtp", "virtual"]);
const commandPrograms = new Set(["pipe", "spawn"]);

const allSuffixes = [...Object.keys(deliverySuffixes), timeLimit];

/** Parameters that services of `master.cf` bring with them (`relay_destination_rate_delay`). */
export class ServiceParameters {
  private readonly deliver = new Set<string>();
  private readonly run = new Set<string>();

  constructor(services: readonly Service[]) {
    for (const { name, program } of services) {
      if (deliveryPrograms.has(program)) this.deliver.add(name);
      if (commandPrograms.has(program)) this.run.add(name);
    }
  }

  /** The default of such a parameter; undefined for any other name. */
  defaultOf(name: string): string | undefined {
    for (const suffix of allSuffixes) {
      if (!name.endsWith(suffix)) continue;
      const service = name.slice(0, -suffix.length);
      if (suffix === timeLimit && this.run.has(service)) return "$command_time_limit";
      if (suffix !== timeLimit && this.deliver.has(service)) return `$${deliverySuffixes[suffix]}`;
    }
    return undefined;
  }
}

/** Whether a parameter belongs to the deliveries of a service, which the queue manager and not the service reads. */
export function isDeliveryParameter(name: string, service: Service): boolean {
  if (!deliveryPrograms.has(service.program)) return false;
  return Object.keys(deliverySuffixes).some(
    (suffix) => name === `${service.name}${suffix}` || name === `default${suffix}`,
  );
}
