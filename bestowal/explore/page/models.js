// @ts-check
// The page of models: the lattice, playing, and a list of all.

import { h } from "./dom.js";
import { LATTICE, latticeOf } from "./lattice.js";
import { page, table } from "./sheet.js";

export async function modelsPage(host, catalogue, state, settle) {
  const list = table(
    ["Model", "Command or page"],
    catalogue.models.map((model) => [
      model.title,
      model.name === LATTICE
        ? h("a", { href: `#p=models&s=${LATTICE}` }, "watch it")
        : h("code", { class: "soft" }, `bestowal run ${model.name}`),
    ]),
    "Models",
  );
  let lattice = null;
  try {
    lattice = await latticeOf(host, state, settle);
  } catch (error) {
    if (host.kind !== "recorded") throw error;
  }
  return {
    element: page(
      "Models",
      "Published models on the same engine; bestowal check tests each against its paper.",
      lattice?.element,
      h("h2", {}, "All models"),
      list,
    ),
    stop: lattice?.stop,
  };
}
