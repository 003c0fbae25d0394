// @ts-check
// The page of worlds: the experiment and its levers, both histories, the odds and the graphs.

import { FIRST_STATE, stateOf } from "./address.js";
import { charts } from "./charts.js";
import { clock } from "./clock.js";
import { h, inWords, number, say } from "./dom.js";
import { experiment } from "./experiment.js";
import { levers } from "./levers.js";
import { odds } from "./odds.js";
import { oddsRuns } from "./odds_run.js";
import { pairs } from "./pair.js";
import { isChanged, later } from "./state.js";
import { keyOfMarks, twins } from "./twins.js";

const SETTLE = 350; // milliseconds without a move before many worlds are run

/**
 * The page. `change(patch, settled)` when the experiment is changed on it; `address()` is where its state goes.
 * @param {import("./state.js").Session} session
 */
export function worldsPage(session, root, { trouble, change, address, announce, failed }) {
  const recorded = session.host.kind === "recorded";
  const title = h("h1", {});
  const about = h("p", {});
  const time = clock(
    (at) => {
      both.draw(at);
      graphs.cursor(at);
    },
    (year) => {
      session.state = { ...session.state, t: year };
      settleYear();
      both.tell(year);
    },
  );
  const form = experiment(session, { change, announce, time: () => time.time, address });
  const panel = levers((name, value, settled) => {
    const values = { ...session.state.v };
    if (value === null) delete values[name];
    else values[name] = value;
    change({ v: values }, settled);
  });
  const both = twins(session, time, announce);
  const counts = odds(() => runs.ask(0));
  const chartGrid = h("div", { class: "charts" });
  const graphs = charts(chartGrid, (year) => {
    time.pause(true);
    time.set(Math.round(year));
    settleYear();
  });
  const runs = oddsRuns(session, counts, graphs, { shown: (key) => (root.dataset.odds = key), failed });
  const want = pairs(session, {
    waiting: both.waiting,
    show: showPair,
    done: () => (trouble.hidden = true),
    failed,
  });
  const element = pageOf({ title, about, form, panel, trouble, both, time, counts, chartGrid, recorded });

  // While a lever is dragged the address waits: the step is made when it is let go.
  const settleYear = later(
    session,
    () => {
      if (session.state.p !== "worlds" || !session.scenario) return;
      session.state = { ...session.state, t: Math.floor(time.time) };
      address().settle(session.state);
    },
    250,
  );

  function showPair(pair, key) {
    const first = !session.pair;
    session.pair = pair;
    both.take(pair);
    time.setSpan(pair.meta.years, pair.meta.first_year);
    graphs.show(pair, session.model.observables);
    if (first) time.set(session.state.t);
    else both.draw(time.time);
    both.tell(Math.floor(time.time));
    root.dataset.shown = key;
  }

  /** The first state of a page without one: the first recorded, or the kibbutz. */
  function firstState() {
    const { host, catalogue } = session;
    if (host.experiments) return stateOf(host.experiments[0].state);
    const first = catalogue.scenarios.find((one) => one.name === "kibbutz") ?? catalogue.scenarios[0];
    return { ...FIRST_STATE, s: first.name };
  }

  /** Reads the scenario of the state and its model; false where another was picked meanwhile. */
  async function readScenario(name) {
    if (session.scenario?.name === name) return true;
    const scenario = await session.read(`/api/scenarios/${name}`);
    const model = await session.read(`/api/models/${scenario.model}`);
    if (session.state.s !== name) return false;
    Object.assign(session, { scenario, model, question: undefined, pair: null });
    both.clear();
    time.pause(true);
    return true;
  }

  /** Reads the question of the state, and fills the levers and the lists after it. */
  async function readQuestion(name) {
    const { state, model, catalogue } = session;
    const its = catalogue.questions.filter((one) => one.scenario === name);
    const wanted = state.q === "-" ? null : ((its.find((one) => one.name === state.q) ?? its[0])?.name ?? null);
    if (session.question !== undefined && (session.question?.name ?? null) === wanted) return;
    session.question = wanted ? await session.read(`/api/questions/${wanted}`) : null;
    const moments = (session.question?.levers ?? []).flatMap((lever) => lever.moments);
    const named = moments.flatMap((moment) => Object.keys(moment.values));
    panel.setModel(model.parameters, new Set([...named, ...Object.keys(session.state.v)]));
    form.fill(its);
  }

  /** Drops what the scenario and its model don't have: values that are no lever, a year after the last. */
  function dropUnknown() {
    const names = new Set(session.model.parameters.map((one) => one.name));
    const kept = Object.entries(session.state.v).filter(([one]) => names.has(one));
    if (kept.length < Object.keys(session.state.v).length)
      session.state = { ...session.state, v: Object.fromEntries(kept) };
    if (session.state.y >= session.scenario.years) session.state = { ...session.state, y: 0 };
  }

  function showControls() {
    const { state, scenario } = session;
    say(title, scenario.title);
    say(about, scenario.about);
    form.show();
    panel.setValues(scenario, state.y, state.v);
    const set = Object.entries(state.v).map(([name, value]) => `${inWords(name).toLowerCase()} ${number(value)}`);
    const more = set.length > 3 ? ` and ${set.length - 3} more` : "";
    both.head(
      `world ${state.w}`,
      set.length ? `${set.slice(0, 3).join(", ")}${more}, from ${scenario.first_year + state.y}` : "no change yet",
    );
  }

  /** Shows the state. `own`: the change was made on this page, which keeps its year then. */
  async function show(own) {
    session.catalogue ??= await session.read("/api/catalogue");
    if (!session.state.s) {
      session.state = { ...firstState(), p: "worlds" };
      address().settle(session.state);
    }
    session.lastWorlds = session.state;
    const mine = session.state;
    if (!(await readScenario(mine.s))) return;
    await readQuestion(mine.s);
    if (mine !== session.state && session.state.s !== mine.s) return;
    dropUnknown();
    showControls();
    const { state, scenario } = session;
    if (!own || time.time === 0) {
      time.setSpan(scenario.years, scenario.first_year);
      if (!time.playing) time.set(state.t);
    }
    time.mark(isChanged(state) ? state.y : null);
    want();
    runs.ask(SETTLE);
  }

  return {
    element,
    show,
    time,
    pin: both.pin,
    canvas: both.canvas,
    redraw: () => both.draw(time.time),
    repaint() {
      both.repaint();
      graphs.repaint();
      both.draw(time.time);
    },
    stop() {
      runs.stop();
      time.pause(true);
    },
  };
}

