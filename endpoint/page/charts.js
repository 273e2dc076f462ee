// Two kinds of small charts, drawn into an <svg> of 180 by 48 units.

import { draw } from "./dom.js";

const WIDTH = 180;
const HEIGHT = 48;
const TOP = 2; // room for the line's own width

/** Seconds that a line chart shows: a sample each. */
export const SPAN_S = WIDTH;
const LATE_S = 3; // a sample may come so late and still stand for the time before it

/** The last samples of one figure, one for each second; null where nobody asked, or nobody answered. */
export class Samples {
  #values = [];
  #at = 0; // the second of the last one

  add(value) {
    const second = Math.round(performance.now() / 1000);
    const passed = this.#values.length ? second - this.#at : 1;
    const missing = passed > LATE_S ? null : value;
    for (let each = 1; each < Math.min(passed, SPAN_S); each += 1) this.#values.push(missing);
    if (passed > 0) this.#values.push(value);
    this.#values.splice(0, this.#values.length - SPAN_S);
    this.#at = second;
  }

  get highest() {
    return Math.max(0, ...this.#values);
  }

  /** Draw them as a line on an area, the newest at the right; a gap where there is none. */
  draw(svg) {
    const scale = (HEIGHT - TOP - 1) / (this.highest || 1);
    const first = WIDTH - this.#values.length;
    const runs = [[]];
    this.#values.forEach((value, index) => {
      if (value === null) runs.push([]);
      else runs.at(-1).push(`${first + index} ${(HEIGHT - 1 - value * scale).toFixed(1)}`);
    });
    const lines = runs.filter((run) => run.length).map((run) => `M${run.join("L")}`);
    const areas = lines.map((line) => `${line}V${HEIGHT}H${line.slice(1).split(" ")[0]}Z`);
    svg.replaceChildren(draw("path", { class: "area", d: areas.join("") }), draw("path", { class: "line", d: lines.join("") }));
  }
}

/** Draw shares, 0 to 1, as bars from the right, the last one the newest. */
export function drawShares(svg, shares, most) {
  const step = WIDTH / most;
  const first = most - shares.length;
  const bars = shares.map((share, index) => {
    const height = Math.max(1, share * HEIGHT);
    const x = (first + index) * step + 1;
    return draw("rect", { x, y: HEIGHT - height, width: step - 2, height, class: share ? "hit" : "miss" });
  });
  svg.replaceChildren(...bars);
}
