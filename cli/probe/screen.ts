import { Progress } from "#cli/progress.ts";
import { groupWords, nounFor, verdictLooks } from "#cli/reporters/probe.ts";
import type { Style } from "#cli/ui/style.ts";
import { counted, labelled, printable, wrap } from "#cli/ui/text.ts";
import type { ProbeEvent } from "#sandbox/index.ts";

export interface ScreenOptions {
  /** Where lines go as postures end; undefined where standard output belongs to a report for programs. */
  readonly write: ((text: string) => void) | undefined;
  readonly style: Style;
  readonly columns: number;
}

/** Shows a run while it lasts. */
export class ProbeScreen {
  private readonly options: ScreenOptions;
  private readonly progress = new Progress();
  private total = 0;
  private noun = "";
  private ended = 0;

  constructor(options: ScreenOptions) {
    this.options = options;
  }

  readonly show = (event: ProbeEvent): void => {
    const { style } = this.options;
    switch (event.kind) {
      case "start":
        this.total = event.postures;
        this.noun = nounFor(event.groups);
        this.line(
          `${counted(event.postures, this.noun)} in ${counted(event.groups.length, "group")}: ${event.groups.join(", ")}`,
        );
        break;
      case "note":
        for (const line of wrap(event.text, this.options.columns - 2)) this.line(style("cyan", `  ${line}`));
        break;
      case "preparing":
        this.progress.announce(event.text);
        break;
      case "waiting":
        this.ask(event);
        break;
      case "control":
        this.progress.report(`controls of ${event.group}`);
        break;
      case "group":
        this.line(`${style("bold", event.result.id)}  done, ${groupWords(event.result, style)}`);
        break;
      case "posture": {
        const { id, verdict, title, reason } = event.result;
        const { mark, word, look } = verdictLooks[verdict];
        this.ended++;
        this.line(`  ${style(look, `${mark} ${word.padEnd(12)}`)} ${id.padEnd(5)} ${printable(title)}`);
        if (["leaked", "weak", "lost"].includes(verdict)) this.detail(reason);
        this.progress.report(`${this.ended} of ${counted(this.total, this.noun)}`);
        break;
      }
    }
  };

  finish(): void {
    this.progress.finish();
  }

  /** Tells whoever has to point something at a server how. Goes to standard error where the lines do not. */
  private ask({ posture, relay, from, to }: Extract<ProbeEvent, { kind: "waiting" }>): void {
    const { host, port, user, password, ca } = relay;
    const text = `${posture}: waiting for a message from ${from} to ${to} at ${host}:${port} (user ${user}, password ${password}, CA file ${ca})`;
    if (this.options.write === undefined) process.stderr.write(`${text}\n`);
    else this.line(this.options.style("cyan", text));
  }

  private detail(text: string): void {
    const { style, columns } = this.options;
    for (const line of labelled("", printable(text), 23, columns)) this.line(style("dim", line));
  }

  private line(text: string): void {
    if (this.options.write === undefined) return;
    this.progress.finish();
    this.options.write(`${text}\n`);
  }
}
