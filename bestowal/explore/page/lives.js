// @ts-check
// One person's two lives side by side.

import { h, number, say, svg } from "./dom.js";

/** The panel: show(pair, person, year, pinned) and nobody(). */
export function lives(unpin) {
  const name = h("h2", { id: "lives-title" }, "One person in both histories");
  const body = h("div", { class: "lives-body" });
  const close = h("button", { type: "button", class: "quiet", hidden: true, onclick: unpin }, "Deselect");
  const element = h(
    "section",
    { class: "lives", "aria-labelledby": "lives-title" },
    h("div", { class: "head" }, name, close),
    body,
  );

  return {
    element,
    /** How many differ from the baseline, while no person is selected. */
    nobody(pair = null, year = 0) {
      close.hidden = true;
      say(name, "People who differ from the baseline");
      const told = [];
      if (pair) {
        const { meta } = pair;
        const at = pair.b.start[year + 1] - pair.b.start[year];
        const first = meta.first_difference;
        told.push(
          h(
            "p",
            { class: "since" },
            meta.same
              ? "None: the histories are identical."
              : `The histories differ from ${meta.first_year + first} on${year >= first ? `; in ${meta.first_year + year}, ${pair.unlike[year].toLocaleString("en")} of ${at.toLocaleString("en")} people differ from the same person in the baseline` : ""}.`,
          ),
        );
        if (!meta.same) told.push(spreading(pair, year));
      }
      body.replaceChildren(
        ...told,
        h(
          "p",
          { class: "small" },
          "Point at a person, or move to a world with Tab and between its people with the arrow keys. Click or press Enter to keep a person selected while time advances.",
        ),
      );
    },
    show(pair, person, year, pinned) {
      const { meta } = pair;
      close.hidden = !pinned;
      say(name, nameOf(pair, person));
      const first = pair.firstDiffers()[person];
      const since =
        first < 0
          ? "Identical in both histories in every recorded year."
          : year < first
            ? `Identical in both histories so far; different from ${meta.first_year + first} on.`
            : `Different since ${meta.first_year + first}.`;
      const [a, b] = [lifeOf(pair.a, meta, person, year), lifeOf(pair.b, meta, person, year)];
      const rows = [
        ["This year", "status"],
        ["Community", "community"],
        ["Motive", "motive"],
        ["Effort", "effort"],
        ["Practises", "practising"],
      ];
      body.replaceChildren(
        h("p", { class: "since" }, since),
        h(
          "table",
          {},
          h(
            "thead",
            {},
            h(
              "tr",
              {},
              h("th", { scope: "col" }, h("span", { class: "unseen" }, "What")),
              h("th", { scope: "col", class: "was" }, "baseline"),
              h("th", { scope: "col", class: "with" }, "with the change"),
            ),
          ),
          h(
            "tbody",
            {},
            rows.map(([title, key]) =>
              h(
                "tr",
                { class: a[key] === b[key] ? "" : "unlike" },
                h("th", { scope: "row" }, title),
                h("td", {}, a[key]),
                h("td", {}, b[key]),
              ),
            ),
          ),
        ),
        h(
          "div",
          { class: "courses" },
          course(pair, person, year, "motive", "Motive"),
          course(pair, person, year, "effort", "Effort"),
        ),
      );
    },
    /** The same in one sentence, for a screen reader. */
    told(pair, person, year) {
      const [a, b] = [lifeOf(pair.a, pair.meta, person, year), lifeOf(pair.b, pair.meta, person, year)];
      const one = (life) =>
        life.row < 0
          ? life.status
          : `community ${life.community}, motive ${life.motive}, effort ${life.effort}${life.practising === "yes" ? ", practises" : ""}`;
      const first = pair.firstDiffers()[person];
      const since = first < 0 || year < first ? "identical so far" : `different since ${pair.meta.first_year + first}`;
      return `${nameOf(pair, person)}, ${since}. Baseline: ${one(a)}. With the change: ${one(b)}.`;
    },
  };
}

