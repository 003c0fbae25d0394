// @ts-check
// The odds: the same change in many worlds, refining as they come in.

import { h, plural, points, say, share } from "./dom.js";

const READINGS = {
  raises: "The change raises P(success).",
  lowers: "The change lowers P(success).",
  "no difference that matters": "The change makes no difference to P(success) beyond the equivalence margin.",
};

/** The panel. `more(worlds)` when more worlds are asked for. */
export function odds(more) {
  const reading = h("p", { class: "reading" });
  const body = h("div", { class: "odds-body" });
  const state = h("span", { class: "soft" });
  const bar = h("i", {});
  const progress = h(
    "div",
    {
      class: "progress",
      role: "progressbar",
      "aria-label": "Worlds run",
      "aria-valuemin": 0,
      "aria-valuemax": 100,
      "aria-valuenow": 0,
    },
    bar,
  );
  const most = h(
    "select",
    { "aria-label": "Worlds, at most", onchange: () => more(Number(most.value)) },
    [100, 400, 2000, 10000].map((n) => h("option", { value: n, selected: n === 400 }, `up to ${plural(n, "world")}`)),
  );
  const element = h(
    "section",
    { class: "odds", "aria-labelledby": "odds-title" },
    h("div", { class: "head" }, h("h2", { id: "odds-title" }, "Probabilities over many worlds"), most),
    progress,
    reading,
    body,
    h("p", { class: "small state" }, state),
  );

  function line(title, a, b, about, read) {
    return h(
      "div",
      { class: "odd" },
      h("div", { class: "odd-title" }, title, about ? h("span", { class: "soft" }, about) : null),
      h(
        "div",
        { class: "odd-rows" },
        [
          ["was", a],
          ["with", b],
        ]
          .filter(([, interval]) => interval !== undefined)
          .map(([side, interval]) => spread(side, interval, read)),
      ),
    );
  }

  return {
    element,
    set recorded(is) {
      most.hidden = is;
    },
    most: () => Number(most.value),
    waiting(same) {
      element.classList.add("old");
      say(reading, same ? "No change yet: the histories are identical." : "Running worlds …");
      say(state, "");
      progress.hidden = false;
      bar.style.width = "0";
      progress.setAttribute("aria-valuenow", 0);
    },
    failed(text) {
      element.classList.add("old");
      say(reading, text);
      progress.hidden = true;
    },
    empty(text) {
      body.replaceChildren();
      this.failed(text);
      say(state, "");
    },
    show(told, changed, asked) {
      element.classList.remove("old");
      const part = told.done ? 100 : Math.round((100 * told.worlds) / most.value);
      bar.style.width = `${part}%`;
      progress.setAttribute("aria-valuenow", part);
      progress.hidden = told.done;
      say(
        reading,
        !changed
          ? "No change yet: the histories are identical."
          : (READINGS[told.reading] ?? (told.done ? "Undecided with this number of worlds." : "Undecided so far.")),
      );
      body.replaceChildren(
        line("P(success)", told.success.a, changed ? told.success.b : undefined, asked, share),
        ...(changed
          ? [
              line("Effect, points", undefined, told.effect, "with the change minus baseline", points),
              line(
                "Sufficiency",
                undefined,
                told.sufficiency,
                `of the ${among(told.sufficiency)}worlds that fail in the baseline, the share that succeed with the change`,
                share,
              ),
              line(
                "Necessity",
                undefined,
                told.necessity,
                `of the ${among(told.necessity)}worlds that succeed with the change, the share that fail in the baseline`,
                share,
              ),
            ]
          : []),
        told.parts.length > 1
          ? h(
              "details",
              { open: element.querySelector("details")?.open },
              h("summary", {}, `${told.parts.length} criteria of success`),
              told.parts.map((one) => line(one.label, one.a, changed ? one.b : undefined, "", share)),
            )
          : "",
      );
      say(
        state,
        `${plural(told.worlds, "world")}${told.done ? "" : " so far"}; lines are 95 % intervals (Monte Carlo error).`,
      );
    },
  };
}

/** The worlds an interval rests on. */
function among(interval) {
  return interval?.[3] ? `${interval[3].toLocaleString("en")} ` : "";
}

/** An interval: a line from low to high, a point at the estimate, and the numbers. */
function spread(side, interval, read) {
  if (!interval || interval[0] === null)
    return h(
      "div",
      { class: `spread ${side}` },
      h("span", { class: "track" }),
      h("span", { class: "told" }, "undecided so far"),
    );
  const signed = read === points;
  const at = (value) => `${signed ? 50 + 50 * value : 100 * value}%`;
  const [estimate, low, high] = interval;
  const whisker = h("i", { class: "whisker" });
  const point = h("i", { class: "point" });
  if (low !== null) {
    whisker.style.left = at(low);
    whisker.style.right = `calc(100% - ${at(high)})`;
  }
  point.style.left = at(estimate);
  const limits =
    low === null
      ? ""
      : signed
        ? `${points(low)} to ${points(high)}`
        : `${share(low).replace("\u00a0%", "")} to ${share(high)}`;
  return h(
    "div",
    { class: `spread ${side}` },
    h(
      "span",
      { class: `track${signed ? " signed" : ""}`, "aria-hidden": "true" },
      low !== null ? whisker : null,
      point,
    ),
    h(
      "span",
      { class: "told" },
      h("span", { class: "unseen" }, side === "was" ? "baseline: " : "with the change: "),
      h("b", {}, read(estimate)),
      " ",
      h("span", { class: "soft" }, limits),
    ),
  );
}
