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

/** The default of a parameter that a service of `master.cf` brings with it (`relay_destination_rate_delay`). */
export function serviceDefault(name: string, services: readonly Service[]): string | undefined {
  for (const service of services) {
    if (!name.startsWith(`${service.name}_`)) continue;
    const suffix = name.slice(service.name.length);
    if (deliveryPrograms.has(service.program) && suffix in deliverySuffixes)
      return `$${deliverySuffixes[suffix]}`;
    if (commandPrograms.has(service.program) && suffix === timeLimit) return "$command_time_limit";
  }
  return undefined;
}

/** Whether a parameter belongs to the deliveries of a service, which the queue manager and not the service reads. */
export function isDeliveryParameter(name: string, service: Service): boolean {
  if (!deliveryPrograms.has(service.program)) return false;
  return Object.keys(deliverySuffixes).some(
    (suffix) => name === `${service.name}${suffix}` || name === `default${suffix}`,
  );
}
