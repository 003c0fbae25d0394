// @ts-check
// The page put together: goes from page to page, and keeps the state in the address.

import { FIRST_STATE } from "./address.js";
import { answersPage, claimsPage } from "./answers.js";
import { DARK, h, say } from "./dom.js";
import { modelsPage } from "./models.js";
import { PAGES, shell } from "./shell.js";
import { newSession } from "./state.js";
import { storePage } from "./store.js";
import { watch } from "./watch.js";
import { worldsPage } from "./worlds.js";

/** Opens the page in `root`. `addressOf(moved)` makes its address. Returns a function that ends it. */
export function open(root, host, addressOf) {
  const session = newSession(host);
  const frame = shell(root, host, follow);
  const trouble = h("div", { class: "trouble", role: "alert", hidden: true });
  const announce = (text) => say(frame.live, text);
  const watched = watch(session, frame, trouble, { lost: () => worlds.time.pause(true), announce });
  const worlds = worldsPage(session, root, {
    trouble,
    change,
    address: () => address,
    announce,
    failed: watched.failed,
  });
  const address = addressOf((moved) => go(moved));
  let stopPage = null;

  function follow(event, name) {
    if (name !== "worlds" || event.metaKey || event.ctrlKey) return;
    event.preventDefault();
    if (session.state.p === "worlds") return;
    const back = { ...(session.lastWorlds ?? FIRST_STATE) };
    address.step(back);
    go(back);
  }

  /** A change made here. `settled`: it is one step, which can be undone. */
  function change(patch, settled) {
    session.state = { ...session.state, ...patch };
    if (settled) address.step(session.state);
    else address.settle(session.state);
    go(session.state, true);
  }

  async function go(to, own = false) {
    session.state = to;
    frame.mark(to.p);
    stopPage?.();
    stopPage = null;
    if (to.p !== "worlds") return showPage();
    if (frame.main.firstChild !== worlds.element) {
      frame.main.replaceChildren(worlds.element);
      document.title = "bestowal explore";
    }
    await watched.trying(
      () => worlds.show(own),
      () => go(session.state, own),
    );
  }

  /** The element of a page beside the worlds. */
  async function made(state) {
    if (state.p === "answers") return answersPage(host);
    if (state.p === "claims") return claimsPage(host);
    if (state.p === "store") return storePage(host, session.catalogue, announce, () => go(session.state));
    if (state.p !== "models") return h("div", { class: "sheet" }, h("h1", { tabindex: -1 }, "There is no such page"));
    const { element, stop } = await modelsPage(host, session.catalogue, state, (moved) => {
      session.state = moved;
      address.settle(moved);
    });
    stopPage = stop;
    return element;
  }

  async function showPage() {
    worlds.time.pause(true);
    const mine = session.state;
    document.title = `${PAGES.find(([name]) => name === mine.p)?.[1] ?? "Page"} · bestowal explore`;
    const show = async () => {
      session.catalogue ??= await host.json("/api/catalogue");
      const element = await made(mine);
      if (mine.p !== session.state.p) return;
      frame.main.replaceChildren(element);
      element.querySelector("h1")?.focus({ preventScroll: true });
      window.scrollTo(0, 0);
    };
    await watched.trying(show, () => go(session.state));
  }

  DARK.addEventListener("change", worlds.repaint);
  const resized = new ResizeObserver(() => worlds.redraw());
  resized.observe(worlds.canvas);

  go(address.read());
  watched.look();
  // What the page shows, for whoever tests it.
  root.page = {
    get state() {
      return session.state;
    },
    get pair() {
      return session.pair;
    },
    time: worlds.time,
    pin: worlds.pin,
  };
  return () => {
    session.ended = true;
    watched.stop();
    worlds.stop();
    stopPage?.();
    DARK.removeEventListener("change", worlds.repaint);
    resized.disconnect();
  };
}
