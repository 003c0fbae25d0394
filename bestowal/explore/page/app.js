// The page put together: it holds the state, asks the host, and hands what comes to the parts.

import { FIRST_STATE, hashOf, stateOf } from "./address.js";
import { charts } from "./charts.js";
import { clock } from "./clock.js";
import { DARK, clamp, h, inWords, number, plural, say } from "./dom.js";
import { decode, pairOf } from "./frames.js";
import { levers } from "./levers.js";
import { lives } from "./lives.js";
import { odds } from "./odds.js";
import { answersPage, claimsPage, modelsPage, storePage } from "./pages.js";
import { stage } from "./world.js";

const PAGES = [["worlds", "Worlds"], ["answers", "Answers"], ["claims", "Claims"], ["models", "Models"], ["store", "Store"]];
const NEEDS = { answers: "/api/answers", claims: "/api/claims", models: "/api/lattice", store: "/api/store" };
const SETTLE = 350; // milliseconds without a move before many worlds are run
const KEPT = 8; // pairs kept, so that going back is at once

/** Opens the page in `root`. `addressOf(moved)` makes its address. Returns a function that ends it. */
export function open(root, host, addressOf) {
  let state = { ...FIRST_STATE };
  let catalogue = null, scenario = null, model = null, question = null;
  let pair = null, pairKey = "";
  let hovered = -1, pinned = -1;
  let ended = false;
  const known = new Map(); // what was asked of the host and doesn't change while it runs
  const pairs = new Map();

  // -- the parts --

  const live = h("div", { class: "unseen", role: "status", "aria-live": "polite" });
  const banner = h("div", { class: "banner", role: "alert", hidden: true });
  const main = h("main", { id: "main", tabindex: -1 });
  const links = PAGES.filter(([name]) => name === "worlds" || !host.has || host.has(NEEDS[name])).map(([name, title]) => h("a", { href: name === "worlds" ? "#" : `#p=${name}`, "data-page": name, onclick: (event) => follow(event, name) }, title));
  const about = aboutDialog(host);
  const header = h("header", { class: "top" },
    h("a", { class: "skip", href: "#main", onclick: (event) => { event.preventDefault(); main.focus(); } }, "To the content"),
    h("span", { class: "brand" }, h("b", {}, "bestowal"), " explore"),
    links.length > 1 ? h("nav", { "aria-label": "Pages" }, links) : null,
    h("button", { type: "button", class: "quiet", onclick: () => about.showModal() }, "About this page"));

  const society = h("select", { id: "society", onchange: () => change({ ...FIRST_STATE, s: society.value }, true) });
  const preset = h("select", { id: "preset", onchange: () => takePreset(preset.value) });
  const asked = h("select", { id: "asked", onchange: () => change({ q: asked.value }, true) });
  const askedRow = h("div", { class: "field" }, h("label", { for: "asked" }, "Success as in"), asked);
  const from = h("input", { type: "number", id: "from", onchange: () => fromYear(Number(from.value) - scenario.first_year, true) });
  const fromSlide = h("input", { type: "range", min: 0, step: 1, "aria-label": "Year in which the change begins", oninput: () => fromYear(Number(fromSlide.value), false), onchange: () => fromYear(Number(fromSlide.value), true) });
  const worldBox = h("input", { type: "number", id: "world", min: 0, max: 999999999, step: 1, onchange: () => toWorld(Number(worldBox.value)) });
  const button = (title, does, props = {}) => h("button", { type: "button", class: "quiet", onclick: does, ...props }, title);
  const undo = button("Undo", () => address.undo());
  const redo = button("Redo", () => address.redo());
  const reset = button("As it was", () => change({ v: {}, y: 0 }, true), { title: "Take every change back" });
  const copy = button("Copy link", async () => {
    try {
      await navigator.clipboard.writeText(location.href);
      announce("The link is copied: it holds this experiment.");
      say(copy, "Copied");
      setTimeout(() => say(copy, "Copy link"), 1500);
    } catch {
      announce("The link is in the address bar.");
    }
  });
  const recorded = host.kind === "recorded";
  const setup = h("section", { class: "setup", "aria-label": "The experiment" },
    h("div", { class: "field" }, h("label", { for: "society" }, "Society"), society),
    h("div", { class: "field" }, h("label", { for: "preset" }, "Change"), preset),
    recorded ? null : h("div", { class: "field" }, h("label", { for: "from" }, "From year"), h("div", { class: "pair" }, from, fromSlide)),
    recorded ? null : h("div", { class: "field" }, h("label", { for: "world" }, "World"), h("div", { class: "pair" }, worldBox,
      button("Next", () => toWorld(state.w + 1), { "aria-label": "Next world" }), button("Any", () => toWorld(Math.floor(Math.random() * 10000)), { "aria-label": "Any world, by chance" }))),
    recorded ? null : askedRow,
    h("div", { class: "actions" }, undo, redo, recorded ? null : reset, recorded || host.kind === "notebook" ? null : copy));
  const panel = levers((name, value, settled) => {
    const values = { ...state.v };
    if (value === null) delete values[name];
    else values[name] = value;
    change({ v: values }, settled);
  });

  const title = h("h1", {});
  const aboutScenario = h("p", {});
  const trouble = h("div", { class: "trouble", role: "alert", hidden: true });
  const sides = { a: sideOf("a", "As it was"), b: sideOf("b", "With the change") };
  const time = clock((at) => {
    draw(at);
    graphs.cursor(at);
  }, (year) => {
    state = { ...state, t: year };
    settleClock();
    tellYear(year);
  });
  const counts = odds(() => askOdds(0));
  const person = lives(() => pin(-1));
  const chartGrid = h("div", { class: "charts" });
  const graphs = charts(chartGrid, (year) => {
    time.pause(true);
    time.set(Math.round(year));
    settleClock();
  });
  const worlds = h("div", { class: "worlds-page" },
    h("div", { class: "title" }, title, h("details", { class: "about-society" }, h("summary", {}, "About this society"), aboutScenario)),
    h("aside", { class: "side-bar", "aria-label": "What is changed" }, setup, recorded ? null : h("details", { class: "panel", open: window.innerWidth > 900 }, h("summary", { class: "panel-title" }, "Levers"), panel.element)),
    h("div", { class: "seen" },
      trouble,
      h("div", { class: "twins" }, sides.a.element, sides.b.element),
      time.element, keyOf(),
      h("div", { class: "under" }, counts.element, person.element),
      h("section", { class: "graphs", "aria-labelledby": "graphs-title" },
        h("div", { class: "head" }, h("h2", { id: "graphs-title" }, "Both histories, year by year"), h("div", { class: "key lines", "aria-hidden": "true" },
          h("span", {}, h("i", { class: "line was" }), "as it was"), h("span", {}, h("i", { class: "line with" }), "with the change"), h("span", {}, h("i", { class: "band" }), "80 % of worlds"))),
        chartGrid)));
  root.replaceChildren(header, banner, main, live, about);
  person.nobody();
  const address = addressOf((moved) => go(moved));

  function sideOf(side, name) {
    const canvas = h("canvas", { tabindex: 0, role: "application", "aria-roledescription": "world", "aria-describedby": `keys-${side}` });
    const told = h("span", { class: "told" });
    const what = h("span", { class: "what" });
    const wait = h("div", { class: "wait", hidden: true }, "computing …");
    const element = h("section", { class: `twin ${side === "a" ? "was" : "with"}`, "aria-label": name },
      h("div", { class: "twin-head" }, h("h2", {}, name), what, told),
      h("div", { class: "ground" }, canvas, wait, h("span", { class: "unseen", id: `keys-${side}` }, "Arrow keys move among people and communities, Enter keeps hold of one, Escape lets go, the space bar plays and pauses, Page Up and Page Down go a year back and forward.")));
    const drawn = stage(canvas, side === "b");
    const spot = (event) => drawn.personAt(event.offsetX, event.offsetY, time.time);
    canvas.addEventListener("pointermove", (event) => point(spot(event)));
    canvas.addEventListener("pointerleave", () => document.activeElement !== canvas && point(-1));
    canvas.addEventListener("click", (event) => pin(spot(event)));
    canvas.addEventListener("keydown", (event) => walk(event, side));
    canvas.addEventListener("blur", () => point(-1));
    return { element, canvas, drawn, told, what, wait };
  }

  function keyOf() {
    const dot = (name) => h("i", { class: `dot-key ${name}` });
    return h("div", { class: "key", "aria-label": "What is drawn", role: "note" },
      h("span", {}, "motive: for oneself ", h("i", { class: "scale" }), " for others"),
      h("span", {}, dot("small"), dot("large"), "gives little, much"),
      h("span", {}, dot("ring"), "practises"),
      h("span", { class: "unlike" }, dot("diamond"), "unlike their twin"),
      h("span", { class: "unlike" }, dot("absent"), "only in the other history"));
  }

  // -- the state --

  function follow(event, name) {
    if (name !== "worlds" || event.metaKey || event.ctrlKey) return;
    event.preventDefault();
    if (state.p === "worlds") return;
    const back = { ...(lastWorlds ?? FIRST_STATE) };
    address.step(back);
    go(back);
  }
  let lastWorlds = null;

  /** A change made here. `settled`: it is one step, which can be undone. */
  function change(patch, settled) {
    state = { ...state, ...patch };
    if (settled) address.step(state);
    else address.settle(state);
    go(state, true);
  }

  // While a lever is dragged the address waits: the step is made when it is let go.
  const settleClock = later(() => {
    if (state.p !== "worlds" || !scenario) return;
    state = { ...state, t: Math.floor(time.time) };
    address.settle(state);
  }, 250);

  let stopPage = null;
  async function go(to, own = false) {
    state = to;
    for (const link of links) {
      if (link.dataset.page === state.p) link.setAttribute("aria-current", "page");
      else link.removeAttribute("aria-current");
    }
    stopPage?.();
    stopPage = null;
    if (state.p !== "worlds") return showPage();
    if (main.firstChild !== worlds) {
      main.replaceChildren(worlds);
      document.title = "bestowal explore";
    }
    await trying(() => showWorlds(own), () => go(state, own));
  }

  async function showPage() {
    time.pause(true);
    document.title = `${PAGES.find(([name]) => name === state.p)?.[1] ?? "Page"} · bestowal explore`;
    const mine = state;
    await trying(async () => {
      catalogue ??= await host.json("/api/catalogue");
      const makers = {
        answers: () => answersPage(host),
        claims: () => claimsPage(host),
        store: () => storePage(host, catalogue, announce, () => go(state)),
        models: async () => {
          const { element, stop } = await modelsPage(host, catalogue, mine, (moved) => {
            state = moved;
            address.settle(moved);
          });
          stopPage = stop;
          return element;
        },
      };
      const made = await (makers[mine.p] ?? (() => h("div", { class: "sheet" }, h("h1", { tabindex: -1 }, "There is no such page"))))();
      if (mine.p !== state.p) return;
      main.replaceChildren(made);
      made.querySelector("h1")?.focus({ preventScroll: true });
      window.scrollTo(0, 0);
    }, () => go(state));
  }

  async function once(path) {
    if (!known.has(path)) {
      const asking = host.json(path);
      known.set(path, asking);
      asking.catch(() => known.delete(path));
    }
    return known.get(path);
  }

  async function showWorlds(own) {
    catalogue ??= await once("/api/catalogue");
    if (!state.s) {
      const first = host.experiments ? stateOf(host.experiments[0].state) : { ...FIRST_STATE, s: (catalogue.scenarios.find((one) => one.name === "kibbutz") ?? catalogue.scenarios[0]).name };
      state = { ...first, p: "worlds" };
      address.settle(state);
    }
    lastWorlds = state;
    const mine = state;
    const name = state.s;
    if (scenario?.name !== name) {
      const read = await once(`/api/scenarios/${name}`);
      const itsModel = await once(`/api/models/${read.model}`);
      if (state.s !== name) return;
      [scenario, model] = [read, itsModel];
      question = undefined;
      pair = null;
      sides.a.drawn.clear();
      sides.b.drawn.clear();
      time.pause(true);
    }
    const its = catalogue.questions.filter((one) => one.scenario === name);
    const wanted = state.q === "-" ? null : (its.find((one) => one.name === state.q) ?? its[0])?.name ?? null;
    if (question === undefined || (question?.name ?? null) !== wanted) {
      question = wanted ? await once(`/api/questions/${wanted}`) : null;
      panel.setModel(model.parameters, new Set([...(question?.levers ?? []).flatMap((lever) => lever.moments.flatMap((moment) => Object.keys(moment.values))), ...Object.keys(state.v)]));
      fillChoices(its);
    }
    if (mine !== state && state.s !== name) return;
    // Values that are no lever of this model are dropped, not sent.
    const names = new Set(model.parameters.map((one) => one.name));
    if (Object.keys(state.v).some((one) => !names.has(one))) state = { ...state, v: Object.fromEntries(Object.entries(state.v).filter(([one]) => names.has(one))) };
    if (state.y >= scenario.years) state = { ...state, y: 0 };
    showControls();
    if (!own || time.time === 0) {
      time.setSpan(scenario.years, scenario.first_year);
      if (!time.playing) time.set(state.t);
    }
    time.mark(Object.keys(state.v).length ? state.y : null);
    wantPair();
    askOdds(SETTLE);
  }

  function fillChoices(its) {
    const option = (one) => h("option", { value: one.name }, one.title);
    const mine = catalogue.scenarios.filter((one) => one.own);
    const theirs = catalogue.scenarios.filter((one) => !one.own);
    society.replaceChildren(...(mine.length ? [h("optgroup", { label: "In this folder" }, mine.map(option)), h("optgroup", { label: "In the catalogue" }, theirs.map(option))] : theirs.map(option)));
    if (recorded) {
      const here = new Set(host.experiments.map((one) => stateOf(one.state).s));
      for (const one of [...society.querySelectorAll("option")]) if (!here.has(one.value)) one.remove();
      preset.replaceChildren(...host.experiments.filter((one) => stateOf(one.state).s === scenario.name).map((one) => h("option", { value: one.state }, one.label)));
    } else {
      const sides_ = { motive: "Motive", institution: "Institution", surroundings: "Surroundings", mixed: "Together" };
      const can = (question?.levers ?? []).map((lever) => ({ ...lever, asOne: asOne(lever) })).filter((lever) => lever.asOne);
      const groups = Object.entries(sides_).map(([group, label]) => [label, can.filter((lever) => (group === "mixed" ? lever.together.length : lever.group === group && !lever.together.length))]).filter(([, some]) => some.length);
      preset.replaceChildren(h("option", { value: "" }, "None: as it was"), h("option", { value: "own", hidden: true }, "Levers moved by hand"),
        ...groups.map(([label, some]) => h("optgroup", { label }, some.map((lever) => h("option", { value: lever.name }, lever.label)))));
    }
    asked.replaceChildren(...its.map((one) => h("option", { value: one.name }, one.title)), h("option", { value: "-" }, "no question: the usual parts of success"));
    askedRow.hidden = !its.length;
  }

  /** A question's lever as values from one year on; null where it is more than that. */
  function asOne(lever) {
    const parts = lever.together.length ? lever.together.map((name) => question.levers.find((one) => one.name === name)) : [lever];
    const moments = parts.flatMap((part) => part?.moments ?? []);
    if (!moments.length || new Set(moments.map((moment) => moment.year)).size > 1) return null;
    return { y: moments[0].year, v: Object.assign({}, ...moments.map((moment) => moment.values)) };
  }

  function takePreset(name) {
    if (recorded) return change({ ...stateOf(name), t: Math.floor(time.time) }, true);
    if (name === "own") return;
    const lever = question?.levers.find((one) => one.name === name);
    change(lever ? asOne(lever) : { v: {}, y: 0 }, true);
  }

  function presetNow() {
    if (recorded) {
      const found = host.experiments.find((one) => hashOf({ ...stateOf(one.state), t: 0 }) === hashOf({ ...state, t: 0 }));
      return found?.state ?? "";
    }
    const now = Object.entries(state.v);
    if (!now.length) return "";
    const lever = (question?.levers ?? []).find((one) => {
      const its = asOne(one);
      return its && its.y === state.y && Object.keys(its.v).length === now.length && now.every(([name, value]) => its.v[name] === value);
    });
    return lever?.name ?? "own";
  }

  function showControls() {
    say(title, scenario.title);
    say(aboutScenario, scenario.about);
    society.value = state.s;
    preset.value = presetNow();
    asked.value = question?.name ?? "-";
    for (const input of [from, fromSlide]) {
      const shift = input === from ? scenario.first_year : 0;
      input.min = shift;
      input.max = shift + scenario.years - 1;
      input.value = shift + state.y;
    }
    fromSlide.setAttribute("aria-valuetext", `${scenario.first_year + state.y}, year ${state.y + 1} of ${scenario.years}`);
    if (worldBox.value !== String(state.w)) worldBox.value = state.w;
    panel.setValues(scenario, state.y, state.v);
    undo.disabled = !address.canUndo();
    redo.disabled = !address.canRedo();
    reset.disabled = !Object.keys(state.v).length;
    const set = Object.entries(state.v).map(([name, value]) => `${inWords(name).toLowerCase()} ${number(value)}`);
    say(sides.b.what, set.length ? `${set.slice(0, 3).join(", ")}${set.length > 3 ? ` and ${set.length - 3} more` : ""}, from ${scenario.first_year + state.y}` : "nothing is changed yet");
    say(sides.a.what, `world ${state.w}`);
  }

  function fromYear(year, settled) {
    change({ y: clamp(Math.round(year) || 0, 0, scenario.years - 1) }, settled);
  }

  function toWorld(world) {
    change({ w: clamp(Math.round(world) || 0, 0, 999999999) }, true);
  }

  // -- the pair --

  function askedPair() {
    return { scenario: state.s, values: state.v, from_year: Object.keys(state.v).length ? state.y : 0, world: state.w };
  }

  let busy = false;
  let pairWanted = null;
  /** At most one pair is computed at a time; of those wanted meanwhile only the last. */
  async function wantPair() {
    pairWanted = askedPair();
    if (busy) return;
    busy = true;
    const slow = setTimeout(() => (sides.b.wait.hidden = false), 250);
    try {
      while (pairWanted) {
        const body = pairWanted;
        pairWanted = null;
        const key = JSON.stringify(body);
        if (key === pairKey && pair) continue;
        let found = pairs.get(key);
        if (!found) {
          found = pairOf(decode(await host.frames("/api/pair", body)));
          pairs.set(key, found);
          if (pairs.size > KEPT) pairs.delete(pairs.keys().next().value);
        }
        if (body.scenario === state.s) showPair(found, key);
      }
      trouble.hidden = true;
    } catch (error) {
      failed(error, wantPair);
    } finally {
      busy = false;
      clearTimeout(slow);
      sides.b.wait.hidden = true;
    }
  }

  function showPair(found, key) {
    const first = !pair;
    pair = found;
    pairKey = key;
    pinned = hovered = -1;
    person.nobody(pair, Math.floor(time.time));
    sides.a.drawn.show(pair, "a");
    sides.b.drawn.show(pair, "b");
    time.setSpan(pair.meta.years, pair.meta.first_year);
    graphs.show(pair, model.observables);
    if (first) time.set(state.t);
    else draw(time.time);
    tellYear(Math.floor(time.time));
    root.dataset.shown = key;
  }

  function draw(at) {
    if (!pair) return;
    const pointed = pinned >= 0 ? pinned : hovered;
    sides.a.drawn.draw(at, pointed);
    sides.b.drawn.draw(at, pointed);
    const year = Math.floor(at + 1e-9);
    if (year === drawnYear && pair === drawnPair) return;
    [drawnYear, drawnPair] = [year, pair];
    for (const side of ["a", "b"]) say(sides[side].told, countOf(side, year));
    if (pointed >= 0) person.show(pair, pointed, year, pinned >= 0);
    else person.nobody(pair, year);
  }
  let drawnYear = -1, drawnPair = null;

  function countOf(side, year) {
    const world = pair[side];
    const people = world.start[year + 1] - world.start[year];
    let communities = 0;
    for (let c = 0; c < pair.meta.communities; c++) communities += world.counts[year * pair.meta.communities + c] > 0 ? 1 : 0;
    let text = people ? `${people.toLocaleString("en")} people, ${plural(communities, "community").replace("communitys", "communities")}` : "nobody is left";
    if (side === "b") {
      const unlike = pair.unlike[year];
      if (unlike) text += unlike === people ? "; all unlike" : `; ${unlike.toLocaleString("en")} unlike`;
    }
    const gone = world.endings.filter((end) => end.year < year).length;
    return gone ? `${text}; ${gone} ended` : text;
  }

  const tellYear = later((year) => {
    if (!pair || state.p !== "worlds") return;
    for (const [side, name] of [["a", "As it was"], ["b", "With the change"]]) sides[side].canvas.setAttribute("aria-label", `${name}, ${pair.meta.first_year + year}: ${countOf(side, year)}`);
    const first = pair.meta.same ? "Both histories are one." : `The histories part in ${pair.meta.first_year + pair.meta.first_difference}.`;
    announce(`${pair.meta.first_year + year}. As it was: ${countOf("a", year)}. With the change: ${countOf("b", year)}. ${first}`);
  }, 400);

  // -- people --

  function point(found) {
    if (found === hovered || pinned >= 0) return;
    hovered = found;
    pointed();
  }

  function pin(found) {
    pinned = found;
    hovered = found;
    pointed();
  }

  function pointed() {
    if (!pair) return;
    const now = pinned >= 0 ? pinned : hovered;
    if (now >= 0) person.show(pair, now, Math.floor(time.time), pinned >= 0);
    else person.nobody(pair, Math.floor(time.time));
    sides.a.drawn.draw(time.time, now);
    sides.b.drawn.draw(time.time, now);
  }

  function walk(event, side) {
    if (!pair) return;
    const keys = { ArrowRight: 1, ArrowLeft: -1, ArrowDown: 2, ArrowUp: -2 };
    const { key } = event;
    if (key === "Escape") pin(-1);
    else if (key === "Enter") pin(hovered);
    else if (key === " ") time.toggle();
    else if (key === "PageDown" || key === "PageUp") time.step(key === "PageDown" ? 1 : -1);
    else if (key in keys || key === "Home") {
      const year = Math.floor(time.time);
      const world = pair[side];
      const [low, high] = [world.start[year], world.start[year + 1] - 1];
      if (high < low) return;
      const now = pinned >= 0 ? pinned : hovered;
      let row = now >= 0 ? world.rowAt(now, year) : -1;
      const by = keys[key];
      if (row < 0 || key === "Home") {
        // Begin with somebody who is unlike, where anybody is.
        row = low;
        for (let at = low; at <= high; at++) if (world.differs[at] && side === "b") { row = at; break; }
      } else if (Math.abs(by) === 1) row = clamp(row + by, low, high);
      else {
        const community = world.community[row];
        const step = Math.sign(by);
        while (row + step >= low && row + step <= high && world.community[row] === community) row += step;
        if (step < 0) while (row > low && world.community[row - 1] === world.community[row]) row -= 1;
      }
      pinned = -1;
      hovered = world.person[row];
      pointed();
      announce(person.told(pair, hovered, year));
    } else return;
    event.preventDefault();
  }

  // -- the odds --

  let oddsRun = null, oddsTimer = 0, oddsKey = "", aBands = null;
  function askOdds(wait) {
    const body = { scenario: state.s, values: state.v, from_year: Object.keys(state.v).length ? state.y : 0, question: question?.name ?? null, most_worlds: counts.most() };
    const key = JSON.stringify(body);
    if (key === oddsKey) return;
    oddsKey = key;
    oddsRun?.abort();
    clearTimeout(oddsTimer);
    const changed = Object.keys(state.v).length > 0;
    counts.waiting(!changed);
    const here = state.s;
    if (aBands?.scenario !== here) aBands = null;
    graphs.showBands(aBands?.bands ?? null);
    oddsTimer = setTimeout(async () => {
      const run = new AbortController();
      oddsRun = run;
      try {
        await host.lines("/api/odds", body, (told) => {
          if (run.signal.aborted) return;
          aBands = { scenario: here, bands: Object.fromEntries(Object.entries(told.bands).map(([name, both]) => [name, { a: both.a }])) };
          counts.show(told, changed, "every part of success met");
          graphs.showBands(changed ? told.bands : aBands.bands);
          if (told.done) root.dataset.odds = key;
        }, { signal: run.signal });
      } catch (error) {
        if (error.name === "AbortError" || run.signal.aborted) return;
        oddsKey = "";
        if (error.gone) {
          counts.failed("The server does not answer; the odds go on when it is there again.");
          failed(error, () => askOdds(0));
        } else counts.empty(error.message);
      }
    }, wait);
  }

  // -- when something goes wrong --

  async function trying(does, again) {
    try {
      await does();
    } catch (error) {
      if (error.name !== "AbortError") failed(error, again);
    }
  }

  const waiting = new Set();
  function failed(error, again) {
    if (ended) return;
    if (error.gone) {
      waiting.add(again);
      lost();
    } else if (error.constructor.name === "HostError") {
      say(trouble, error.message);
      trouble.hidden = false;
      if (state.p !== "worlds") main.replaceChildren(h("div", { class: "sheet" }, h("p", { class: "trouble" }, error.message)));
    } else {
      say(trouble, `Something on this page went wrong: ${error.message}`);
      trouble.hidden = false;
      console.error(error);
    }
  }

  let session = null, watching = 0;
  function lost() {
    if (!banner.hidden) return;
    time.pause(true);
    banner.replaceChildren(h("span", {}, h("b", {}, "The server has stopped."), " What you have set is kept, here and in the address. Start it again with ", h("code", {}, "bestowal explore"), ", and the page goes on by itself."),
      button("Try now", () => look()));
    banner.hidden = false;
    clearTimeout(watching);
    watching = setTimeout(look, 1000);
  }

  /** Looks whether the server is there: now and then, and often while it isn't. */
  async function look() {
    if (ended || host.kind !== "server") return;
    clearTimeout(watching);
    try {
      const told = await host.json("/api/health");
      if (!banner.hidden) {
        banner.hidden = true;
        announce("The server is there again; nothing is lost.");
        const again = [...waiting];
        waiting.clear();
        if (session !== told.session) known.clear();
        for (const one of again) one();
      }
      session = told.session;
    } catch (error) {
      if (error.gone) lost();
    }
    watching = setTimeout(look, banner.hidden ? (document.hidden ? 30000 : 4000) : 1500);
  }

  function announce(text) {
    say(live, text);
  }

  function later(does, wait) {
    let timer = 0;
    return (...given) => {
      clearTimeout(timer);
      timer = setTimeout(() => !ended && does(...given), wait);
    };
  }

  const repaint = () => {
    for (const side of ["a", "b"]) sides[side].drawn.repaint();
    graphs.repaint();
    draw(time.time);
  };
  DARK.addEventListener("change", repaint);
  const resized = new ResizeObserver(() => draw(time.time));
  resized.observe(sides.a.canvas);

  go(address.read());
  look();
  // What the page shows, for whoever tests it.
  root.page = { get state() { return state; }, get pair() { return pair; }, time, pin };
  return () => {
    ended = true;
    clearTimeout(watching);
    clearTimeout(oddsTimer);
    oddsRun?.abort();
    time.pause(true);
    stopPage?.();
    DARK.removeEventListener("change", repaint);
    resized.disconnect();
  };
}

