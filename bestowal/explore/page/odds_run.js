// @ts-check
// Runs the odds of the experiment: many worlds, begun anew when it changes.

import { experimentOf, isChanged } from "./state.js";

/**
 * Asks for odds. `panel` shows them, `graphs` the bands; `shown(key)` when they are complete; `failed(error, again)`.
 * @param {import("./state.js").Session} session
 */
export function oddsRuns(session, panel, graphs, { shown, failed }) {
  let run = null;
  let timer = 0;
  let askedKey = "";
  let own = null; // the bands as it was: {scenario, bands}

  function ask(wait) {
    const body = {
      ...experimentOf(session.state),
      question: session.question?.name ?? null,
      most_worlds: panel.most(),
    };
    const key = JSON.stringify(body);
    if (key === askedKey) return;
    askedKey = key;
    stop();
    const changed = isChanged(session.state);
    panel.waiting(!changed);
    if (own?.scenario !== body.scenario) own = null;
    graphs.showBands(own?.bands ?? null);
    timer = setTimeout(() => stream(body, key, changed), wait);
  }

  async function stream(body, key, changed) {
    const mine = new AbortController();
    run = mine;
    const take = (told) => {
      if (mine.signal.aborted) return;
      const bands = Object.entries(told.bands).map(([name, both]) => [name, { a: both.a }]);
      own = { scenario: body.scenario, bands: Object.fromEntries(bands) };
      panel.show(told, changed, "every criterion of success met");
      graphs.showBands(changed ? told.bands : own.bands);
      if (told.done) shown(key);
    };
    try {
      await session.host.lines("/api/odds", body, take, { signal: mine.signal });
    } catch (error) {
      if (error.name === "AbortError" || mine.signal.aborted) return;
      askedKey = "";
      if (error.gone) {
        panel.failed("The server does not answer. The computation continues when the server is back.");
        failed(error, () => ask(0));
      } else panel.empty(error.message);
    }
  }

  function stop() {
    run?.abort();
    clearTimeout(timer);
  }

  return { ask, stop };
}
