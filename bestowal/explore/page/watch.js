// @ts-check
// What goes wrong: says it, and goes on by itself when a server that stopped is there again.

import { h, say } from "./dom.js";

/**
 * Watches the server. `frame` has the banner; `trouble` is where a message stands; `lost()` when the server is gone.
 * @param {import("./state.js").Session} session
 */
export function watch(session, frame, trouble, { lost, announce }) {
  const { host } = session;
  const { banner } = frame;
  const waiting = new Set();
  let serverSession = null;
  let timer = 0;

  function failed(error, again) {
    if (session.ended) return;
    if (error.gone) {
      waiting.add(again);
      stopped();
      return;
    }
    const known = error.constructor.name === "HostError";
    say(trouble, known ? error.message : `Error on this page: ${error.message}`);
    trouble.hidden = false;
    if (!known) console.error(error);
    else if (session.state.p !== "worlds")
      frame.main.replaceChildren(h("div", { class: "sheet" }, h("p", { class: "trouble" }, error.message)));
  }

  async function trying(does, again) {
    try {
      await does();
    } catch (error) {
      if (error.name !== "AbortError") failed(error, again);
    }
  }

  function stopped() {
    if (!banner.hidden) return;
    lost();
    banner.replaceChildren(
      h(
        "span",
        {},
        h("b", {}, "The server has stopped."),
        " Your settings are kept in this page and its address. Start the server again with ",
        h("code", {}, "bestowal explore"),
        ", and the page reconnects.",
      ),
      h("button", { type: "button", class: "quiet", onclick: () => look() }, "Try now"),
    );
    banner.hidden = false;
    clearTimeout(timer);
    timer = setTimeout(look, 1000);
  }

  function back(told) {
    banner.hidden = true;
    announce("The server is back; nothing is lost.");
    const again = [...waiting];
    waiting.clear();
    if (serverSession !== told.session) session.forget();
    for (const one of again) one();
  }

  /** Looks whether the server is there: now and then, and often while it isn't. */
  async function look() {
    if (session.ended || host.kind !== "server") return;
    clearTimeout(timer);
    try {
      const told = await host.json("/api/health");
      if (!banner.hidden) back(told);
      serverSession = told.session;
    } catch (error) {
      if (error.gone) stopped();
    }
    timer = setTimeout(look, banner.hidden ? (document.hidden ? 30000 : 4000) : 1500);
  }

  return { failed, trying, look, stop: () => clearTimeout(timer) };
}
