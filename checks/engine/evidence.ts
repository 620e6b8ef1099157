import { type EvidenceKind, evidenceKinds } from "#facts/fact.ts";
import type { Result, Verdict } from "./result.ts";

/** Verdicts of one kind of evidence about one paragraph. */
export interface EvidenceCount {
  readonly kind: EvidenceKind;
  readonly pass: number;
  readonly fail: number;
  readonly unknown: number;
}

/** One paragraph with what each kind of evidence says about it, side by side. */
export interface ControlEvidence {
  readonly edition: string;
  readonly citation: string;
  readonly title: string;
  /** In the order of `evidenceKinds`; kinds that say nothing are left out. */
  readonly evidence: readonly EvidenceCount[];
}

/** Every paragraph that more is known of than configurations show, in the order of editions and citations. */
export function evidenceByControl(results: readonly Result[]): ControlEvidence[] {
  const lines = results.flatMap((result) => result.controls.map((control) => ({ control, result })));
  const groups = Map.groupBy(lines, ({ control }) => `${control.edition}\n${control.citation}`);
  const found = [...groups.values()].flatMap((members): ControlEvidence[] => {
    const [first] = members;
    if (first === undefined || members.every(({ result }) => result.evidence === "static")) return [];
    const evidence = evidenceKinds.flatMap((kind): EvidenceCount[] => {
      const own = members.filter(({ result }) => result.evidence === kind).map(({ result }) => result);
      const count = (verdict: Verdict): number => own.filter((result) => result.verdict === verdict).length;
      const counts = { pass: count("pass"), fail: count("fail"), unknown: count("unknown") };
      return counts.pass + counts.fail + counts.unknown === 0 ? [] : [{ kind, ...counts }];
    });
    const { edition, citation, title } = first.control;
    return evidence.length === 0 ? [] : [{ edition, citation, title, evidence }];
  });
  const key = ({ edition, citation }: ControlEvidence): string => `${edition}\n${citation}`;
  return found.sort((a, b) => (key(a) < key(b) ? -1 : 1));
}
