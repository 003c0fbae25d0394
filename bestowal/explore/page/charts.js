// @ts-check
// Paired charts: these two worlds as lines, the ensemble's middle and its tenth to ninetieth percentile behind them.

import { coloursOf, h, inWords, number, say } from "./dom.js";

export const CHARTED = [
  "standing",
  "members",
  "effort",
  "motive",
  "ability",
  "consumption",
  "output_ratio",
  "need_met",
  "purity",
  "scope",
  "unconditionality",
  "pay_link",
];
const HEIGHT = 118;

/** A grid of charts. `scrub(year)` when one is clicked. */
export function charts(element, scrub) {
  let pair = null,
    bands = null,
    byName = new Map(),
    made = [],
    time = 0;

  function build() {
    for (const chart of made) chart.plot.destroy();
    made = [];
    element.replaceChildren();
    if (!pair) return;
    for (const name of CHARTED) if (pair.meta.observables.includes(name)) made.push(one(name));
    cursor(time);
  }

  function one(name) {
    const about = byName.get(name);
    const colour = coloursOf(element);
    const now = h("span", { class: "now" });
    const place = h("div", { class: "plot" });
    const figure = h(
      "figure",
      { class: "chart" },
      h(
        "figcaption",
        {},
        h("b", {}, inWords(name)),
        now,
        h("span", { class: "soft" }, about ? `${about.meaning}` : ""),
      ),
      place,
    );
    element.append(figure);
    const years = Array.from({ length: pair.meta.years }, (_, year) => pair.meta.first_year + year);
    const band = (side, part) => bands?.[name]?.[side]?.[part] ?? years.map(() => null);
    const [a, b] = [pair.a.series(name), pair.b.series(name)];
    const data = [
      years,
      band("a", "low"),
      band("a", "high"),
      band("b", "low"),
      band("b", "high"),
      band("a", "mid"),
      band("b", "mid"),
      a,
      b,
    ];
    const share = about?.high === 1 && about?.low === 0;
    const hidden = { width: 0, points: { show: false } };
    const line = (stroke, width, dash) => ({ stroke, width, dash, points: { show: false } });
    const axis = {
      stroke: colour("soft"),
      font: `11px ${colour("sans")}`,
      grid: { stroke: colour("grid"), width: 1 },
      ticks: { show: false },
    };
    const plot = new uPlot(
      {
        width: Math.max(160, place.clientWidth),
        height: HEIGHT,
        padding: [6, 6, 0, 0],
        legend: { show: false },
        cursor: { show: false },
        select: { show: false },
        scales: {
          x: { time: false },
          y: { range: (_, low, high) => (share ? [0, 1] : [Math.min(0, low ?? 0), (high ?? 1) * 1.06 || 1]) },
        },
        axes: [
          { ...axis, size: 20, gap: 3, space: 50, grid: { show: false }, values: (_, ticks) => ticks.map(String) },
          { ...axis, size: 36, gap: 4, space: 28, values: (_, ticks) => ticks.map((tick) => number(tick)) },
        ],
        series: [
          {},
          hidden,
          hidden,
          hidden,
          hidden,
          line(colour("was-mid"), 1, [1, 3]),
          line(colour("with-mid"), 1, [1, 3]),
          line(colour("was"), 1.8),
          line(colour("with"), 1.8, [6, 3]),
        ],
        bands: [
          { series: [2, 1], fill: colour("was-band") },
          { series: [4, 3], fill: colour("with-band") },
        ],
      },
      data,
      place,
    );
    const at = h("div", { class: "at" });
    plot.over.append(at);
    let dragging = false;
    const to = (event) => scrub(plot.posToVal(event.offsetX, "x") - pair.meta.first_year);
    plot.over.addEventListener("pointerdown", (event) => {
      dragging = true;
      plot.over.setPointerCapture(event.pointerId);
      to(event);
    });
    plot.over.addEventListener("pointermove", (event) => dragging && to(event));
    for (const end of ["pointerup", "pointercancel"]) plot.over.addEventListener(end, () => (dragging = false));
    plot.root.setAttribute("aria-hidden", "true");
    return { name, plot, at, now, place, a, b, figure };
  }

  function cursor(at) {
    time = at;
    const year = Math.floor(at + 1e-9);
    for (const { plot, at: mark, now, a, b } of made) {
      mark.style.transform = `translateX(${plot.valToPos(pair.meta.first_year + at, "x")}px)`;
      const [was, is] = [number(a[year]), number(b[year])];
      say(now, was === is ? was : `${was} → ${is}`);
    }
  }

  let wide = 0;
  new ResizeObserver(() => {
    if (element.clientWidth === wide) return;
    wide = element.clientWidth;
    for (const chart of made) chart.plot.setSize({ width: Math.max(160, chart.place.clientWidth), height: HEIGHT });
    if (pair) cursor(time);
  }).observe(element);

  return {
    show(newPair, observables) {
      const before = pair;
      pair = newPair;
      const same = (name) => before?.meta[name] === pair.meta[name];
      if (
        made.length &&
        same("years") &&
        same("first_year") &&
        before.meta.observables.join() === pair.meta.observables.join()
      ) {
        for (const chart of made) [chart.a, chart.b] = [pair.a.series(chart.name), pair.b.series(chart.name)];
        this.showBands(bands);
        return;
      }
      byName = new Map(observables.map((one) => [one.name, one]));
      build();
    },
    /** The ensemble's percentiles by year, or null. */
    showBands(newBands) {
      bands = newBands;
      if (!pair) return;
      for (const { name, plot, a, b } of made) {
        // Lines first, bands as far as they are known.
        const empty = plot.data[0].map(() => null);
        const band = (side, part) => bands?.[name]?.[side]?.[part] ?? empty;
        plot.setData([
          plot.data[0],
          band("a", "low"),
          band("a", "high"),
          band("b", "low"),
          band("b", "high"),
          band("a", "mid"),
          band("b", "mid"),
          a,
          b,
        ]);
      }
      cursor(time);
    },
    cursor,
    repaint: build,
    clear() {
      pair = null;
      build();
    },
  };
}
