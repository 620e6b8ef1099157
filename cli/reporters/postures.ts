import type { Style } from "#cli/ui/style.ts";
import { labelled } from "#cli/ui/text.ts";
import type { Posture, ReportGroup } from "#sandbox/index.ts";

/** A posture, or a fault. */
export interface Explained extends Pick<Posture, "id" | "title" | "why" | "requirements" | "quick" | "side"> {
  readonly group: ReportGroup;
}

/** Every posture and fault, group by group: what a sender meets there and what it has to do about it. */
export function renderPostures(postures: readonly Explained[], style: Style, columns: number): string {
  const lines: string[] = [];
  for (const [group, members] of Map.groupBy(postures, (posture) => posture.group)) {
    lines.push(style(["bold", "underline"], group), "");
    for (const { id, title, why, requirements, quick, side } of members) {
      const marks = [
        ...(quick === true ? ["quick"] : []),
        ...(side === "receiver" ? ["with --server"] : []),
        ...(group === "fault" ? ["with --fault"] : []),
      ];
      const tail = [requirements.join(" "), ...marks].join(", ");
      lines.push(`${style("bold", id.padEnd(5))} ${title} ${style("dim", `(${tail})`)}`);
      lines.push(...labelled("", why.trim(), 6, columns), "");
    }
  }
  return `${lines.join("\n").trimEnd()}\n`;
}
