// @ts-check
// What the page shows and what it has read from its host: one object, which the parts share.

import { FIRST_STATE } from "./address.js";

/**
 * @typedef {object} Session
 * @property {any} host where answers come from
 * @property {any} state what the address holds
 * @property {any} lastWorlds the state in which the worlds were last shown; null: not yet
 * @property {any} catalogue
 * @property {any} scenario
 * @property {any} model
 * @property {any} question undefined: not chosen yet; null: none
 * @property {any} pair the pair of worlds that is drawn
 * @property {boolean} ended
 * @property {(path: string) => Promise<any>} read asks the host once for what doesn't change while it runs
 * @property {() => void} forget asks anew from now on
 */

/** @returns {Session} */
export function newSession(host) {
  const known = new Map();
  return {
    host,
    state: { ...FIRST_STATE },
    lastWorlds: null,
    catalogue: null,
    scenario: null,
    model: null,
    question: undefined,
    pair: null,
    ended: false,
    read(path) {
      if (!known.has(path)) {
        const asking = host.json(path);
        known.set(path, asking);
        asking.catch(() => known.delete(path));
      }
      return known.get(path);
    },
    forget: () => known.clear(),
  };
}

/** Whether any value differs from the scenario's own. */
export function isChanged(state) {
  return Object.keys(state.v).length > 0;
}

/** The experiment as the host is asked for it. */
export function experimentOf(state) {
  return { scenario: state.s, values: state.v, from_year: isChanged(state) ? state.y : 0 };
}

/** A function that waits until it has not been called for `wait` milliseconds, and does nothing once the page ended. */
export function later(session, does, wait) {
  let timer = 0;
  return (...given) => {
    clearTimeout(timer);
    timer = setTimeout(() => !session.ended && does(...given), wait);
  };
}
