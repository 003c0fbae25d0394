// @ts-check
// The levers, built from the model's own list of parameters: meaning, unit, bounds, source.

import { h, inWords, number, plural, say, upperFirst } from "./dom.js";

const SIDES = [
  ["motive", "Motive"],
  ["institution", "Institution"],
  ["surroundings", "Surroundings"],
];

/** How a parameter's values lie on a slider of whole steps: {steps, at(value), value(step)}. */
export function scaleOf({ kind, low, high }) {
  const range = high - low;
  if (range === 0) return { steps: 1, at: () => 0, value: () => low };
  const whole = kind === "int";
  if (range <= (whole ? 200 : 20)) {
    const step = whole ? 1 : 10 ** Math.floor(Math.log10(range) + 1e-9) / 100;
    const digits = whole ? 0 : Math.max(0, Math.round(-Math.log10(step)));
    return {
      steps: Math.round(range / step),
      at: (value) => Math.round((value - low) / step),
      value: (k) => Math.min(high, Number((low + k * step).toFixed(digits))),
    };
  }
  // Wide bounds: small values are where one wants to be exact.
  const steps = 200;
  return {
    steps,
    at: (value) => Math.round((Math.log1p(value - low) / Math.log1p(range)) * steps),
    value: (k) => {
      const value = Math.min(high, low + Math.expm1((k / steps) * Math.log1p(range)));
      return whole ? Math.round(value) : Number(value.toPrecision(3));
    },
  };
}

/** The scenario's own value of every parameter in a year. */
export function ownValues(scenario, year) {
  const values = { ...scenario.values };
  for (const change of scenario.changes) if (change.year <= year) Object.assign(values, change.values);
  return values;
}

let made = 0;

