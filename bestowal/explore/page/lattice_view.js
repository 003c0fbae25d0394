// @ts-check
// What a period of the lattice looks like: its colours, its legend, and the shares of the strategies.

import { coloursOf, h, inWords, say, share } from "./dom.js";

/** The colour of every cell code, by what people do or by their group; "ethnocentric, colour 2" is a label of one. */
export function begin(canvas, legend, shows, { side, legend: codes }) {
  if (canvas.width !== side) canvas.width = canvas.height = side;
  const colour = coloursOf(canvas);
  const acts = { selfish: "lat-selfish", ethnocentric: "lat-own", traitorous: "lat-other", humanitarian: "lat-all" };
  const colours = {};
  const shown = new Map();
  for (const { code, label } of codes) {
    const [act, group] = label.split(", ");
    const name = shows === "acts" ? acts[act] : group && `group-${(Number(group.split(" ")[1]) - 1) % 6}`;
    const paint = colour(name ?? "place");
    const [r, g, b] = [1, 3, 5].map((k) => parseInt(paint.slice(k, k + 2), 16));
    colours[code] = ((255 << 24) | (b << 16) | (g << 8) | r) >>> 0;
    shown.set(shows === "acts" ? act : (group ?? act), paint);
  }
  legend.replaceChildren(
    ...[...shown].map(([label, paint]) => {
      const patch = h("i", {});
      patch.style.background = paint;
      return h("span", {}, patch, label);
    }),
  );
  return { colours };
}

/** Shares of the strategies in this period, as bars and in words. */
export function drawShares(chart, canvas, frames, i, period, model) {
  const names = frames.meta.observables ?? model.observables.map((one) => one.name);
  const read = (name) => frames.arrays.observables[i * names.length + names.indexOf(name)];
  const bars = [
    ["ethnocentric", "lat-own"],
    ["humanitarian", "lat-all"],
    ["selfish", "lat-selfish"],
    ["traitorous", "lat-other"],
  ].filter(([name]) => names.includes(name));
  if (!chart.children.length)
    chart.append(
      ...bars.map(([name]) =>
        h(
          "div",
          { class: "bar" },
          h("span", {}, inWords(name)),
          h("span", { class: "track" }, h("i", { class: name })),
          h("b", {}),
        ),
      ),
    );
  bars.forEach(([name], k) => {
    const value = read(name);
    const [, track, text] = chart.children[k].children;
    track.firstChild.style.width = `${100 * (value || 0)}%`;
    say(text, share(value));
  });
  canvas.setAttribute(
    "aria-label",
    `The lattice in period ${period}: ${bars.map(([name]) => `${name} ${share(read(name))}`).join(", ")}`,
  );
}