function aboutDialog(host) {
  const dialog = h("dialog", { class: "about", "aria-labelledby": "about-title" });
  dialog.append(
    h("h2", { id: "about-title" }, "About this page"),
    h("p", {}, "Two simulated histories of one society: the same people and the same luck, once as its scenario has it, once with what you change. Every random number has an address – world, year, person, purpose – so whatever differs between the two, the change did it."),
    h("h3", {}, "What it can’t show"),
    h("ul", {},
      h("li", {}, "One pair of worlds is an illustration, not an estimate. The odds are: they come from many worlds, with intervals."),
      h("li", {}, "It is a model. Its values are stated, with their sources, and most are assumed. What comes out is true of the model; how far the model is true of the world is another question."),
      h("li", {}, "Intervals are about luck only, not about how well the values are known."),
      h("li", {}, "The marks say that a person is unlike their twin in something recorded of them, not why. The record can’t tell one who died from one who left."),
      h("li", {}, "Trying many levers until one does something finds differences by chance: of twenty changes that do nothing, about one would still seem to do something at 95 %.")),
    h("h3", {}, "How to read it"),
    h("p", {}, "Success is what the chosen question counts as such, judged after its test, in which force is withdrawn and the borders are open; the pair above runs without that test. Sufficiency: of the worlds that failed, the share that succeed with the change. Necessity: of those that succeed with it, the share that fail without."),
    host.made ? h("p", { class: "small" }, `Recorded with ${host.made}. `, "To move the levers yourself: ", h("code", {}, "bestowal explore")) : "",
    h("div", { class: "actions" }, h("button", { type: "button", onclick: () => dialog.close() }, "Close")));
  return dialog;
}
