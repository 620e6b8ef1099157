import { createHash } from "node:crypto";
import { escapeHtml } from "./html.ts";

/** The look of every page: phone and desk, light and dark, and on paper. Colours meet WCAG AA on their grounds. */
const style = `
:root{color-scheme:light dark;--ground:#fff;--text:#1b1f24;--quiet:#57606a;--rule:#d0d7de;--good:#116329;--bad:#a40e26;--open:#7d4e00;--one:#0550ae;--two:#953800;--three:#116329;--shade:#f3f5f8}
@media (prefers-color-scheme:dark){:root{--ground:#0d1117;--text:#e6edf3;--quiet:#9ea7b3;--rule:#30363d;--good:#56d364;--bad:#ff7b72;--open:#e3b341;--one:#79c0ff;--two:#ffa657;--three:#7ee787;--shade:#161b22}}
*{box-sizing:border-box}
body{margin:0 auto;max-width:60rem;padding:1rem;background:var(--ground);color:var(--text);font:1rem/1.5 system-ui,sans-serif;overflow-wrap:break-word}
h1{font-size:1.5rem;line-height:1.25;margin:.5rem 0}
h2{font-size:1.15rem;margin:2rem 0 .5rem;border-bottom:1px solid var(--rule);padding-bottom:.25rem}
h3{font-size:1rem;margin:1.25rem 0 .25rem}
a{color:var(--one)}
.quiet{color:var(--quiet)}.good{color:var(--good)}.bad{color:var(--bad)}.open,.doubt{color:var(--open)}
.verdict{font-size:1.2rem;font-weight:700;margin:.25rem 0 1rem}
.scroll{overflow-x:auto}.scroll:focus-visible,pre:focus-visible{outline:2px solid var(--one);outline-offset:2px}
table{border-collapse:collapse;width:100%;font-variant-numeric:tabular-nums}
th,td{text-align:left;padding:.3rem .6rem .3rem 0;border-bottom:1px solid var(--rule);vertical-align:top}
td.number,th.number{text-align:right}
td.number+td:not(.number),th.number+th:not(.number){padding-left:.6rem}
td .good,td .bad,td .open,.whole{white-space:nowrap}
code,pre{font-family:ui-monospace,monospace;font-size:.9em}
pre{background:var(--shade);padding:.6rem;overflow-x:auto}
dl{display:grid;grid-template-columns:max-content 1fr;gap:.15rem .9rem;margin:.5rem 0}
dt{color:var(--quiet)}dd{margin:0;overflow-wrap:anywhere}
.tiles{display:flex;flex-wrap:wrap;gap:.5rem 1.75rem;font-variant-numeric:tabular-nums}
.tiles dt{font-size:.85rem}.tiles dd{font-size:1.15rem;font-weight:600}
article{border-top:1px solid var(--rule);padding:.25rem 0}
ul{padding-left:1.2rem}
.chart{margin:1rem 0}
.chart>svg{width:100%;height:auto;display:block}
.chart path{fill:none;stroke-width:2}
.chart .one{stroke:var(--one)}.chart .two{stroke:var(--two);stroke-dasharray:6 3}.chart .three{stroke:var(--three);stroke-dasharray:2 3}
.chart .area{fill:var(--one);fill-opacity:.2;stroke-width:1}
.chart .grid{stroke:var(--rule)}.chart .band{fill:var(--shade)}
.chart text{fill:var(--quiet);font:12px system-ui,sans-serif}
figcaption{display:flex;flex-wrap:wrap;gap:.25rem 1rem;font-size:.9rem}
.key svg{width:24px;height:8px;margin-right:.35rem}
@media (max-width:40rem){dl{grid-template-columns:1fr;gap:0}dd{margin-bottom:.4rem}body{font-size:.95rem}.chart text{font-size:20px}.chart .y{display:none}table{font-size:.85rem}th,td{padding-right:.4rem}.scroll th:first-child,.scroll td:first-child{min-width:7rem}.spare{display:none}
.stacked thead{display:none}.stacked tr{display:block;padding:.4rem 0;border-bottom:1px solid var(--rule)}.stacked td{display:grid;grid-template-columns:6.5rem 1fr;border:0;padding:.1rem 0}.stacked td:first-child{font-weight:600}.stacked td::before{font-weight:400;content:attr(data-name);color:var(--quiet)}}
@media print{.scroll,pre{overflow:visible}pre{white-space:pre-wrap;overflow-wrap:anywhere}:root{color-scheme:light;--ground:#fff;--text:#000;--quiet:#444;--rule:#bbb;--good:#0a4d1c;--bad:#8a0018;--open:#5c3a00;--one:#003e8a;--two:#7a2e00;--three:#0a4d1c;--shade:#f0f0f0}body{max-width:none;padding:0;font-size:10pt}h2,h3{break-after:avoid}h2{margin-top:1.2rem}.chart,tr,pre{break-inside:avoid}.chart{margin:.4rem 0}.chart>svg{max-height:6.2cm}th,td{padding-top:.12rem;padding-bottom:.12rem}}
`.trim();

