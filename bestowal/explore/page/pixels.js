// @ts-check
// The people of a world as pixels, where they are too many to be drawn as shapes.

import { PRACTISES, UNLIKE } from "./moves.js";
import { SHADES } from "./paint.js";

/** Set every dot into `pixels`, 32-bit words in rows of `w`, `h` of them. */
export function setDots(pixels, w, h, ratio, { moves, paint, marks }, ahead) {
  const { n, x0, y0, x1, y1, r0, r1, m0, m1, f0, f1, shown0, shown1 } = moves;
  const flags = ahead < 0.5 ? f0 : f1;
  const shadeOf = (SHADES - 1) / 255;
  const { words, withWord, ringWord } = paint;
  for (let k = 0; k < n; k++) {
    // Nothing lies left of or above the canvas but what is on its way out, which is cut off below.
    const x = ((x0[k] + (x1[k] - x0[k]) * ahead) * ratio + 0.5) | 0;
    const y = ((y0[k] + (y1[k] - y0[k]) * ahead) * ratio + 0.5) | 0;
    const r = (r0[k] + (r1[k] - r0[k]) * ahead) * (shown0[k] + (shown1[k] - shown0[k]) * ahead) * ratio;
    const reach = r < 0.75 ? 0 : (r + 0.5) | 0;
    if (x - reach < 1 || y - reach < 1 || x + reach + 1 >= w || y + reach + 1 >= h || r < 0.15) continue;
    const colour = words[((m0[k] + (m1[k] - m0[k]) * ahead) * shadeOf + 0.5) | 0];
    const at = y * w + x;
    if (reach === 0) pixels[at] = colour;
    else {
      const square = r * r + 0.3;
      for (let j = -reach; j <= reach; j++) {
        const half = Math.sqrt(Math.max(0, square - j * j)) | 0;
        for (let i = at + j * w - half; i <= at + j * w + half; i++) pixels[i] = colour;
      }
    }
    if (flags[k] & PRACTISES) pixels[at] = ringWord;
    if (marks && flags[k] & UNLIKE) {
      // Where dots are small their mark is small, so that their colour is still seen.
      const tip = reach + 1;
      pixels[at + tip * w] = withWord;
      if (reach > 1) pixels[at - tip] = pixels[at + tip] = pixels[at - tip * w] = withWord;
    }
  }
}
