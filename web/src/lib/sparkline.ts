/** Small curves without axes: how a number went in the last minutes. Decoration; the number itself stands beside it. */
import { html, type TemplateResult } from "lit";

const WIDTH = 120;
const HEIGHT = 30;
const MARGIN = 3;

/** The outline of `values` in a 120 by 30 box, oldest first; null is a moment without a value, and carries the last on. */
export function outline(values: readonly (number | null)[], stepped = false): string {
  let last = values.find((value) => value !== null) ?? 0;
  const known = values.map((value) => (last = value ?? last));
  if (known.length < 2) known.unshift(...Array<number>(2 - known.length).fill(known[0] ?? 0));
  const low = Math.min(...known);
  const high = Math.max(...known);
  const y = (value: number) =>
    high === low ? HEIGHT - MARGIN : HEIGHT - MARGIN - ((value - low) / (high - low)) * (HEIGHT - 2 * MARGIN);
  // A step stands for its whole moment, a corner for one point.
  const at = (index: number) => ((index / (known.length - (stepped ? 0 : 1))) * WIDTH).toFixed(1);
  const line = known.map((value, index) => {
    if (index === 0) return `M0 ${y(value).toFixed(1)}`;
    return stepped ? `H${at(index)}V${y(value).toFixed(1)}` : `L${at(index)} ${y(value).toFixed(1)}`;
  });
  return `${line.join("")}${stepped ? `H${WIDTH}` : ""}`;
}

export function sparkline(values: readonly (number | null)[], stepped = false): TemplateResult {
  const line = outline(values, stepped);
  return html`<svg class="spark" viewBox="0 0 ${WIDTH} ${HEIGHT}" preserveAspectRatio="none" aria-hidden="true">
    <path class="area" d="${line}V${HEIGHT}H0Z"></path>
    <path class="line" d=${line}></path>
  </svg>`;
}
