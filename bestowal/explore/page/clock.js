// @ts-check
// One clock for both worlds: play, pause, step, scrub, speed.

import { WITHOUT_MOTION, clamp, h, say } from "./dom.js";

const SPEEDS = [
  { value: 0.5, name: "½" },
  { value: 1, name: "1" },
  { value: 2, name: "2" },
  { value: 4, name: "4" },
  { value: 8, name: "8" },
];

/** {element, set(time), setSpan(years, firstYear), time, playing}. `moved(time)` each frame, `rested(year)` when it stands. */
export function clock(moved, rested) {
  let years = 1,
    firstYear = 0,
    time = 0,
    playing = false,
    last = 0,
    speed = 2;
  const icon = (d) => {
    const shape = document.createElementNS("http://www.w3.org/2000/svg", "svg");
    shape.setAttribute("viewBox", "0 0 20 20");
    shape.setAttribute("aria-hidden", "true");
    const path = document.createElementNS("http://www.w3.org/2000/svg", "path");
    path.setAttribute("d", d);
    shape.append(path);
    return shape;
  };
  const PLAY = "M5 3l12 7-12 7z",
    PAUSE = "M5 3h4v14H5zM11 3h4v14h-4z";
  const play = h(
    "button",
    { type: "button", class: "play", "aria-label": "Play", onclick: () => (playing ? pause() : start()) },
    icon(PLAY),
  );
  const slider = h("input", {
    type: "range",
    min: 0,
    max: 1,
    step: 1,
    value: 0,
    "aria-label": "Year",
    class: "scrub",
    oninput: () => {
      pause(true);
      set(Number(slider.value));
      rested(Math.round(time));
    },
  });
  const year = h("output", { class: "year", "aria-live": "off" });
  const change = h("span", { class: "change-mark", hidden: true });
  const select = h(
    "select",
    { "aria-label": "Speed, years a second", onchange: () => (speed = Number(select.value)) },
    SPEEDS.map(({ value, name }) =>
      h("option", { value, selected: value === speed }, `${name} ${value <= 1 ? "year" : "years"}/s`),
    ),
  );
  const step = (by) => {
    pause(true);
    set(Math.round(time) + by);
    rested(Math.round(time));
  };
  const element = h(
    "div",
    { class: "clock", role: "group", "aria-label": "Clock" },
    year,
    h(
      "div",
      { class: "buttons" },
      h(
        "button",
        { type: "button", "aria-label": "To the first year", onclick: () => step(-1e9) },
        icon("M4 4h2v12H4zM17 4v12l-9-6z"),
      ),
      h("button", { type: "button", "aria-label": "One year back", onclick: () => step(-1) }, icon("M13 4v12l-9-6z")),
      play,
      h("button", { type: "button", "aria-label": "One year forward", onclick: () => step(1) }, icon("M7 4v12l9-6z")),
    ),
    h("div", { class: "track" }, change, slider),
    select,
  );

  function showPlaying() {
    play.replaceChildren(icon(playing ? PAUSE : PLAY));
    play.setAttribute("aria-label", playing ? "Pause" : "Play");
  }

  function set(to) {
    time = clamp(to, 0, years - 1);
    const now = Math.floor(time + 1e-9);
    if (slider.value !== String(now)) slider.value = now;
    say(year, String(firstYear + now));
    slider.setAttribute("aria-valuetext", `${firstYear + now}, year ${now + 1} of ${years}`);
    moved(time);
  }

  function start() {
    if (playing) return;
    if (time >= years - 1) set(0);
    playing = true;
    last = performance.now();
    showPlaying();
    requestAnimationFrame(tick);
  }

  /** Stands at a whole year. */
  function pause(quiet = false) {
    if (!playing) return;
    playing = false;
    showPlaying();
    set(Math.floor(time));
    if (!quiet) rested(time);
  }

  let whole = 0;
  function tick(now) {
    if (!playing) return;
    // After a pause of the browser's own, go on, don't jump.
    const passed = Math.min(now - last, 100) / 1000;
    last = now;
    if (WITHOUT_MOTION.matches) {
      // Year by year, with nothing moving between.
      whole += passed * speed;
      const by = Math.floor(whole);
      whole -= by;
      if (by) set(Math.floor(time) + by);
    } else set(time + passed * speed);
    if (time >= years - 1) pause();
    else requestAnimationFrame(tick);
  }

  return {
    element,
    set,
    play: start,
    pause,
    toggle: () => (playing ? pause() : start()),
    step,
    setSpan(newYears, newFirst) {
      years = newYears;
      firstYear = newFirst;
      slider.max = years - 1;
      set(time);
    },
    /** Marks where on the track the change begins. */
    mark(at) {
      change.hidden = at === null;
      if (at !== null) {
        change.style.left = `calc(8px + (100% - 16px) * ${at / Math.max(1, years - 1)})`;
        change.title = `The change begins in ${firstYear + at}`;
      }
    },
    get time() {
      return time;
    },
    get playing() {
      return playing;
    },
  };
}
