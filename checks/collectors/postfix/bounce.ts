import { known, mapValue, unknown, type Value } from "#base/value.ts";
import type { Fact } from "#facts/fact.ts";
import type { Instance } from "./instance.ts";
import { splitList } from "./maps/reference.ts";
import { wholeNumber } from "./parameters/parameters.ts";

/** No message is as small as this, so that a limit up to it leaves the headers only. */
const smallestMessage = 100;
const transcriptClasses = new Set(["2bounce", "bounce", "delay", "policy", "protocol"]);

/** What an instance returns to senders and copies to the postmaster. */
export function readBounces(instance: Instance): Fact {
  const { parameters } = instance;
  return {
    kind: "mail.bounce",
    id: "postfix",
    location: parameters.due,
    attributes: {
      product: known("postfix", parameters.due),
      "content.returned": contentReturned(instance),
      "postmaster.transcripts": mapValue(parameters.value("notify_classes"), (classes) => ({
        ...classes,
        value: splitList(classes.value.toLowerCase()).some((word) => transcriptClasses.has(word)),
      })),
    },
  };
}

function contentReturned(instance: Instance): Value<boolean> {
  const { parameters, services } = instance;
  const bounce = services.find(({ name, type }) => name === "bounce" && type === "unix");
  if (bounce !== undefined && bounce.program === "discard") {
    return known(false, bounce.location, [
      { location: bounce.location, text: "the service that returns mail throws it away" },
    ]);
  }
  const name = "bounce_size_limit";
  return mapValue(wholeNumber(name, parameters.value(name, bounce)), (limit): Value<boolean> => {
    if (limit.value === 0) {
      return unknown(`Postfix refuses 0 for ${name}: the smallest limit is 1`, limit.location, limit.chain);
    }
    return { ...limit, value: limit.value > smallestMessage };
  });
}
