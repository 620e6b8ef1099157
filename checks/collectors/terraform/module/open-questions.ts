import type { Diagnostic } from "#base/diagnostic.ts";
import { locationOf, type Place } from "../files/source-file.ts";

interface Question {
  readonly place: Place;
  readonly things: string[];
}

const thingsNamed = 3;

/** What `count`, `for_each` and `dynamic` leave open, gathered by cause so that one variable is said once. */
export class OpenQuestions {
  private readonly byReason = new Map<string, Question>();

  /** @param thing `aws_s3_bucket.a`, `block setting of aws_db_instance.b` */
  note(reason: string, thing: string, place: Place): void {
    const question = this.byReason.get(reason);
    if (question === undefined) this.byReason.set(reason, { place, things: [thing] });
    else if (!question.things.includes(thing)) question.things.push(thing);
  }

  diagnostics(): Diagnostic[] {
    return [...this.byReason].map(([reason, { place, things }]) => {
      const named = things.slice(0, thingsNamed);
      const rest = things.length - named.length;
      const list = rest === 0 ? named.join(", ") : `${named.join(", ")} and ${rest} more`;
      return {
        level: "warning",
        code: "terraform-repetition-unknown",
        message: `Whether or how often there is ${list} cannot be told: ${reason}. State the value (for example in a .tfvars file) to have it settled.`,
        location: locationOf(place),
      };
    });
  }
}
