// The other pages: answers, claims, models with the lattice, the store.

import { WITHOUT_MOTION, bytesInWords, coloursOf, h, inWords, number, plural, say, share } from "./dom.js";
import { decode } from "./frames.js";
import { scaleOf } from "./levers.js";

function page(title, lead, ...children) {
  return h("div", { class: "sheet" }, h("h1", { tabindex: -1 }, title), lead ? h("p", { class: "lead" }, lead) : null, ...children);
}

function table(head, rows, caption) {
  return h("table", { class: "cards" }, h("caption", { class: "unseen" }, caption),
    h("thead", {}, h("tr", {}, head.map((title) => h("th", { scope: "col", class: /^-/.test(title) ? "n" : "" }, title.replace(/^-/, ""))))),
    h("tbody", {}, rows.map((cells) => h("tr", {}, cells.map((cell, k) => h("td", { class: /^-/.test(head[k]) ? "n" : "", "data-label": head[k].replace(/^-/, "") }, cell))))));
}

export async function answersPage(host) {
  const answers = await host.json("/api/answers");
  if (!answers.length) return page("Answers", "No question has been answered yet. An answer computed here is listed on this page.", h("pre", {}, "bestowal ask kibbutz"));
  return page("Answers", "Questions already put to the model, each with its report.",
    table(["Question", "-Worlds", "Asked"], answers.map((one) => [
      h("a", { href: one.href.replace(/^\//, "") }, one.title), one.worlds.toLocaleString("en"), one.full ? "in full" : "in short"]), "Answers in the store"));
}

export async function claimsPage(host) {
  const told = await host.json("/api/claims");
  const claims = Array.isArray(told) ? told : told.claims;
  const checked = told.checked ?? true;
  return page("Claims of the source", "Sentences of the text this laboratory began with, read as claims and tried in the model beside rival accounts. A verdict is true of the model under its stated prior, and of nothing else.",
    told.command ? h("p", { class: "small" }, checked ? "Tried on this machine by " : "Not all of them have been tried on this machine yet. To try them, which takes some minutes: ", h("code", {}, told.command)) : null,
    table(["No.", "Claim", "-Holds at", "Verdict"], claims.map((claim) => [
      h("b", {}, claim.id), claim.page ? h("a", { href: claim.page }, claim.says) : claim.says,
      claim.share ? h("span", {}, share(claim.share[0]), h("span", { class: "soft" }, `${share(claim.share[1]).replace("\u00a0%", "")} to ${share(claim.share[2])}`)) : "–",
      h("span", { class: `verdict${claim.verdict === "not checked" ? " not" : ""}` }, claim.verdict, claim.because ? h("span", { class: "soft" }, claim.because) : null)]), "Claims and verdicts"),
    h("p", { class: "small" }, "Holds at: share of the draws from the prior at which the claim holds, with its 95 % interval."));
}

export async function storePage(host, catalogue, told, again) {
  const store = await host.json("/api/store");
  // A run's key doesn't know the scenario's name; its title does, where the catalogue has one of it.
  const scenarioOf = (run) => catalogue.scenarios.find((one) => one.name === run.scenario || one.title === run.title)?.name;
  const dialog = h("dialog", { "aria-labelledby": "delete-title" });
  const ask = (run) => {
    const doing = h("p", { class: "small", role: "alert" });
    dialog.replaceChildren(
      h("h2", { id: "delete-title" }, "Delete this run?"),
      h("p", {}, `${run.title || run.scenario}: ${plural(run.worlds, "world")} of ${plural(run.years, "year")}, ${bytesInWords(run.bytes)}. It can be run again: the same scenario and seed give the same numbers.`),
      h("p", { class: "small" }, h("code", {}, run.key)), doing,
      h("div", { class: "actions" },
        h("button", { type: "button", class: "quiet", onclick: () => dialog.close() }, "Keep it"),
        h("button", { type: "button", class: "danger", onclick: async () => {
          try {
            await host.json(`/api/store/${run.key}`, { method: "DELETE", headers: { "X-Confirm": run.key } });
            dialog.close();
            told(`Deleted: ${run.title || run.scenario}.`);
            again();
          } catch (error) {
            say(doing, error.message);
          }
        } }, "Delete")));
    dialog.showModal();
  };
  return page("The store", `${plural(store.runs.length, "run")}, ${bytesInWords(store.bytes)} in all. What was run is not run again.`,
    h("p", { class: "small" }, h("code", {}, store.folder)),
    store.runs.length ? table(["Scenario", "-Worlds", "-Years", "-Size", "Last used", "Remove"], store.runs.map((run) => [
      h("span", {}, scenarioOf(run) ? h("a", { href: `#s=${scenarioOf(run)}` }, run.title || run.scenario) : run.title || run.scenario, h("span", { class: "soft" }, h("code", {}, run.key.slice(0, 12)))),
      run.worlds.toLocaleString("en"), String(run.years), bytesInWords(run.bytes),
      h("time", { datetime: run.when }, run.when.slice(0, 16).replace("T", " ")),
      h("button", { type: "button", class: "quiet", "aria-label": `Delete ${run.title || run.scenario}, ${run.key.slice(0, 12)}`, onclick: () => ask(run) }, "Delete …")]), "Runs in the store")
      : h("p", {}, "Nothing has been run yet."), dialog);
}

export const LATTICE = "hammond_axelrod_2006";

export async function modelsPage(host, catalogue, state, settle) {
  const list = table(["Model", "To see it"], catalogue.models.map((model) => [model.title,
    model.name === LATTICE ? h("a", { href: `#p=models&s=${LATTICE}` }, "watch it") : h("code", { class: "soft" }, `bestowal run ${model.name}`)]), "Models");
  let lattice = null;
  try {
    lattice = await latticeOf(host, state, settle);
  } catch (error) {
    if (host.kind !== "recorded") throw error;
  }
  return { element: page("Models", "Published models on the same engine, each held against its paper by bestowal check.", lattice?.element, h("h2", {}, "All models"), list), stop: lattice?.stop };
}

const SHOWN = ["cost", "benefit", "death", "mutation"];
const CHUNK = 100;

/** Hammond and Axelrod's lattice, playing; cost and benefit may change as it runs. */
async function latticeOf(host, state, settle) {
  const model = await host.json(`/api/models/${LATTICE}`);
  const start = Object.fromEntries(model.parameters.map((one) => [one.name, one.default]));
  let changes = state.c.filter(({ values }) => Object.keys(values).every((name) => name in start));
  let chunks = new Map();
  let meta = null, shows = "acts", at = state.t, playing = false, last = 0, speed = 30, stopped = false, generation = 0;

  const canvas = h("canvas", { class: "lattice", role: "img", "aria-label": "The lattice" });
  const context = canvas.getContext("2d");
  const legend = h("div", { class: "key" });
  const step = h("output", { class: "year" });
  const said = h("p", { class: "small", role: "status" });
  const play = h("button", { type: "button", onclick: () => (playing ? pause() : go()) }, "Play");
  const history = h("p", { class: "small" });
  const chart = h("div", { class: "shares" });

  const values = (when) => Object.assign({ ...start }, ...changes.filter((change) => change.step <= when).map((change) => change.values));
  const levers = SHOWN.map((name) => model.parameters.find((one) => one.name === name)).filter(Boolean).map((parameter) => {
    const fine = { ...parameter, high: { cost: 0.05, benefit: 0.1, death: 0.5, mutation: 0.05 }[parameter.name] };
    const scale = scaleOf(fine);
    const shown = h("output", {});
    const slider = h("input", { type: "range", min: 0, max: scale.steps, "aria-label": `${inWords(parameter.name)}: ${parameter.meaning}`, oninput: () => show(), onchange: () => change(parameter.name, scale.value(Number(slider.value))) });
    const show = () => {
      say(shown, number(scale.value(Number(slider.value))));
      slider.setAttribute("aria-valuetext", shown.textContent);
    };
    return { name: parameter.name, set(value) { slider.value = scale.at(value); show(); },
      element: h("div", { class: "lever" }, h("div", { class: "lever-head" }, h("span", {}, inWords(parameter.name)), shown), h("div", { class: "slide" }, slider), h("p", { class: "about" }, parameter.meaning)) };
  });

  async function chunk(k) {
    if (!chunks.has(k)) {
      const mine = generation;
      const body = { model: LATTICE, values: {}, changes, world: state.w, first: k * CHUNK, count: CHUNK };
      const wait = host.frames("/api/lattice", body).then((buffer) => decode(buffer));
      chunks.set(k, wait);
      wait.catch(() => mine === generation && chunks.delete(k));
    }
    return chunks.get(k);
  }

  function change(name, value) {
    const now = Math.floor(at);
    // What was set before stays; what was to come later gives way to what is set now.
    changes = changes.filter((one) => one.step < now || (one.step === now && !(name in one.values)));
    changes.push({ step: now, values: { [name]: value } });
    const kept = Math.floor(now / CHUNK);
    generation += 1;
    chunks = new Map([...chunks].filter(([k]) => k < kept));
    told();
    draw();
  }

  function told() {
    settle({ ...state, c: changes, t: Math.floor(at) });
    say(history, changes.length ? `Changed: ${changes.map(({ step: when, values: set }) => `${Object.entries(set).map(([name, value]) => `${name} ${number(value)}`).join(", ")} from period ${when}`).join("; ")}.` : "Nothing is changed yet: move a lever while it runs.");
  }

  let shown = null;
  async function draw() {
    const k = Math.floor(at / CHUNK);
    try {
      const frames = await chunk(k);
      if (stopped) return;
      meta ??= begin(frames.meta);
      const { side } = frames.meta;
      const i = Math.min(Math.floor(at) - k * CHUNK, CHUNK - 1);
      if (i < 0) return;
      const cells = frames.arrays.cells.subarray(i * side * side, (i + 1) * side * side);
      const picture = context.createImageData(side, side);
      const words = new Uint32Array(picture.data.buffer);
      for (let cell = 0; cell < cells.length; cell++) words[cell] = meta.colours[cells[cell]] ?? 0;
      context.putImageData(picture, 0, 0);
      say(step, `period ${Math.floor(at)}`);
      shown = frames;
      drawShares(frames, i);
      say(said, "");
    } catch (error) {
      pause();
      say(said, error.message);
    }
  }

  /** The colour of every cell code, by what people do or by their group; "ethnocentric, colour 2" is a label of one. */
  function begin({ side, legend: codes }) {
    if (canvas.width !== side) canvas.width = canvas.height = side;
    const colour = coloursOf(canvas);
    const acts = { selfish: "lat-selfish", ethnocentric: "lat-own", traitorous: "lat-other", humanitarian: "lat-all" };
    const colours = {};
    const shown = new Map();
    for (const { code, label } of codes) {
      const [act, group] = label.split(", ");
      const name = shows === "acts" ? acts[act] : group && `group-${(Number(group.split(" ")[1]) - 1) % 6}`;
      const paint = colour(name ?? "place");
      const [r, g, b] = [1, 3, 5].map((k) => parseInt(paint.slice(k, k + 2), 16));
      colours[code] = ((255 << 24) | (b << 16) | (g << 8) | r) >>> 0;
      shown.set(shows === "acts" ? act : group ?? act, paint);
    }
    legend.replaceChildren(...[...shown].map(([label, paint]) => {
      const patch = h("i", {});
      patch.style.background = paint;
      return h("span", {}, patch, label);
    }));
    return { colours };
  }

  /** Shares of the strategies in this period, as bars and in words. */
  function drawShares(frames, i) {
    const names = frames.meta.observables ?? model.observables.map((one) => one.name);
    const read = (name) => frames.arrays.observables[i * names.length + names.indexOf(name)];
    const bars = [["ethnocentric", "lat-own"], ["humanitarian", "lat-all"], ["selfish", "lat-selfish"], ["traitorous", "lat-other"]].filter(([name]) => names.includes(name));
    if (!chart.children.length) chart.append(...bars.map(([name]) => h("div", { class: "bar" }, h("span", {}, inWords(name)), h("span", { class: "track" }, h("i", { class: name })), h("b", {}))));
    bars.forEach(([name], k) => {
      const value = read(name);
      const [, track, text] = chart.children[k].children;
      track.firstChild.style.width = `${100 * (value || 0)}%`;
      say(text, share(value));
    });
    canvas.setAttribute("aria-label", `The lattice in period ${Math.floor(at)}: ${bars.map(([name]) => `${name} ${share(read(name))}`).join(", ")}`);
  }

  function tick(now) {
    if (!playing || stopped) return;
    const by = (Math.min(now - last, 100) / 1000) * (WITHOUT_MOTION.matches ? 2 : speed);
    last = now;
    const k = Math.floor((at + by) / CHUNK);
    // The next pieces are asked for ahead; until one is there the lattice stands.
    chunk(k + 1).catch(() => {});
    chunk(k).then(() => {
      if (Math.floor(at + by) !== Math.floor(at) || !shown) {
        at += by;
        draw();
      } else at += by;
      if (at >= LAST - 1) pause();
      else requestAnimationFrame(tick);
    }, (error) => {
      pause();
      say(said, error.message);
    });
  }
  const LAST = 20000; // periods, so that the address stays short of what a server refuses

  function go() {
    playing = true;
    last = performance.now();
    say(play, "Pause");
    requestAnimationFrame(tick);
  }

  function pause() {
    playing = false;
    say(play, "Play");
    for (const lever of levers) lever.set(values(Math.floor(at))[lever.name]);
    if (!stopped) told();
  }

  const to = (when) => {
    at = Math.max(0, when);
    for (const lever of levers) lever.set(values(Math.floor(at))[lever.name]);
    told();
    draw();
  };
  const pace = h("select", { "aria-label": "Speed, periods a second", onchange: () => (speed = Number(pace.value)) }, [5, 30, 100].map((n) => h("option", { value: n, selected: n === speed }, `${n} periods/s`)));
  const shown_ = h("select", { "aria-label": "What the colours show", onchange: () => { shows = shown_.value; meta = null; draw(); } }, h("option", { value: "acts" }, "colour: what they do"), h("option", { value: "groups" }, "colour: their group"));
  const element = h("section", { class: "lattice-page", "aria-labelledby": "lattice-title" },
    h("h2", { id: "lattice-title" }, model.title),
    h("p", {}, "People on a torus, each of one colour, who may help neighbours of their own colour and of others. Helping costs a chance of a child, being helped gains one."),
    h("div", { class: "lattice-box" },
      h("div", {}, canvas, h("div", { class: "clock" }, step, h("div", { class: "buttons" },
        h("button", { type: "button", onclick: () => { pause(); to(0); } }, "To the start"),
        h("button", { type: "button", onclick: () => { pause(); to(Math.floor(at) + 1); } }, "One on"), play), pace, shown_), legend),
      h("div", {}, chart, ...levers.map((one) => one.element), history, h("div", { class: "actions" },
        h("button", { type: "button", class: "quiet", onclick: () => { changes = []; generation += 1; chunks = new Map(); to(at); } }, "Back to the paper’s values")), said)));
  requestAnimationFrame(() => to(at));
  return { element, stop: () => { stopped = true; playing = false; } };
}
