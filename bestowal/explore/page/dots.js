// @ts-check
// The people of a world as shapes. Colour: motive; size: giving; ring: practising; diamond: unlike their twin.

import { clamp } from "./dom.js";
import { PRACTISES, UNLIKE } from "./moves.js";
import { SHADES } from "./paint.js";

const DIAMOND = 1.22; // its half diagonal, in radii of the dot it stands for

/** Draw every dot as a shape, in one path a colour. `marks`: those unlike their twin are diamonds. */
export function drawShapes(context, { moves, layout, paint, marks }, ahead) {
  const { n, x0, y0, x1, y1, r0, r1, m0, m1, f0, f1, shown0, shown1 } = moves;
  const byShade = Array.from({ length: SHADES }, () => []);
  const fading = [],
    rings = [],
    diamonds = [];
  const flags = ahead < 0.5 ? f0 : f1;
  for (let k = 0; k < n; k++) {
    if (shown0[k] === 1 && shown1[k] === 1) {
      byShade[Math.round(((m0[k] + (m1[k] - m0[k]) * ahead) / 255) * (SHADES - 1))].push(k);
    } else fading.push(k);
    if (flags[k] & PRACTISES) rings.push(k);
    if (marks && flags[k] & UNLIKE) diamonds.push(k);
  }
  const px = (k) => x0[k] + (x1[k] - x0[k]) * ahead;
  const py = (k) => y0[k] + (y1[k] - y0[k]) * ahead;
  const pr = (k) => r0[k] + (r1[k] - r0[k]) * ahead;
  // Unlike their twin: another shape, not only another colour.
  const dot = (k, x, y, r) => {
    if (marks && flags[k] & UNLIKE) return diamond(context, x, y, r * DIAMOND);
    context.moveTo(x + r, y);
    context.arc(x, y, r, 0, 7);
  };
  const pa = (k) => shown0[k] + (shown1[k] - shown0[k]) * ahead;
  for (let shade = 0; shade < SHADES; shade++) {
    if (!byShade[shade].length) continue;
    context.fillStyle = paint.shades[shade];
    context.beginPath();
    for (const k of byShade[shade]) dot(k, px(k), py(k), pr(k));
    context.fill();
  }
  for (const k of fading) {
    context.globalAlpha = pa(k);
    context.fillStyle = paint.shades[Math.round((m0[k] / 255) * (SHADES - 1))];
    context.beginPath();
    dot(k, px(k), py(k), Math.max(0, pr(k)));
    context.fill();
  }
  context.globalAlpha = 1;
  if (rings.length) {
    context.strokeStyle = paint.ring;
    context.lineWidth = clamp(layout.dot * 0.2, 0.8, 1.4);
    context.beginPath();
    for (const k of rings) {
      if (pa(k) < 0.5) continue;
      const r = pr(k) + context.lineWidth * 1.5;
      context.moveTo(px(k) + r, py(k));
      context.arc(px(k), py(k), r, 0, 7);
    }
    context.stroke();
  }
  if (diamonds.length) {
    context.strokeStyle = paint.with;
    context.lineWidth = clamp(layout.dot * 0.15, 0.7, 1.3);
    context.beginPath();
    for (const k of diamonds) if (pa(k) >= 0.5) diamond(context, px(k), py(k), pr(k) * DIAMOND + 0.4);
    context.stroke();
  }
}

/** Mark where those stand who are only in the other world: `absent` holds x and y by turns. */
export function drawAbsent(context, absent, { layout, paint }) {
  if (!absent.length || layout.dot < 1.2) return;
  context.strokeStyle = paint.with;
  context.globalAlpha = 0.55;
  context.lineWidth = 0.9;
  context.beginPath();
  for (let k = 0; k < absent.length; k += 2) diamond(context, absent[k], absent[k + 1], layout.dot * 0.45);
  context.stroke();
  context.globalAlpha = 1;
}

function diamond(context, x, y, r) {
  context.moveTo(x, y - r);
  context.lineTo(x + r, y);
  context.lineTo(x, y + r);
  context.lineTo(x - r, y);
  context.closePath();
}
