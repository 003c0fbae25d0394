// @ts-check
// The page of the store: what was run, and deleting it.

import { bytesInWords, h, plural, say } from "./dom.js";
import { page, table } from "./sheet.js";

export async function storePage(host, catalogue, told, again) {
  const store = await host.json("/api/store");
  // A run's key doesn't know the scenario's name; its title does, where the catalogue has one of it.
  const scenarioOf = (run) =>
    catalogue.scenarios.find((one) => one.name === run.scenario || one.title === run.title)?.name;
  const dialog = h("dialog", { "aria-labelledby": "delete-title" });
  const ask = (run) => {
    const doing = h("p", { class: "small", role: "alert" });
    dialog.replaceChildren(
      h("h2", { id: "delete-title" }, "Delete this run?"),
      h(
        "p",
        {},
        `${run.title || run.scenario}: ${plural(run.worlds, "world")} of ${plural(run.years, "year")}, ${bytesInWords(run.bytes)}. It can be run again: the same scenario and seed give the same numbers.`,
      ),
      h("p", { class: "small" }, h("code", {}, run.key)),
      doing,
      h(
        "div",
        { class: "actions" },
        h("button", { type: "button", class: "quiet", onclick: () => dialog.close() }, "Keep it"),
        h(
          "button",
          {
            type: "button",
            class: "danger",
            onclick: async () => {
              try {
                await host.json(`/api/store/${run.key}`, { method: "DELETE", headers: { "X-Confirm": run.key } });
                dialog.close();
                told(`Deleted: ${run.title || run.scenario}.`);
                again();
              } catch (error) {
                say(doing, error.message);
              }
            },
          },
          "Delete",
        ),
      ),
    );
    dialog.showModal();
  };
  return page(
    "The store",
    `${plural(store.runs.length, "run")}, ${bytesInWords(store.bytes)} in all. What was run is not run again.`,
    h("p", { class: "small" }, h("code", {}, store.folder)),
    store.runs.length
      ? table(
          ["Scenario", "-Worlds", "-Years", "-Size", "Last used", "Remove"],
          store.runs.map((run) => [
            h(
              "span",
              {},
              scenarioOf(run)
                ? h("a", { href: `#s=${scenarioOf(run)}` }, run.title || run.scenario)
                : run.title || run.scenario,
              h("span", { class: "soft" }, h("code", {}, run.key.slice(0, 12))),
            ),
            run.worlds.toLocaleString("en"),
            String(run.years),
            bytesInWords(run.bytes),
            h("time", { datetime: run.when }, run.when.slice(0, 16).replace("T", " ")),
            h(
              "button",
              {
                type: "button",
                class: "quiet",
                "aria-label": `Delete ${run.title || run.scenario}, ${run.key.slice(0, 12)}`,
                onclick: () => ask(run),
              },
              "Delete …",
            ),
          ]),
          "Runs in the store",
        )
      : h("p", {}, "Nothing has been run yet."),
    dialog,
  );
}
