// @ts-check
// The pair of worlds that the experiment asks for, computed one at a time.

import { decode, pairOf } from "./frames.js";
import { experimentOf } from "./state.js";

const KEPT = 8; // pairs kept, so that going back is at once

/**
 * Asks for pairs. `waiting(is)` where one takes long; `show(pair, key)` when it is there; `done()`; `failed(error, again)`.
 * @param {import("./state.js").Session} session
 */
export function pairs(session, { waiting, show, done, failed }) {
  const kept = new Map();
  let busy = false;
  let wanted = null;
  let shownKey = "";

  async function pairFor(body, key) {
    let found = kept.get(key);
    if (!found) {
      found = pairOf(decode(await session.host.frames("/api/pair", body)));
      kept.set(key, found);
      if (kept.size > KEPT) kept.delete(kept.keys().next().value);
    }
    return found;
  }

  /** At most one pair is computed at a time; of those wanted meanwhile only the last. */
  return async function want() {
    wanted = { ...experimentOf(session.state), world: session.state.w };
    if (busy) return;
    busy = true;
    const slow = setTimeout(() => waiting(true), 250);
    try {
      while (wanted) {
        const body = wanted;
        wanted = null;
        const key = JSON.stringify(body);
        if (key === shownKey && session.pair) continue;
        const found = await pairFor(body, key);
        if (body.scenario !== session.state.s) continue;
        shownKey = key;
        show(found, key);
      }
      done();
    } catch (error) {
      failed(error, want);
    } finally {
      busy = false;
      clearTimeout(slow);
      waiting(false);
    }
  };
}
