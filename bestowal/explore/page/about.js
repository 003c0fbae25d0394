// @ts-check
// What the page can show and what it can not, in a dialog.

import { h } from "./dom.js";

export function aboutDialog(host) {
  const dialog = h("dialog", { class: "about", "aria-labelledby": "about-title" });
  dialog.append(
    h("h2", { id: "about-title" }, "About this page"),
    h(
      "p",
      {},
      "The page compares two simulated histories of one society: the baseline follows the scenario, the other your change. Both use the same people and the same random numbers. Every random number has an address (world, year, person, purpose), so every difference between the two is an effect of the change.",
    ),
    h("h3", {}, "Limits"),
    h(
      "ul",
      {},
      h(
        "li",
        {},
        "One pair of worlds is an illustration, not an estimate. The probabilities are estimates from many worlds, with intervals.",
      ),
      h(
        "li",
        {},
        "The results are those of a model. The values of its parameters are stated with their sources; most are assumed. The results hold for the model, and how well the model describes real societies is a separate question.",
      ),
      h("li", {}, "Intervals cover Monte Carlo error only, not the uncertainty of the parameter values."),
      h(
        "li",
        {},
        "A marked person differs from the same person in the baseline in at least one recorded quantity; the mark does not explain why. The record does not distinguish death from leaving.",
      ),
      h(
        "li",
        {},
        "Testing many levers produces false positives: of twenty changes without an effect, about one appears to have one at 95 %.",
      ),
    ),
    h("h3", {}, "How to read it"),
    h(
      "p",
      {},
      "Success is defined by the chosen question and evaluated after its test, in which coercion is withdrawn and the borders are open; the pair of worlds is run without that test. Probability of sufficiency: of the worlds that fail in the baseline, the share that succeed with the change. Probability of necessity: of the worlds that succeed with the change, the share that fail in the baseline.",
    ),
    host.made
      ? h(
          "p",
          { class: "small" },
          `Recorded with ${host.made}. `,
          "To change the levers yourself, run ",
          h("code", {}, "bestowal explore"),
        )
      : "",
    h("div", { class: "actions" }, h("button", { type: "button", onclick: () => dialog.close() }, "Close")),
  );
  return dialog;
}