/** The list of levers. `moved(name, value, settled)`: value null is the scenario's own again. */
export function levers(moved) {
  let rows = [];
  let scenario = null,
    own = {},
    fromYear = 0;
  const search = h("input", {
    type: "search",
    placeholder: "Find a lever",
    "aria-label": "Find a lever",
    oninput: () => filter(),
  });
  const found = h("p", { class: "small none", hidden: true });
  const list = h("div", { class: "lever-list" });
  const hint = h("div", { class: "hint", "aria-hidden": "true" });
  const element = h("div", { class: "levers" }, search, found, list, hint);

  function build(parameters, first) {
    rows = [];
    list.replaceChildren();
    for (const [side, title] of SIDES) {
      const here = parameters.filter((one) => one.side === side);
      if (!here.length) continue;
      const asked = here.filter((one) => first.has(one.name));
      const rest = here.filter((one) => !first.has(one.name));
      const more = h("div", { class: "more" });
      let group = "";
      for (const one of rest) {
        if (one.group !== group && new Set(rest.map((other) => other.group)).size > 1)
          more.append(h("h4", {}, upperFirst(one.group || "other")));
        group = one.group;
        more.append(row(one));
      }
      const inner = asked.length
        ? [
            ...asked.map(row),
            rest.length
              ? h("details", { class: "rest" }, h("summary", {}, `${plural(rest.length, "more lever")}`), more)
              : null,
          ]
        : [more];
      list.append(
        h(
          "details",
          { class: `side ${side}`, open: asked.length > 0 && side !== "surroundings" },
          h(
            "summary",
            {},
            h("span", { class: `dot ${side}` }),
            title,
            h("span", { class: "count" }, String(here.length)),
          ),
          ...inner,
        ),
      );
    }
  }

  function row(parameter) {
    const { name, kind, low, high, unit, symbol, meaning, source, fixed } = parameter;
    const scale = scaleOf(parameter);
    const id = `lever${++made}`;
    const told = `${meaning}. Unit: ${unit || "none"}. From ${number(low)} to ${number(high)}. Source: ${source || "not given"}.${fixed ? " Read only in the first year." : ""}`;
    const box = h("input", {
      type: "number",
      id,
      min: low,
      max: high,
      step: kind === "int" ? 1 : "any",
      class: high >= 1e7 ? "long" : "",
      "aria-describedby": `${id}about ${id}own`,
    });
    const slider = h("input", {
      type: "range",
      min: 0,
      max: scale.steps,
      step: 1,
      "aria-label": inWords(name),
      "aria-describedby": `${id}about ${id}own`,
    });
    const back = h(
      "button",
      {
        type: "button",
        class: "back",
        "aria-label": `${inWords(name)}: back to the scenario's value`,
        title: "Back to the scenario's value",
      },
      "↺",
    );
    const mark = h("span", { class: "own", "aria-hidden": "true" });
    const ownText = h("span", { class: "unseen", id: `${id}own` });
    const node = h(
      "div",
      { class: "lever", "data-name": name },
      h(
        "div",
        { class: "lever-head" },
        h("label", { for: id }, inWords(name), symbol ? h("i", { "aria-hidden": "true" }, symbol) : null),
        back,
        box,
      ),
      h("div", { class: "slide" }, mark, slider),
      h("p", { class: "about", "aria-hidden": "true" }, meaning),
      h("span", { class: "unseen", id: `${id}about` }, told),
      ownText,
    );
    const one = {
      parameter,
      node,
      box,
      slider,
      back,
      mark,
      ownText,
      scale,
      text: `${name} ${inWords(name)} ${meaning} ${symbol} ${unit}`.toLowerCase(),
    };
    const give = (value, settled) => {
      const same = value === own[name];
      put(one, value, !same);
      moved(name, same ? null : value, settled);
    };
    slider.addEventListener("input", () => give(scale.value(Number(slider.value)), false));
    slider.addEventListener("change", () => give(scale.value(Number(slider.value)), true));
    box.addEventListener("change", () => {
      let value = Number(box.value);
      if (box.value === "" || !Number.isFinite(value)) value = own[name];
      value = Math.min(high, Math.max(low, kind === "int" ? Math.round(value) : value));
      give(value, true);
    });
    back.addEventListener("click", () => {
      give(own[name], true);
      box.focus();
    });
    const show = () => {
      hint.replaceChildren(
        h("b", {}, inWords(name)),
        ` ${meaning}. `,
        h(
          "span",
          { class: "soft" },
          `${unit ? `${upperFirst(unit)}, ` : ""}${number(low)} to ${number(high)}; the scenario's value: ${number(own[name])}. Source: ${source || "not given"}.${fixed ? " Read only in the first year." : ""}`,
        ),
      );
      hint.classList.add("on");
    };
    node.addEventListener("focusin", show);
    node.addEventListener("pointerenter", show);
    rows.push(one);
    return node;
  }

  function put({ parameter, node, box, slider, back, scale }, value, changed) {
    if (Number(box.value) !== value || box.value === "") box.value = value;
    const at = String(scale.at(value));
    if (slider.value !== at) slider.value = at;
    slider.setAttribute(
      "aria-valuetext",
      `${number(value)}${parameter.unit ? ` ${parameter.unit}` : ""}${changed ? ", changed" : ""}`,
    );
    node.classList.toggle("changed", changed);
    back.hidden = !changed;
  }

  function filter() {
    const words = search.value.toLowerCase().split(/\s+/).filter(Boolean);
    let shown = 0;
    for (const { node, text } of rows) {
      node.hidden = !words.every((word) => text.includes(word));
      shown += node.hidden ? 0 : 1;
    }
    list.classList.toggle("searching", words.length > 0);
    for (const part of list.querySelectorAll("details")) {
      if (words.length) {
        part.dataset.was ??= part.open ? "open" : "shut";
        part.open = true;
        part.hidden = !part.querySelector(".lever:not([hidden])");
      } else if (part.dataset.was) {
        part.open = part.dataset.was === "open";
        part.hidden = false;
        delete part.dataset.was;
      }
    }
    found.hidden = words.length === 0;
    say(found, words.length ? (shown ? plural(shown, "lever") : "No lever matches") : "");
  }

  return {
    element,
    /** Another model or question: `first` are the names to show before all others. */
    setModel(parameters, first) {
      build(parameters, first);
      filter();
    },
    /** The scenario, the year the change begins in, and the values it sets. */
    setValues(newScenario, newFrom, values) {
      scenario = newScenario;
      fromYear = newFrom;
      own = ownValues(scenario, fromYear);
      for (const one of rows) {
        const { name, fixed } = one.parameter;
        put(one, values[name] ?? own[name], name in values && values[name] !== own[name]);
        one.mark.style.left = `calc(8px + (100% - 16px) * ${one.scale.at(own[name]) / one.scale.steps})`;
        const late = fixed && fromYear > 0;
        one.box.disabled = one.slider.disabled = late;
        one.node.classList.toggle("late", late);
        say(
          one.ownText,
          `The scenario's value: ${number(own[name])}.${late ? " Read only in the first year: let the change begin then to vary it." : ""}`,
        );
      }
    },
  };
}
