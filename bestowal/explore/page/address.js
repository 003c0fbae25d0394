// @ts-check
// The state of the page and its form in the address: a link is an experiment. Undo and redo are the browser's own back
// and forward.

export const FIRST_STATE = { p: "worlds", s: "", v: {}, c: [], y: 0, w: 0, t: 0, q: "" };

/** "#s=kibbutz&v=pay_link:0.3,screening:0.9&y=20" → the state. What can't be read is left at its default. */
export function stateOf(hash) {
  const fields = new URLSearchParams(hash.replace(/^#/, ""));
  const state = { ...FIRST_STATE, v: {}, c: [] };
  for (const name of ["p", "s", "q"]) if (/^[\w-]{1,200}$/.test(fields.get(name) ?? "")) state[name] = fields.get(name);
  for (const name of ["y", "w", "t"])
    if (/^\d{1,9}$/.test(fields.get(name) ?? "")) state[name] = Number(fields.get(name));
  for (const part of (fields.get("v") ?? "").split(",")) {
    const [name, value] = part.split(":");
    if (/^\w+$/.test(name) && value !== undefined && value !== "" && Number.isFinite(Number(value)))
      state.v[name] = Number(value);
  }
  // Changes of a lattice as it runs: "300.cost:0.02".
  for (const part of (fields.get("c") ?? "").split(",")) {
    const read = /^(\d{1,9})\.(\w+):(-?[\d.e-]+)$/.exec(part);
    if (read && Number.isFinite(Number(read[3])))
      state.c.push({ step: Number(read[1]), values: { [read[2]]: Number(read[3]) } });
  }
  return state;
}

/** The state as a hash, without what is at its default. */
export function hashOf(state) {
  const values = Object.entries(state.v)
    .map(([name, value]) => `${name}:${value}`)
    .join(",");
  const parts = [];
  if (state.p !== "worlds") parts.push(`p=${state.p}`);
  if (state.s) parts.push(`s=${state.s}`);
  if (values) parts.push(`v=${values}`);
  const changes = state.c.flatMap(({ step, values }) =>
    Object.entries(values).map(([name, value]) => `${step}.${name}:${value}`),
  );
  if (changes.length) parts.push(`c=${changes.join(",")}`);
  if (state.q) parts.push(`q=${state.q}`);
  for (const name of ["y", "w", "t"]) if (state[name]) parts.push(`${name}=${state[name]}`);
  return `#${parts.join("&")}`;
}

/** The address bar: step() is one that can be undone, settle() isn't. `moved(state)` after back, forward or a link. */
export function addressBar(moved) {
  // How far this entry is along, and how far one can go: kept in the entry, so that a reload knows.
  let at = history.state?.at ?? 0;
  let last = Math.max(at, Number(sessionStorage.getItem("last") ?? 0));
  history.replaceState({ at }, "");
  const listen = () => {
    if (history.state?.at === undefined) {
      // A link within the page, or typed: a new entry.
      at += 1;
      last = at;
      history.replaceState({ at }, "");
    } else at = history.state.at;
    moved(stateOf(location.hash));
  };
  window.addEventListener("popstate", listen);
  return {
    read: () => stateOf(location.hash),
    step(state) {
      if (hashOf(state) === location.hash) return;
      at += 1;
      last = at;
      sessionStorage.setItem("last", String(last));
      history.pushState({ at }, "", hashOf(state));
    },
    settle(state) {
      const hash = hashOf(state);
      if (hash !== location.hash) history.replaceState({ at }, "", hash);
    },
    undo: () => history.back(),
    redo: () => history.forward(),
    canUndo: () => at > 0,
    canRedo: () => at < last,
  };
}

/**
 * The same without an address bar: in a notebook.
 * @param {(hash: string) => void} told
 */
export function memory(first, moved, told = () => {}) {
  const past = [hashOf(first)];
  let at = 0;
  const go = (to) => {
    at = to;
    told(past[at]);
    moved(stateOf(past[at]));
  };
  return {
    read: () => stateOf(past[at]),
    step(state) {
      if (hashOf(state) === past[at]) return;
      past.splice(++at, past.length, hashOf(state));
      told(past[at]);
    },
    settle(state) {
      past[at] = hashOf(state);
      told(past[at]);
    },
    undo: () => at > 0 && go(at - 1),
    redo: () => at < past.length - 1 && go(at + 1),
    canUndo: () => at > 0,
    canRedo: () => at < past.length - 1,
  };
}
