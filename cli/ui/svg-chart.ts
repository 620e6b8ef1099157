import { scaleLinear, scaleLog } from "d3-scale";
import { area, curveStepAfter, line } from "d3-shape";
import { escapeHtml } from "./html.ts";

/** Points of one line; null is a gap. */
export interface Series {
  readonly name: string;
  /** Class of the line: its colour and dashes are the page's. */
  readonly look: string;
  readonly points: readonly (readonly [x: number, y: number | null])[];
  readonly isArea?: boolean;
}

export interface ChartOptions {
  /** Read to people who do not see the picture. */
  readonly title: string;
  readonly xTitle: string;
  readonly yTitle: string;
  readonly series: readonly Series[];
  /** Values far apart are shown by their order of magnitude. */
  readonly isLog?: boolean;
  /** A shaded part with its name, such as the warm-up. */
  readonly band?: { readonly from: number; readonly to: number; readonly name: string };
  /** The words of a place on the x axis; default the number. */
  readonly xLabel?: (x: number) => string;
  readonly xTicks?: readonly number[];
}

const width = 720;
const height = 280;
const margin = { top: 14, right: 30, bottom: 50, left: 62 };

function short(value: number): string {
  return value >= 10_000 ? `${value / 1000}k` : String(Number(value.toPrecision(3)));
}

/** A picture of lines over a common axis, as SVG without script or style of its own. */
export function lineChart(options: ChartOptions): string {
  const { series, isLog = false, band } = options;
  const points = series
    .flatMap((each) => each.points)
    .filter((point): point is [number, number] => point[1] !== null);
  const xs = points.map(([x]) => x);
  const ys = points.map(([, y]) => y).filter((y) => !isLog || y > 0);
  const x = scaleLinear()
    .domain([Math.min(...xs, 0), Math.max(...xs, 1)])
    .range([margin.left, width - margin.right]);
  const bottom = height - margin.bottom;
  const y = isLog
    ? scaleLog()
        .domain([Math.max(Math.min(...ys, 1), 0.01), Math.max(...ys, 10)])
        .range([bottom, margin.top])
        .nice()
    : scaleLinear()
        .domain([Math.min(0, ...ys), Math.max(...ys, 1)])
        .range([bottom, margin.top])
        .nice();
  const yTicks = isLog
    ? y.ticks().filter((tick) => Number.isInteger(Math.round(Math.log10(tick) * 1e9) / 1e9))
    : y.ticks(Math.min(5, Math.ceil(y.domain()[1] ?? 1)));
  const at = (value: number): number =>
    Math.round(y(isLog ? Math.max(value, y.domain()[0] ?? 0.01) : value) * 10) / 10;
  const across = (value: number): number => Math.round(x(value) * 10) / 10;
  const path = ({ points: own, look, isArea }: Series): string => {
    const drawn =
      isArea === true
        ? area<readonly [number, number | null]>()
            .defined(([, value]) => value !== null)
            .x(([value]) => across(value))
            .y0(at(0))
            .y1(([, value]) => at(value ?? 0))
            .curve(curveStepAfter)([...own])
        : line<readonly [number, number | null]>()
            .defined(([, value]) => value !== null)
            .x(([value]) => across(value))
            .y(([, value]) => at(value ?? 0))([...own]);
    return drawn === null ? "" : `<path class="${look}${isArea === true ? " area" : ""}" d="${drawn}"/>`;
  };
  const xTicks = options.xTicks ?? x.ticks(8);
  const xLabel = options.xLabel ?? short;
  return [
    `<figure class="chart"><svg viewBox="0 0 ${width} ${height}" role="img" aria-label="${escapeHtml(options.title)}">`,
    band === undefined || band.to <= band.from
      ? ""
      : `<rect class="band" x="${across(band.from)}" y="${margin.top}" width="${across(band.to) - across(band.from)}" height="${bottom - margin.top}"/><text class="note" x="${across(band.from) + 4}" y="${margin.top + 12}">${escapeHtml(band.name)}</text>`,
    ...yTicks.map(
      (tick) =>
        `<line class="grid" x1="${margin.left}" x2="${width - margin.right}" y1="${at(tick)}" y2="${at(tick)}"/><text class="tick" text-anchor="end" x="${margin.left - 6}" y="${at(tick) + 4}">${short(tick)}</text>`,
    ),
    ...xTicks.map(
      (tick) =>
        `<text class="tick" text-anchor="middle" x="${across(tick)}" y="${bottom + 18}">${escapeHtml(xLabel(tick))}</text>`,
    ),
    `<text class="axis" text-anchor="middle" x="${(margin.left + width - margin.right) / 2}" y="${height - 8}">${escapeHtml(options.xTitle)}</text>`,
    `<text class="axis y" text-anchor="middle" transform="translate(14 ${(margin.top + bottom) / 2}) rotate(-90)">${escapeHtml(options.yTitle)}</text>`,
    ...series.map(path),
    "</svg><figcaption>",
    ...series.map(
      ({ name, look }) =>
        `<span class="key"><svg viewBox="0 0 24 8" aria-hidden="true"><path class="${look}" d="M0,4L24,4"/></svg>${escapeHtml(name)}</span>`,
    ),
    "</figcaption></figure>",
  ].join("");
}
