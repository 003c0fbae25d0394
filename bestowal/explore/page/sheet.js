// @ts-check
// What the pages beside the worlds are made of: a sheet and its tables.

import { h } from "./dom.js";

/** A page of text: a title, a sentence under it, and what follows. */
export function page(title, lead, ...children) {
  return h(
    "div",
    { class: "sheet" },
    h("h1", { tabindex: -1 }, title),
    lead ? h("p", { class: "lead" }, lead) : null,
    ...children,
  );
}

/** A table that becomes cards on a phone; a head that begins with "-" is a column of numbers. */
export function table(head, rows, caption) {
  return h(
    "table",
    { class: "cards" },
    h("caption", { class: "unseen" }, caption),
    h(
      "thead",
      {},
      h(
        "tr",
        {},
        head.map((title) => h("th", { scope: "col", class: /^-/.test(title) ? "n" : "" }, title.replace(/^-/, ""))),
      ),
    ),
    h(
      "tbody",
      {},
      rows.map((cells) =>
        h(
          "tr",
          {},
          cells.map((cell, k) =>
            h("td", { class: /^-/.test(head[k]) ? "n" : "", "data-label": head[k].replace(/^-/, "") }, cell),
          ),
        ),
      ),
    ),
  );
}
