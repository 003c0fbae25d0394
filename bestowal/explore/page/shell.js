// @ts-check
// The frame around every page: the header with its links, the banner, and what is read out.

import { aboutDialog } from "./about.js";
import { h } from "./dom.js";

export const PAGES = [
  ["worlds", "Worlds"],
  ["answers", "Answers"],
  ["claims", "Claims"],
  ["models", "Models"],
  ["store", "Store"],
];
const NEEDS = { answers: "/api/answers", claims: "/api/claims", models: "/api/lattice", store: "/api/store" };

/** The frame in `root`. `follow(event, name)` when a link to a page is clicked. */
export function shell(root, host, follow) {
  const live = h("div", { class: "unseen", role: "status", "aria-live": "polite" });
  const banner = h("div", { class: "banner", role: "alert", hidden: true });
  const main = h("main", { id: "main", tabindex: -1 });
  const shown = PAGES.filter(([name]) => name === "worlds" || !host.has || host.has(NEEDS[name]));
  const links = shown.map(([name, title]) =>
    h(
      "a",
      { href: name === "worlds" ? "#" : `#p=${name}`, "data-page": name, onclick: (event) => follow(event, name) },
      title,
    ),
  );
  const about = aboutDialog(host);
  const toContent = (event) => {
    event.preventDefault();
    main.focus();
  };
  const header = h(
    "header",
    { class: "top" },
    h("a", { class: "skip", href: "#main", onclick: toContent }, "To the content"),
    h("span", { class: "brand" }, h("b", {}, "bestowal"), " explore"),
    links.length > 1 ? h("nav", { "aria-label": "Pages" }, links) : null,
    h("button", { type: "button", class: "quiet", onclick: () => about.showModal() }, "About this page"),
  );
  root.replaceChildren(header, banner, main, live, about);
  return {
    live,
    banner,
    main,
    /** Marks the link of the page that is shown. */
    mark(page) {
      for (const link of links) {
        if (link.dataset.page === page) link.setAttribute("aria-current", "page");
        else link.removeAttribute("aria-current");
      }
    },
  };
}