function nameOf({ meta }, person) {
  const words = meta.words?.[person] ?? `person ${person}`;
  // A child's lineage is a long number: its first letters tell it apart.
  const short = words.replace(/^child ([0-9a-f]{6})[0-9a-f]*/, "child $1");
  const year = /^applicant (\d+) of year (\d+) to community (\d+)/.exec(short);
  if (year) return `Applicant ${year[1]} of ${meta.first_year + Number(year[2])} to community ${year[3]}`;
  return short[0].toUpperCase() + short.slice(1);
}

function lifeOf(world, meta, person, year) {
  const row = world.rowAt(person, year);
  const none = { row, community: "–", motive: "–", effort: "–", practising: "–" };
  if (row < 0) {
    const rows = world.rowsOf(person);
    if (!rows.length) return { ...none, status: "never a member" };
    const [from, to] = [world.yearOf(rows[0]), world.yearOf(rows[rows.length - 1])];
    if (year < from) return { ...none, status: `not yet; comes in ${meta.first_year + from}` };
    const community = world.community[rows[rows.length - 1]];
    const ended = world.endings.some((end) => end.community === community && end.year === to);
    return { ...none, status: `${ended ? "community ended" : "died or left"} after ${meta.first_year + to}` };
  }
  const part = (value) => number(Math.round((value / 255) * 100) / 100);
  return {
    row,
    status: "at work",
    community: String(world.community[row]),
    motive: part(world.motive[row]),
    effort: part(world.effort[row]),
    practising: world.practising[row] ? "yes" : "no",
  };
}

/** The share of people with the change who differ from the same person in the baseline, by year. */
function spreading(pair, year) {
  const [width, height] = [480, 56];
  const last = Math.max(1, pair.meta.years - 1);
  const x = (at) => 4 + ((width - 8) * at) / last;
  const y = (part) => height - 4 - (height - 8) * part;
  let d = `M${x(0)} ${y(0)}`;
  for (let at = 0; at <= last; at++) {
    const people = pair.b.start[at + 1] - pair.b.start[at];
    d += `L${x(at).toFixed(1)} ${y(people ? pair.unlike[at] / people : 0).toFixed(1)}`;
  }
  return h(
    "figure",
    { class: "course" },
    h("figcaption", {}, "Share of people who differ from the same person in the baseline"),
    svg(
      "svg",
      { viewBox: `0 0 ${width} ${height}`, "aria-hidden": "true", preserveAspectRatio: "none" },
      svg("path", { class: "frame", d: `M4 4V${height - 4}H${width - 4}` }),
      svg("path", { class: "area", d: `${d}L${x(last)} ${y(0)}Z` }),
      svg("path", { class: "now", d: `M${x(year)} 2V${height - 2}` }),
    ),
  );
}

/** Both courses of one number over the years, as a small drawing. */
function course(pair, person, year, column, title) {
  const [width, height] = [240, 56];
  const x = (at) => 4 + ((width - 8) * at) / Math.max(1, pair.meta.years - 1);
  const y = (value) => height - 4 - ((height - 8) * value) / 255;
  const path = (world) => {
    let d = "";
    let before = -2;
    for (const row of world.rowsOf(person)) {
      const at = world.yearOf(row);
      d += `${at === before + 1 ? "L" : "M"}${x(at).toFixed(1)} ${y(world[column][row]).toFixed(1)}`;
      if (at !== before + 1) d += "h.01";
      before = at;
    }
    return d;
  };
  return h(
    "figure",
    { class: "course" },
    h("figcaption", {}, title),
    svg(
      "svg",
      { viewBox: `0 0 ${width} ${height}`, "aria-hidden": "true", preserveAspectRatio: "none" },
      svg("path", { class: "frame", d: `M4 4V${height - 4}H${width - 4}` }),
      svg("path", { class: "was", d: path(pair.a) }),
      svg("path", { class: "with", d: path(pair.b) }),
      svg("path", { class: "now", d: `M${x(year)} 2V${height - 2}` }),
    ),
  );
}
