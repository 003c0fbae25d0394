// @ts-check
// Answers from the server that serves the page.

/** One line that says what went wrong; `gone` where the server doesn't answer at all. */
export class HostError extends Error {
  constructor(message, gone = false) {
    super(message);
    this.gone = gone;
  }
}

/** @typedef {{body?: any, signal?: AbortSignal, headers?: object, method?: string, heard?: (line: any) => void}} Options */

export function serverHost() {
  async function ask(method, path, { body, signal, headers = {} } = /** @type {Options} */ ({})) {
    let reply;
    try {
      reply = await fetch(path.replace(/^\//, ""), {
        method,
        signal,
        headers: body ? { "Content-Type": "application/json", ...headers } : headers,
        body: body ? JSON.stringify(body) : undefined,
      });
    } catch (error) {
      if (error.name === "AbortError") throw error;
      throw new HostError("The server does not answer.", true);
    }
    if (reply.ok) return reply;
    let said = `The server answered ${reply.status}.`;
    try {
      said = (await reply.json()).error ?? said;
    } catch {
      // Not JSON: the number is all there is to say.
    }
    throw new HostError(said);
  }

  /** A reply may break off while it is read. */
  async function reading(promise) {
    try {
      return await promise;
    } catch (error) {
      if (error.name === "AbortError" || error instanceof HostError) throw error;
      throw new HostError("The server stopped in the middle of an answer.", true);
    }
  }

  return {
    kind: "server",
    json: async (path, options = {}) => reading((await ask(options.method ?? "GET", path, options)).json()),
    frames: async (path, body, { signal } = /** @type {Options} */ ({})) =>
      reading((await ask("POST", path, { body, signal })).arrayBuffer()),
    async lines(path, body, heard, { signal } = /** @type {Options} */ ({})) {
      const reader = (await ask("POST", path, { body, signal })).body.getReader();
      const decoder = new TextDecoder();
      let rest = "";
      let last = null;
      for (;;) {
        const { done, value } = await reading(reader.read());
        rest += done ? "" : decoder.decode(value, { stream: true });
        const lines = rest.split("\n");
        rest = lines.pop();
        for (const line of lines.filter(Boolean)) {
          last = JSON.parse(line);
          if (last.error) throw new HostError(last.error);
          heard(last);
        }
        if (done) break;
      }
      if (!last?.done) throw new HostError("The server stopped in the middle of an answer.", true);
    },
  };
}
