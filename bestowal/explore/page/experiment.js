// @ts-check
// The form of the experiment: society, change, year, world, question; undo and redo.

import { FIRST_STATE, stateOf } from "./address.js";
import { clamp, h, say } from "./dom.js";
import { asOneChange, presetOf, presetOptions, recordedPreset } from "./presets.js";
import { isChanged } from "./state.js";

const WORLDS = 999999999; // the last world's number

/**
 * The form. `change(patch, settled)` when something is set in it; `time()` gives the year shown; `address()` what undoes.
 * @param {import("./state.js").Session} session
 */
export function experiment(session, { change, announce, time, address }) {
  const { host } = session;
  const recorded = host.kind === "recorded";
  const button = (title, does, props = {}) =>
    h("button", { type: "button", class: "quiet", onclick: does, ...props }, title);
  const field = (id, label, control) => h("div", { class: "field" }, h("label", { for: id }, label), control);

  const society = h("select", { id: "society", onchange: () => change({ ...FIRST_STATE, s: society.value }, true) });
  const preset = h("select", { id: "preset", onchange: () => takePreset(preset.value) });
  const question = h("select", { id: "asked", onchange: () => change({ q: question.value }, true) });
  const questionField = field("asked", "Success as in", question);
  const from = h("input", {
    type: "number",
    id: "from",
    onchange: () => fromYear(Number(from.value) - session.scenario.first_year, true),
  });
  const fromSlide = h("input", {
    type: "range",
    min: 0,
    step: 1,
    "aria-label": "Year in which the change begins",
    oninput: () => fromYear(Number(fromSlide.value), false),
    onchange: () => fromYear(Number(fromSlide.value), true),
  });
  const worldBox = h("input", {
    type: "number",
    id: "world",
    min: 0,
    max: WORLDS,
    step: 1,
    onchange: () => toWorld(Number(worldBox.value)),
  });
  const undo = button("Undo", () => address().undo());
  const redo = button("Redo", () => address().redo());
  const reset = button("Baseline", () => change({ v: {}, y: 0 }, true), { title: "Undo every change" });
  const copy = button("Copy link", copyLink);
  const worldPair = h(
    "div",
    { class: "pair" },
    worldBox,
    button("Next", () => toWorld(session.state.w + 1), { "aria-label": "Next world" }),
    button("Random", () => toWorld(Math.floor(Math.random() * 10000)), { "aria-label": "Random world" }),
  );
  const element = h(
    "section",
    { class: "setup", "aria-label": "The experiment" },
    field("society", "Society", society),
    field("preset", "Change", preset),
    recorded ? null : field("from", "From year", h("div", { class: "pair" }, from, fromSlide)),
    recorded ? null : field("world", "World", worldPair),
    recorded ? null : questionField,
    h(
      "div",
      { class: "actions" },
      undo,
      redo,
      recorded ? null : reset,
      recorded || host.kind === "notebook" ? null : copy,
    ),
  );

  async function copyLink() {
    try {
      await navigator.clipboard.writeText(location.href);
      announce("Link copied. It opens this experiment.");
      say(copy, "Copied");
      setTimeout(() => say(copy, "Copy link"), 1500);
    } catch {
      announce("The link is in the address bar.");
    }
  }

  function takePreset(name) {
    if (recorded) return change({ ...stateOf(name), t: Math.floor(time()) }, true);
    if (name === "own") return;
    const lever = session.question?.levers.find((one) => one.name === name);
    change(lever ? asOneChange(lever, session.question) : { v: {}, y: 0 }, true);
  }

  function fromYear(year, settled) {
    change({ y: clamp(Math.round(year) || 0, 0, session.scenario.years - 1) }, settled);
  }

  function toWorld(world) {
    change({ w: clamp(Math.round(world) || 0, 0, WORLDS) }, true);
  }

  function fillSocieties() {
    const option = (one) => h("option", { value: one.name }, one.title);
    const mine = session.catalogue.scenarios.filter((one) => one.own).map(option);
    const theirs = session.catalogue.scenarios.filter((one) => !one.own).map(option);
    society.replaceChildren(
      ...(mine.length
        ? [h("optgroup", { label: "In this folder" }, mine), h("optgroup", { label: "In the catalogue" }, theirs)]
        : theirs),
    );
    if (!recorded) return;
    const here = new Set(host.experiments.map((one) => stateOf(one.state).s));
    for (const one of society.querySelectorAll("option")) if (!here.has(one.value)) one.remove();
  }

  return {
    element,
    /** Fills the lists anew: `questions` are those of the scenario. */
    fill(questions) {
      fillSocieties();
      preset.replaceChildren(
        ...(recorded
          ? host.experiments
              .filter((one) => stateOf(one.state).s === session.scenario.name)
              .map((one) => h("option", { value: one.state }, one.label))
          : presetOptions(session.question)),
      );
      question.replaceChildren(
        ...questions.map((one) => h("option", { value: one.name }, one.title)),
        h("option", { value: "-" }, "no question: the default criteria of success"),
      );
      questionField.hidden = !questions.length;
    },
    /** Shows the state in the controls. */
    show() {
      const { state, scenario } = session;
      society.value = state.s;
      preset.value = recorded ? recordedPreset(host.experiments, state) : presetOf(session.question, state);
      question.value = session.question?.name ?? "-";
      for (const input of [from, fromSlide]) {
        const shift = input === from ? scenario.first_year : 0;
        input.min = shift;
        input.max = shift + scenario.years - 1;
        input.value = shift + state.y;
      }
      fromSlide.setAttribute(
        "aria-valuetext",
        `${scenario.first_year + state.y}, year ${state.y + 1} of ${scenario.years}`,
      );
      if (worldBox.value !== String(state.w)) worldBox.value = state.w;
      undo.disabled = !address().canUndo();
      redo.disabled = !address().canRedo();
      reset.disabled = !isChanged(state);
    },
  };
}
