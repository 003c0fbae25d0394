// @ts-check
// Answers recorded in the page: it works from a disk, with no network. README.md says what they hold.

import { HostError } from "./host_server.js";

export function recordedHost(recorded) {
  const found = (path, body) => {
    const answer = recorded.answers.find((one) => one.path === path && alike(one.body, body));
    if (!answer) throw new HostError("This copy of the page holds recorded experiments only, and not this one.");
    return answer;
  };
  const here = new Set(recorded.answers.map((answer) => answer.path));
  return {
    kind: "recorded",
    made: recorded.made,
    experiments: recorded.experiments,
    has: (path) => here.has(path),
    json: async (path) => found(path).json,
    frames: async (path, body) => unpacked(found(path, body).frames),
    async lines(path, body, heard) {
      for (const line of found(path, body).lines) heard(line);
    },
  };
}

/** Whether two bodies ask the same. How many worlds are asked for at most is no part of it. */
function alike(one, other) {
  if (!one || !other) return !one && !other;
  const names = new Set([...Object.keys(one), ...Object.keys(other)]);
  names.delete("most_worlds");
  return [...names].every((name) => {
    const [x, y] = [one[name] ?? null, other[name] ?? null];
    return x && y && typeof x === "object" ? alike(x, y) : x === y;
  });
}

async function unpacked(text) {
  const bytes = Uint8Array.from(atob(text), (letter) => letter.charCodeAt(0));
  return new Response(new Blob([bytes]).stream().pipeThrough(new DecompressionStream("gzip"))).arrayBuffer();
}