const styleDigest = createHash("sha256").update(style).digest("base64");

/**
 * A page that is whole in itself: no script, nothing that is fetched.
 * @param body HTML, with everything in it escaped
 */
export function htmlPage(title: string, body: string): string {
  return [
    "<!doctype html>",
    '<html lang="en"><head><meta charset="utf-8">',
    `<meta http-equiv="Content-Security-Policy" content="default-src 'none'; style-src 'sha256-${styleDigest}'">`,
    '<meta name="viewport" content="width=device-width, initial-scale=1">',
    `<title>${escapeHtml(title)}</title><style>${style}</style></head>`,
    `<body><main>${body}</main></body></html>`,
    "",
  ].join("\n");
}

/** How a table looks where there is little room. */
export interface NarrowTable {
  /** Columns that are left out. */
  readonly spare?: readonly number[];
  /** Each row becomes a list of its cells, with the names of their columns. */
  readonly stacked?: boolean;
}

/**
 * A table that scrolls by itself where the page is narrow, also by keyboard.
 * @param name read to people who do not see it
 * @param head HTML, as are the cells
 * @param numbers columns that are aligned to the right
 */
export function htmlTable(
  name: string,
  head: readonly string[],
  rows: readonly (readonly string[])[],
  numbers: readonly number[] = [],
  { spare = [], stacked = false }: NarrowTable = {},
): string {
  const look = (column: number): string => {
    const classes = [numbers.includes(column) ? "number" : "", spare.includes(column) ? "spare" : ""];
    const written = classes.filter((each) => each !== "").join(" ");
    return `${written === "" ? "" : ` class="${written}"`}`;
  };
  const label = (column: number): string => (stacked ? ` data-name="${escapeHtml(head[column] ?? "")}"` : "");
  const header = head.map((cell, column) => `<th scope="col"${look(column)}>${cell}</th>`).join("");
  const content = (cell: string): string => (stacked ? `<div>${cell}</div>` : cell);
  const body = rows.map(
    (row) =>
      `<tr>${row.map((cell, column) => `<td${look(column)}${label(column)}>${content(cell)}</td>`).join("")}</tr>`,
  );
  return `<div class="scroll" role="region" aria-label="${escapeHtml(name)}" tabindex="0"><table${stacked ? ' class="stacked"' : ""}><thead><tr>${header}</tr></thead><tbody>${body.join("")}</tbody></table></div>`;
}

/** Figures side by side; values are HTML. */
export function htmlTiles(figures: readonly (readonly [name: string, value: string])[]): string {
  const list = figures.map(([name, value]) => `<div><dt>${escapeHtml(name)}</dt><dd>${value}</dd></div>`);
  return `<dl class="tiles">${list.join("")}</dl>`;
}
