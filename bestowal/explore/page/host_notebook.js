// @ts-check
// Answers from a notebook's kernel, by the messages of an anywidget model. README.md says what they hold.

import { HostError } from "./host_server.js";

export function notebookHost(model) {
  const waiting = new Map();
  let next = 1;
  const onMessage = (message, buffers) => {
    const one = waiting.get(message.id);
    if (!one) return;
    if (message.line && !message.line.error) return one.heard(message.line);
    waiting.delete(message.id);
    const error = message.error ?? message.line?.error;
    if (error) one.reject(new HostError(error));
    else if (message.frames) one.resolve(owned(buffers[0]));
    else one.resolve(message.json);
  };
  model.on("msg:custom", onMessage);

  function ask(method, path, { body, signal, heard } = /** @type {import("./host_server.js").Options} */ ({})) {
    const id = next++;
    return new Promise((resolve, reject) => {
      waiting.set(id, { resolve, reject, heard });
      signal?.addEventListener("abort", () => {
        if (!waiting.delete(id)) return;
        model.send({ id, cancel: true });
        reject(new DOMException("no longer wanted", "AbortError"));
      });
      model.send({ id, method, path, body: body ?? null });
    });
  }

  return {
    kind: "notebook",
    json: (path, { method = "GET", body } = /** @type {import("./host_server.js").Options} */ ({})) =>
      ask(method, path, { body }),
    frames: (path, body, { signal } = /** @type {import("./host_server.js").Options} */ ({})) =>
      ask("POST", path, { body, signal }),
    lines: (path, body, heard, { signal } = /** @type {import("./host_server.js").Options} */ ({})) =>
      ask("POST", path, { body, signal, heard }),
    close: () => model.off("msg:custom", onMessage),
  };
}

/** The bytes of a view as a buffer of their own, which begins where arrays may begin. */
function owned(view) {
  return view instanceof ArrayBuffer ? view : view.buffer.slice(view.byteOffset, view.byteOffset + view.byteLength);
}
