// @ts-check
// A world drawn: each community a round place, its people dots that keep their place in it. Between two years people
// move, come and go.

import { clamp } from "./dom.js";
import { drawAbsent, drawShapes } from "./dots.js";
import { drawGround } from "./ground.js";
import { layoutOf } from "./layout.js";
import { absentOf, movesOf } from "./moves.js";
import { paintOf } from "./paint.js";
import { setDots } from "./pixels.js";

const CROWD = 6000; // more dots than this are set into pixels, not drawn as shapes

/**
 * One world on a canvas. `marks`: whether those unlike their twin are marked; on the left they never are, so that
 * nothing there moves when the change does.
 */
export function stage(canvas, marks) {
  const context = canvas.getContext("2d");
  let world = null,
    other = null,
    meta = null,
    layout = null;
  let width = 0,
    height = 0,
    ratio = 1;
  let moves = null,
    movesYear = -1;
  let absent = null,
    absentYear = -1;
  let ground = null,
    groundYear = -1;
  let paint = null;

  function repaint() {
    paint = paintOf(canvas);
    forget();
  }

  function forget() {
    movesYear = absentYear = groundYear = -1;
  }

  function measure() {
    const box = canvas.getBoundingClientRect();
    ratio = Math.min(window.devicePixelRatio || 1, 2);
    if (box.width === width && box.height === height && canvas.width === Math.round(width * ratio)) return;
    width = box.width;
    height = box.height;
    canvas.width = Math.max(1, Math.round(width * ratio));
    canvas.height = Math.max(1, Math.round(height * ratio));
    layout = meta && width ? layoutOf(width, height, meta.communities, meta.places) : null;
    forget();
  }

  function need(year) {
    if (movesYear === year) return;
    moves = movesOf(world, meta, layout, year);
    movesYear = year;
  }

  /** Many dots: set into the pixels of a picture of the ground. */
  function drawPixels(time, ahead) {
    const [w, h] = [canvas.width, canvas.height];
    if (groundYear !== movesYear) {
      context.setTransform(ratio, 0, 0, ratio, 0, 0);
      context.clearRect(0, 0, width, height);
      drawGround(context, { world, meta, layout, paint }, Math.floor(time));
      ground = context.getImageData(0, 0, w, h);
      ground.words = new Int32Array(ground.data.buffer);
      ground.clean = ground.words.slice();
      groundYear = movesYear;
    }
    const pixels = ground.words;
    pixels.set(ground.clean);
    setDots(pixels, w, h, ratio, { moves, paint, marks }, ahead);
    context.putImageData(ground, 0, 0);
  }

  function drawOnlyThere(time) {
    const year = Math.round(time);
    if (absentYear !== year) {
      absent = absentOf(world, other, meta, layout, year);
      absentYear = year;
    }
    drawAbsent(context, absent, { layout, paint });
  }

  function where(person, ahead) {
    for (let k = 0; k < moves.n; k++) {
      if (moves.person[k] !== person) continue;
      if ((ahead < 0.5 ? moves.shown0[k] : moves.shown1[k]) === 0) return null;
      return {
        x: moves.x0[k] + (moves.x1[k] - moves.x0[k]) * ahead,
        y: moves.y0[k] + (moves.y1[k] - moves.y0[k]) * ahead,
        r: moves.r0[k] + (moves.r1[k] - moves.r0[k]) * ahead,
      };
    }
    return null;
  }

  function split(time) {
    const year = clamp(Math.floor(time), 0, meta.years - 1);
    need(year);
    const part = time - year;
    // People stay a little, then go, and arrive before the next year begins.
    const eased = clamp((part - 0.15) / 0.7, 0, 1);
    return [year + part, eased * eased * (3 - 2 * eased)];
  }

  return {
    show(pair, side) {
      meta = pair.meta;
      world = pair[side];
      other = pair[side === "a" ? "b" : "a"];
      layout = width ? layoutOf(width, height, meta.communities, meta.places) : null;
      forget();
    },
    clear() {
      world = null;
      context.setTransform(1, 0, 0, 1, 0, 0);
      context.clearRect(0, 0, canvas.width, canvas.height);
    },
    repaint,
    /** Draws the world at a time in years, from 0; `person` is pointed at. */
    draw(time, person = -1) {
      if (!world) return;
      measure();
      if (!layout) return;
      if (!paint) repaint();
      const [, ahead] = split(time);
      if (moves.n > CROWD) {
        drawPixels(time, ahead);
        context.setTransform(ratio, 0, 0, ratio, 0, 0);
      } else {
        context.setTransform(ratio, 0, 0, ratio, 0, 0);
        context.clearRect(0, 0, width, height);
        drawGround(context, { world, meta, layout, paint }, Math.floor(time) + ahead);
        if (marks) drawOnlyThere(time);
        drawShapes(context, { moves, layout, paint, marks }, ahead);
      }
      const at = person >= 0 ? where(person, ahead) : null;
      if (at) {
        for (const [line, colour] of [
          [5, paint.paper],
          [2.2, paint.ink],
        ]) {
          context.lineWidth = line;
          context.strokeStyle = colour;
          context.beginPath();
          context.arc(at.x, at.y, at.r + 5.5, 0, 7);
          context.stroke();
        }
      }
    },
    /** The person nearest to a point, within a finger's reach; -1 where there is none. */
    personAt(x, y, time) {
      if (!world || !layout) return -1;
      const [, ahead] = split(time);
      let [found, nearest] = [-1, 15 * 15];
      for (let k = 0; k < moves.n; k++) {
        if ((ahead < 0.5 ? moves.shown0[k] : moves.shown1[k]) === 0) continue;
        const away =
          (moves.x0[k] + (moves.x1[k] - moves.x0[k]) * ahead - x) ** 2 +
          (moves.y0[k] + (moves.y1[k] - moves.y0[k]) * ahead - y) ** 2;
        if (away < nearest) [found, nearest] = [moves.person[k], away];
      }
      return found;
    },
    get world() {
      return world;
    },
  };
}
