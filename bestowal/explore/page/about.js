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
      "Two simulated histories of one society: the same people and the same luck, once as its scenario has it, once with what you change. Every random number has an address – world, year, person, purpose – so whatever differs between the two, the change did it.",
    ),
    h("h3", {}, "What it can’t show"),
    h(
      "ul",
      {},
      h(
        "li",
        {},
        "One pair of worlds is an illustration, not an estimate. The odds are: they come from many worlds, with intervals.",
      ),
      h(
        "li",
        {},
        "It is a model. Its values are stated, with their sources, and most are assumed. What comes out is true of the model; how far the model is true of the world is another question.",
      ),
      h("li", {}, "Intervals are about luck only, not about how well the values are known."),
      h(
        "li",
        {},
        "The marks say that a person is unlike their twin in something recorded of them, not why. The record can’t tell one who died from one who left.",
      ),
      h(
        "li",
        {},
        "Trying many levers until one does something finds differences by chance: of twenty changes that do nothing, about one would still seem to do something at 95 %.",
      ),
    ),
    h("h3", {}, "How to read it"),
    h(
      "p",
      {},
      "Success is what the chosen question counts as such, judged after its test, in which force is withdrawn and the borders are open; the pair above runs without that test. Sufficiency: of the worlds that failed, the share that succeed with the change. Necessity: of those that succeed with it, the share that fail without.",
    ),
    host.made
      ? h(
          "p",
          { class: "small" },
          `Recorded with ${host.made}. `,
          "To move the levers yourself: ",
          h("code", {}, "bestowal explore"),
        )
      : "",
    h("div", { class: "actions" }, h("button", { type: "button", onclick: () => dialog.close() }, "Close")),
  );
  return dialog;
}