/** The parts of the page where they stand. */
function pageOf({ title, about, form, panel, trouble, both, time, counts, chartGrid, recorded }) {
  const lines = h(
    "div",
    { class: "key lines", "aria-hidden": "true" },
    h("span", {}, h("i", { class: "line was" }), "baseline"),
    h("span", {}, h("i", { class: "line with" }), "with the change"),
    h("span", {}, h("i", { class: "band" }), "80 % of worlds"),
  );
  const leverList = h(
    "details",
    { class: "panel", open: window.innerWidth > 900 },
    h("summary", { class: "panel-title" }, "Levers"),
    panel.element,
  );
  return h(
    "div",
    { class: "worlds-page" },
    h(
      "div",
      { class: "title" },
      title,
      h("details", { class: "about-society" }, h("summary", {}, "About this society"), about),
    ),
    h("aside", { class: "side-bar", "aria-label": "Change" }, form.element, recorded ? null : leverList),
    h(
      "div",
      { class: "seen" },
      trouble,
      both.element,
      time.element,
      keyOfMarks(),
      h("div", { class: "under" }, counts.element, both.person),
      h(
        "section",
        { class: "graphs", "aria-labelledby": "graphs-title" },
        h("div", { class: "head" }, h("h2", { id: "graphs-title" }, "Both histories, year by year"), lines),
        chartGrid,
      ),
    ),
  );
}
