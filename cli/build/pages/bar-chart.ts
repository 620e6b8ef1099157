import { scaleLinear } from "d3-scale";
import { escapeHtml } from "#cli/ui/html.ts";

/** A value and how far its measurements were apart. */
export interface Bar {
  readonly value: number;
  readonly from: number;
  readonly to: number;
}

export interface BarChart {
  /** Read to people who do not see the picture. */
  readonly title: string;
  readonly xTitle: string;
  /** Names of the two bars of each row. */
  readonly names: readonly [string, string];
  readonly rows: readonly { readonly label: string; readonly bars: readonly [Bar, Bar] }[];
}

const width = 840;
const left = 320;
const right = 60;
const top = 34;
const rowHeight = 42;
const barHeight = 13;
const bottom = 46;

/** Dark letters on light ground and the other way round, as the reader has it; contrast meets WCAG AA on both. */
const style = `
text{fill:#1b1f24;font:13px system-ui,sans-serif}.quiet{fill:#57606a}.grid{stroke:#d0d7de}.one{fill:#0550ae}.two{fill:#c4590a}.range{stroke:#1b1f24;stroke-width:1.5}.ground{fill:#fff}
@media (prefers-color-scheme:dark){text{fill:#e6edf3}.quiet{fill:#9ea7b3}.grid{stroke:#30363d}.one{fill:#79c0ff}.two{fill:#ffa657}.range{stroke:#e6edf3}.ground{fill:#0d1117}}
`.trim();

function tenths(value: number): number {
  return Math.round(value * 10) / 10;
}

/** Rows of two bars with their values, and a line from the lowest to the highest measurement: SVG that stands for itself. */
export function barChart({ title, xTitle, names, rows }: BarChart): string {
  const height = top + rows.length * rowHeight + bottom;
  const x = scaleLinear()
    .domain([0, Math.max(1, ...rows.flatMap(({ bars }) => bars.map(({ to }) => to)))])
    .range([left, width - right])
    .nice();
  const at = (value: number): number => tenths(x(value));
  const axis = height - bottom + 6;
  const bar = ({ value, from, to }: Bar, look: string, y: number): string => {
    const middle = y + barHeight / 2;
    const whisker =
      from === to
        ? ""
        : `<path class="range" d="M${at(from)},${middle}H${at(to)}M${at(from)},${middle - 3}v6M${at(to)},${middle - 3}v6"/>`;
    return `<rect class="${look}" x="${left}" y="${y}" width="${tenths(at(value) - left)}" height="${barHeight}"/>${whisker}<text x="${tenths(at(to) + 6)}" y="${middle + 4.5}">${value}</text>`;
  };
  const keys = names.map(
    (name, index) =>
      `<rect class="${index === 0 ? "one" : "two"}" x="${left + index * 130}" y="8" width="13" height="13"/><text x="${left + 18 + index * 130}" y="19">${escapeHtml(name)}</text>`,
  );
  return [
    `<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 ${width} ${height}" role="img" aria-label="${escapeHtml(title)}">`,
    `<style>${style}</style><rect class="ground" width="${width}" height="${height}"/>`,
    ...keys,
    ...x
      .ticks(6)
      .map(
        (tick) =>
          `<line class="grid" x1="${at(tick)}" x2="${at(tick)}" y1="${top}" y2="${axis}"/><text class="quiet" text-anchor="middle" x="${at(tick)}" y="${axis + 16}">${tick}</text>`,
      ),
    ...rows.map(({ label, bars: [first, second] }, index) => {
      const y = top + 6 + index * rowHeight;
      return `<text text-anchor="end" x="${left - 10}" y="${y + barHeight + 5}">${escapeHtml(label)}</text>${bar(first, "one", y)}${bar(second, "two", y + barHeight + 2)}`;
    }),
    `<text class="quiet" text-anchor="middle" x="${(left + width - right) / 2}" y="${height - 8}">${escapeHtml(xTitle)}</text>`,
    "</svg>",
    "",
  ].join("\n");
}
