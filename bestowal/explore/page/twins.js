// @ts-check
// Both worlds side by side, at one time, with the counts above them and whoever is pointed at in both.

import { h, plural, say } from "./dom.js";
import { lives } from "./lives.js";
import { pointing } from "./people.js";
import { later } from "./state.js";
import { stage } from "./world.js";

const NAMES = { a: "Baseline", b: "With the change" };
const KEYS =
  "Arrow keys move between people and communities, Enter selects a person, Escape deselects, the space bar plays and pauses, Page Up and Page Down move one year back and forward.";

/**
 * The two worlds and the person shown. `announce(text)` reads out.
 * @param {import("./state.js").Session} session
 */
export function twins(session, time, announce) {
  const person = lives(() => people.pin(-1));
  const people = pointing(session, {
    time,
    shown: showPerson,
    announce: (who, year) => announce(person.told(session.pair, who, year)),
  });
  const sides = { a: sideOf("a"), b: sideOf("b") };
  let drawnYear = -1;
  let drawnPair = null;
  person.nobody();

  function sideOf(side) {
    const canvas = h("canvas", {
      tabindex: 0,
      role: "application",
      "aria-roledescription": "world",
      "aria-describedby": `keys-${side}`,
    });
    const told = h("span", { class: "told" });
    const what = h("span", { class: "what" });
    const wait = h("div", { class: "wait", hidden: true }, "computing …");
    const element = h(
      "section",
      { class: `twin ${side === "a" ? "was" : "with"}`, "aria-label": NAMES[side] },
      h("div", { class: "twin-head" }, h("h2", {}, NAMES[side]), what, told),
      h("div", { class: "ground" }, canvas, wait, h("span", { class: "unseen", id: `keys-${side}` }, KEYS)),
    );
    const drawn = stage(canvas, side === "b");
    const spot = (event) => drawn.personAt(event.offsetX, event.offsetY, time.time);
    canvas.addEventListener("pointermove", (event) => people.point(spot(event)));
    canvas.addEventListener("pointerleave", () => document.activeElement !== canvas && people.point(-1));
    canvas.addEventListener("click", (event) => people.pin(spot(event)));
    canvas.addEventListener("keydown", (event) => people.walk(event, side));
    canvas.addEventListener("blur", () => people.point(-1));
    return { element, canvas, drawn, told, what, wait };
  }

  function drawBoth(at) {
    for (const side of ["a", "b"]) sides[side].drawn.draw(at, people.now());
  }

  function showPerson(now, kept) {
    const { pair } = session;
    if (!pair) return;
    const year = Math.floor(time.time);
    if (now >= 0) person.show(pair, now, year, kept);
    else person.nobody(pair, year);
    drawBoth(time.time);
  }

  function draw(at) {
    const { pair } = session;
    if (!pair) return;
    drawBoth(at);
    const year = Math.floor(at + 1e-9);
    if (year === drawnYear && pair === drawnPair) return;
    [drawnYear, drawnPair] = [year, pair];
    for (const side of ["a", "b"]) say(sides[side].told, countOf(pair, side, year));
    if (people.now() >= 0) person.show(pair, people.now(), year, people.kept());
    else person.nobody(pair, year);
  }

  const tell = later(
    session,
    (year) => {
      const { pair } = session;
      if (!pair || session.state.p !== "worlds") return;
      const when = pair.meta.first_year + year;
      const counts = { a: countOf(pair, "a", year), b: countOf(pair, "b", year) };
      for (const side of ["a", "b"])
        sides[side].canvas.setAttribute("aria-label", `${NAMES[side]}, ${when}: ${counts[side]}`);
      const parts = pair.meta.same
        ? "The histories are identical."
        : `The histories differ from ${pair.meta.first_year + pair.meta.first_difference} on.`;
      announce(`${when}. Baseline: ${counts.a}. With the change: ${counts.b}. ${parts}`);
    },
    400,
  );

  return {
    element: h("div", { class: "twins" }, sides.a.element, sides.b.element),
    person: person.element,
    canvas: sides.a.canvas,
    pin: people.pin,
    draw,
    tell,
    /** Takes another pair to draw. */
    take(pair) {
      people.reset();
      person.nobody(pair, Math.floor(time.time));
      for (const side of ["a", "b"]) sides[side].drawn.show(pair, side);
    },
    clear() {
      for (const side of ["a", "b"]) sides[side].drawn.clear();
    },
    repaint() {
      for (const side of ["a", "b"]) sides[side].drawn.repaint();
    },
    /** Says beside each name what it is: the world, and what is changed in it. */
    head(was, changed) {
      say(sides.a.what, was);
      say(sides.b.what, changed);
    },
    waiting(is) {
      sides.b.wait.hidden = !is;
    },
  };
}

/** People, communities, people who differ from the baseline and communities ended in a year of one world, in words. */
function countOf(pair, side, year) {
  const world = pair[side];
  const people = world.start[year + 1] - world.start[year];
  let communities = 0;
  for (let c = 0; c < pair.meta.communities; c++)
    communities += world.counts[year * pair.meta.communities + c] > 0 ? 1 : 0;
  let text = people
    ? `${people.toLocaleString("en")} people, ${plural(communities, "community").replace("communitys", "communities")}`
    : "no members";
  if (side === "b") {
    const unlike = pair.unlike[year];
    if (unlike)
      text +=
        unlike === people
          ? "; all differ from the baseline"
          : `; ${unlike.toLocaleString("en")} differ from the baseline`;
  }
  const gone = world.endings.filter((end) => end.year < year).length;
  return gone ? `${text}; ${gone} ended` : text;
}

/** What the marks in both worlds mean. */
export function keyOfMarks() {
  const dot = (name) => h("i", { class: `dot-key ${name}` });
  return h(
    "div",
    { class: "key", "aria-label": "Legend", role: "note" },
    h("span", {}, "motive: for oneself ", h("i", { class: "scale" }), " for others"),
    h("span", {}, dot("small"), dot("large"), "low effort, high effort"),
    h("span", {}, dot("ring"), "practises"),
    h("span", { class: "unlike" }, dot("diamond"), "differs from the same person in the baseline"),
    h("span", { class: "unlike" }, dot("absent"), "present only in the other history"),
  );
}
