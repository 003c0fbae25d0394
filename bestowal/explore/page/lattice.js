// @ts-check
// The lattice of Hammond and Axelrod, playing; its values may change as it runs.

import { WITHOUT_MOTION, h, inWords, number, say } from "./dom.js";
import { decode } from "./frames.js";
import { begin, drawShares } from "./lattice_view.js";
import { scaleOf } from "./levers.js";

export const LATTICE = "hammond_axelrod_2006";

const SHOWN = ["cost", "benefit", "death", "mutation"];
const CHUNK = 100;

/** Hammond and Axelrod's lattice, playing; cost and benefit may change as it runs. */
export async function latticeOf(host, state, settle) {
  const model = await host.json(`/api/models/${LATTICE}`);
  const start = Object.fromEntries(model.parameters.map((one) => [one.name, one.default]));
  let changes = state.c.filter(({ values }) => Object.keys(values).every((name) => name in start));
  let chunks = new Map();
  let meta = null,
    shows = "acts",
    at = state.t,
    playing = false,
    last = 0,
    speed = 30,
    stopped = false,
    generation = 0;

  const canvas = h("canvas", { class: "lattice", role: "img", "aria-label": "The lattice" });
  const context = canvas.getContext("2d");
  const legend = h("div", { class: "key" });
  const step = h("output", { class: "year" });
  const said = h("p", { class: "small", role: "status" });
  const play = h("button", { type: "button", onclick: () => (playing ? pause() : go()) }, "Play");
  const history = h("p", { class: "small" });
  const chart = h("div", { class: "shares" });

  const values = (when) =>
    Object.assign({ ...start }, ...changes.filter((change) => change.step <= when).map((change) => change.values));
  const levers = SHOWN.map((name) => model.parameters.find((one) => one.name === name))
    .filter(Boolean)
    .map((parameter) => {
      const fine = { ...parameter, high: { cost: 0.05, benefit: 0.1, death: 0.5, mutation: 0.05 }[parameter.name] };
      const scale = scaleOf(fine);
      const shown = h("output", {});
      const slider = h("input", {
        type: "range",
        min: 0,
        max: scale.steps,
        "aria-label": `${inWords(parameter.name)}: ${parameter.meaning}`,
        oninput: () => show(),
        onchange: () => change(parameter.name, scale.value(Number(slider.value))),
      });
      const show = () => {
        say(shown, number(scale.value(Number(slider.value))));
        slider.setAttribute("aria-valuetext", shown.textContent);
      };
      return {
        name: parameter.name,
        set(value) {
          slider.value = scale.at(value);
          show();
        },
        element: h(
          "div",
          { class: "lever" },
          h("div", { class: "lever-head" }, h("span", {}, inWords(parameter.name)), shown),
          h("div", { class: "slide" }, slider),
          h("p", { class: "about" }, parameter.meaning),
        ),
      };
    });

  async function chunk(k) {
    if (!chunks.has(k)) {
      const mine = generation;
      const body = { model: LATTICE, values: {}, changes, world: state.w, first: k * CHUNK, count: CHUNK };
      const wait = host.frames("/api/lattice", body).then((buffer) => decode(buffer));
      chunks.set(k, wait);
      wait.catch(() => mine === generation && chunks.delete(k));
    }
    return chunks.get(k);
  }

  function change(name, value) {
    const now = Math.floor(at);
    // What was set before stays; what was to come later gives way to what is set now.
    changes = changes.filter((one) => one.step < now || (one.step === now && !(name in one.values)));
    changes.push({ step: now, values: { [name]: value } });
    const kept = Math.floor(now / CHUNK);
    generation += 1;
    chunks = new Map([...chunks].filter(([k]) => k < kept));
    told();
    draw();
  }

  function told() {
    settle({ ...state, c: changes, t: Math.floor(at) });
    say(
      history,
      changes.length
        ? `Changed: ${changes
            .map(
              ({ step: when, values: set }) =>
                `${Object.entries(set)
                  .map(([name, value]) => `${name} ${number(value)}`)
                  .join(", ")} from period ${when}`,
            )
            .join("; ")}.`
        : "No change yet: move a lever while the model runs.",
    );
  }

  let shown = null;
  async function draw() {
    const k = Math.floor(at / CHUNK);
    try {
      const frames = await chunk(k);
      if (stopped) return;
      meta ??= begin(canvas, legend, shows, frames.meta);
      const { side } = frames.meta;
      const i = Math.min(Math.floor(at) - k * CHUNK, CHUNK - 1);
      if (i < 0) return;
      const cells = frames.arrays.cells.subarray(i * side * side, (i + 1) * side * side);
      const picture = context.createImageData(side, side);
      const words = new Uint32Array(picture.data.buffer);
      for (let cell = 0; cell < cells.length; cell++) words[cell] = meta.colours[cells[cell]] ?? 0;
      context.putImageData(picture, 0, 0);
      say(step, `period ${Math.floor(at)}`);
      shown = frames;
      drawShares(chart, canvas, frames, i, Math.floor(at), model);
      say(said, "");
    } catch (error) {
      pause();
      say(said, error.message);
    }
  }

  function tick(now) {
    if (!playing || stopped) return;
    const by = (Math.min(now - last, 100) / 1000) * (WITHOUT_MOTION.matches ? 2 : speed);
    last = now;
    const k = Math.floor((at + by) / CHUNK);
    // The next pieces are asked for ahead; until one is there the lattice stands.
    chunk(k + 1).catch(() => {});
    chunk(k).then(
      () => {
        if (Math.floor(at + by) !== Math.floor(at) || !shown) {
          at += by;
          draw();
        } else at += by;
        if (at >= LAST - 1) pause();
        else requestAnimationFrame(tick);
      },
      (error) => {
        pause();
        say(said, error.message);
      },
    );
  }
  const LAST = 20000; // periods, so that the address stays short of what a server refuses

  function go() {
    playing = true;
    last = performance.now();
    say(play, "Pause");
    requestAnimationFrame(tick);
  }

  function pause() {
    playing = false;
    say(play, "Play");
    for (const lever of levers) lever.set(values(Math.floor(at))[lever.name]);
    if (!stopped) told();
  }

  const to = (when) => {
    at = Math.max(0, when);
    for (const lever of levers) lever.set(values(Math.floor(at))[lever.name]);
    told();
    draw();
  };
  const pace = h(
    "select",
    { "aria-label": "Speed, periods a second", onchange: () => (speed = Number(pace.value)) },
    [5, 30, 100].map((n) => h("option", { value: n, selected: n === speed }, `${n} periods/s`)),
  );
  const shown_ = h(
    "select",
    {
      "aria-label": "Meaning of the colours",
      onchange: () => {
        shows = shown_.value;
        meta = null;
        draw();
      },
    },
    h("option", { value: "acts" }, "colour: strategy"),
    h("option", { value: "groups" }, "colour: group"),
  );
  const element = h(
    "section",
    { class: "lattice-page", "aria-labelledby": "lattice-title" },
    h("h2", { id: "lattice-title" }, model.title),
    h(
      "p",
      {},
      "Agents on a torus have a group colour and may help neighbours of their own or of other colours. Helping lowers the helper’s probability of reproducing; being helped raises it.",
    ),
    h(
      "div",
      { class: "lattice-box" },
      h(
        "div",
        {},
        canvas,
        h(
          "div",
          { class: "clock" },
          step,
          h(
            "div",
            { class: "buttons" },
            h(
              "button",
              {
                type: "button",
                onclick: () => {
                  pause();
                  to(0);
                },
              },
              "Restart",
            ),
            h(
              "button",
              {
                type: "button",
                onclick: () => {
                  pause();
                  to(Math.floor(at) + 1);
                },
              },
              "One step",
            ),
            play,
          ),
          pace,
          shown_,
        ),
        legend,
      ),
      h(
        "div",
        {},
        chart,
        ...levers.map((one) => one.element),
        history,
        h(
          "div",
          { class: "actions" },
          h(
            "button",
            {
              type: "button",
              class: "quiet",
              onclick: () => {
                changes = [];
                generation += 1;
                chunks = new Map();
                to(at);
              },
            },
            "Back to the paper’s values",
          ),
        ),
        said,
      ),
    ),
  );
  requestAnimationFrame(() => to(at));
  return {
    element,
    stop: () => {
      stopped = true;
      playing = false;
    },
  };
}
