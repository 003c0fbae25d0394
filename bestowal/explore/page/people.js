// @ts-check
// Who is pointed at: by the pointer or by keys, in either world.

import { clamp } from "./dom.js";

const MOVES = { ArrowRight: 1, ArrowLeft: -1, ArrowDown: 2, ArrowUp: -2 };

/**
 * The person pointed at. `shown(person, kept)` when it is another; -1 for nobody.
 * @param {import("./state.js").Session} session
 */
export function pointing(session, { time, shown, announce }) {
  let hovered = -1;
  let pinned = -1;
  const now = () => (pinned >= 0 ? pinned : hovered);

  function point(person) {
    if (person === hovered || pinned >= 0) return;
    hovered = person;
    shown(now(), pinned >= 0);
  }

  function pin(person) {
    pinned = hovered = person;
    shown(now(), pinned >= 0);
  }

  /** The row in `world` that a key leads to from a row of this year; -1 where nobody is. */
  function rowAfter(key, world, year, isChanged) {
    const [low, high] = [world.start[year], world.start[year + 1] - 1];
    if (high < low) return -1;
    let row = now() >= 0 ? world.rowAt(now(), year) : -1;
    if (row < 0 || key === "Home") {
      // Begin with somebody who is unlike, where anybody is.
      for (let at = low; at <= high; at++) if (world.differs[at] && isChanged) return at;
      return low;
    }
    const by = MOVES[key];
    if (Math.abs(by) === 1) return clamp(row + by, low, high);
    const community = world.community[row];
    const step = Math.sign(by);
    while (row + step >= low && row + step <= high && world.community[row] === community) row += step;
    if (step < 0) while (row > low && world.community[row - 1] === world.community[row]) row -= 1;
    return row;
  }

  function walk(event, side) {
    const { pair } = session;
    if (!pair) return;
    const { key } = event;
    if (key === "Escape") pin(-1);
    else if (key === "Enter") pin(hovered);
    else if (key === " ") time.toggle();
    else if (key === "PageDown" || key === "PageUp") time.step(key === "PageDown" ? 1 : -1);
    else if (key in MOVES || key === "Home") {
      const year = Math.floor(time.time);
      const row = rowAfter(key, pair[side], year, side === "b");
      if (row < 0) return;
      pinned = -1;
      hovered = pair[side].person[row];
      shown(hovered, false);
      announce(hovered, year);
    } else return;
    event.preventDefault();
  }

  return {
    point,
    pin,
    walk,
    now,
    kept: () => pinned >= 0,
    /** Lets go of everybody, without a word. */
    reset() {
      pinned = hovered = -1;
    },
  };
}
