// @ts-check
// The colours a world is painted in, from the style sheet.

import { coloursOf } from "./dom.js";

export const SHADES = 24; // of the colour of motive

/** The colours as they are now: by name for shapes, as 32-bit words for pixels. */
export function paintOf(canvas) {
  const colour = coloursOf(canvas);
  const stops = ["motive-0", "motive-1", "motive-2", "motive-3"].map((name) => rgb(colour(name)));
  const shades = Array.from({ length: SHADES }, (_, k) => between(stops, k / (SHADES - 1)));
  return {
    ink: colour("ink"),
    soft: colour("soft"),
    place: colour("place"),
    rule: colour("rule"),
    paper: colour("paper"),
    with: colour("with"),
    ring: colour("ring"),
    font: colour("sans"),
    shades: shades.map(([r, g, b]) => `rgb(${r},${g},${b})`),
    words: Int32Array.from(shades, word),
    withWord: word(rgb(colour("with"))),
    ringWord: word(rgb(colour("ring"))),
  };
}

/** @returns {number[]} */
function rgb(hex) {
  return [1, 3, 5].map((at) => parseInt(hex.slice(at, at + 2), 16));
}

/** @param {number[]} colour */
function word([r, g, b]) {
  return (255 << 24) | (b << 16) | (g << 8) | r;
}

function between(stops, part) {
  const at = part * (stops.length - 1);
  const k = Math.min(Math.floor(at), stops.length - 2);
  return stops[k].map((value, i) => Math.round(value + (stops[k + 1][i] - value) * (at - k)));
}
