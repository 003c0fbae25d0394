// @ts-check
// The page in a notebook, as an anywidget. The style sheet reaches nothing outside .bestowal.

import { notebookHost } from "./host_notebook.js";
import { FIRST_STATE, memory, stateOf } from "./address.js";
import { open } from "./app.js";

export function render({ model, el }) {
  const root = document.createElement("div");
  root.className = "bestowal in-notebook";
  el.append(root);
  const host = notebookHost(model);
  const first = model.get("state") ? stateOf(model.get("state")) : { ...FIRST_STATE };
  const told = (hash) => {
    model.set("state", hash.slice(1));
    model.save_changes();
  };
  const close = open(root, host, (moved) => memory(first, moved, told));
  return () => {
    close();
    host.close();
  };
}
