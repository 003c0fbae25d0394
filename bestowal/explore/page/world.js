// A world drawn: each community a round place, its people dots that keep their place in it. Colour: motive; size: giving;
// ring: practising; diamond: unlike their twin. Between two years people move, come and go.

import { clamp, coloursOf } from "./dom.js";

const PRACTISES = 1, UNLIKE = 2;
const SHADES = 24;
const DIAMOND = 1.22; // its half diagonal, in radii of the dot it stands for
const CROWD = 6000; // more dots than this are set into pixels, not drawn as shapes
const TURN = Math.PI * (3 - Math.sqrt(5)); // the golden angle: places fill a disc evenly, from the middle outwards

const ENDS = { revolt: "fell to revolt", dissolved: "dissolved", poor: "ended in want", crushed: "crushed", dwindled: "dwindled" };

/** "poor or crushed" → "ended in want or crushed". */
function endInWords(how) {
  return how.split(" or ").map((one) => ENDS[one] ?? "ended").join(" or ");
}

/** Where communities and places lie: {x, y, radius, dot, lines, at(community, place)} in pixels. */
export function layoutOf(width, height, communities, places) {
  const label = communities <= 40 ? 19 : 0;
  let best = { score: 0 };
  for (let columns = 1; columns <= communities; columns++) {
    const rows = Math.ceil(communities / columns);
    const radius = Math.min(width / columns, height / rows - label) / 2;
    // Rows that are full look better than places a little larger.
    const score = radius * (0.8 + (0.2 * communities) / (columns * rows));
    if (score > best.score) best = { columns, rows, radius, score };
  }
  const { columns, rows } = best;
  const radius = best.radius * (communities > 100 ? 0.94 : 0.9);
  // Cells don't spread further apart than looks like one land.
  const across = Math.min(width / columns, radius * 2.5);
  const down = Math.min(height / rows, radius * 2.5 + label);
  const left = (width - across * columns) / 2;
  const top = (height - down * rows) / 2;
  const x = new Float32Array(communities);
  const y = new Float32Array(communities);
  for (let c = 0; c < communities; c++) {
    x[c] = left + across * ((c % columns) + 0.5);
    y[c] = top + down * (Math.floor(c / columns) + 0.5) - label / 2;
  }
  const reach = radius * 0.9;
  const dx = new Float32Array(places);
  const dy = new Float32Array(places);
  for (let place = 0; place < places; place++) {
    const away = reach * Math.sqrt((place + 0.5) / places);
    dx[place] = away * Math.cos(place * TURN);
    dy[place] = away * Math.sin(place * TURN);
  }
  return { x, y, dx, dy, radius, label, dot: Math.min(8, 0.8 * reach / Math.sqrt(places)) };
}

/** The dots between year t and the next, at their two ends: one set of arrays. */
function movesOf(world, meta, layout, year) {
  const next = Math.min(year + 1, meta.years - 1);
  const [from, to] = [world.start[year], world.start[year + 1]];
  const [from1, to1] = [world.start[next], world.start[next + 1]];
  const most = to - from + (next > year ? to1 - from1 : 0);
  const float = () => new Float32Array(most);
  const moves = {
    n: 0, person: new Uint32Array(most), x0: float(), y0: float(), x1: float(), y1: float(), r0: float(), r1: float(),
    shown0: float(), shown1: float(), m0: new Uint8Array(most), m1: new Uint8Array(most), f0: new Uint8Array(most), f1: new Uint8Array(most),
  };
  const later = new Int32Array(meta.people).fill(-1);
  for (let row = from1; row < to1; row++) later[world.person[row]] = row;
  const sizes = Float32Array.from({ length: 256 }, (_, effort) => layout.dot * Math.sqrt(0.1 + (0.9 * effort) / 255));
  const size = (row) => sizes[world.effort[row]];
  const flags = (row) => (world.practising[row] ? PRACTISES : 0) | (world.differs[row] ? UNLIKE : 0);
  const { x, y, dx, dy, radius } = layout;

  const add = (here, there) => {
    const k = moves.n++;
    const row = here >= 0 ? here : there;
    const other = there >= 0 ? there : here;
    moves.person[k] = world.person[row];
    // Written out: this runs once for everybody each year.
    const c0 = world.community[row], p0 = world.place[row], c1 = world.community[other], p1 = world.place[other];
    moves.x0[k] = x[c0] + dx[p0];
    moves.y0[k] = y[c0] + dy[p0];
    moves.x1[k] = x[c1] + dx[p1];
    moves.y1[k] = y[c1] + dy[p1];
    moves.r0[k] = size(row);
    moves.r1[k] = size(other);
    moves.m0[k] = world.motive[row];
    moves.m1[k] = world.motive[other];
    moves.f0[k] = flags(row);
    moves.f1[k] = flags(other);
    moves.shown0[k] = here >= 0 ? 1 : 0;
    moves.shown1[k] = there >= 0 ? 1 : 0;
    if (here >= 0 && there >= 0) return;
    // Out over the edge of the place, or in from there; one born in it grows where they stand.
    const length = Math.hypot(dx[p0], dy[p0]) || 1;
    const [outX, outY] = [x[c0] + (dx[p0] / length) * radius * 1.22, y[c0] + (dy[p0] / length) * radius * 1.22];
    if (there < 0) [moves.x1[k], moves.y1[k]] = [outX, outY];
    else if (meta.words?.[world.person[row]].startsWith("child")) moves.r0[k] = 0;
    else [moves.x0[k], moves.y0[k]] = [outX, outY];
  };

  for (let row = from; row < to; row++) {
    const person = world.person[row];
    add(row, next > year ? later[person] : row);
    later[person] = -1;
  }
  if (next > year) for (let row = from1; row < to1; row++) if (later[world.person[row]] >= 0) add(-1, row);
  return moves;
}

/** Those who are in the other world this year and not in this one, where their place is free: [x, y, radius, …]. */
function absentOf(world, other, meta, layout, year) {
  const taken = new Set();
  const here = new Uint8Array(meta.people);
  for (let row = world.start[year]; row < world.start[year + 1]; row++) {
    here[world.person[row]] = 1;
    taken.add(world.community[row] * 65536 + world.place[row]);
  }
  const found = [];
  for (let row = other.start[year]; row < other.start[year + 1]; row++) {
    const [c, p] = [other.community[row], other.place[row]];
    if (here[other.person[row]] || taken.has(c * 65536 + p)) continue;
    found.push(layout.x[c] + layout.dx[p], layout.y[c] + layout.dy[p]);
  }
  return found;
}

/**
 * One world on a canvas. `marks`: whether those unlike their twin are marked; on the left they never are, so that
 * nothing there moves when the change does.
 */
export function stage(canvas, marks) {
  const context = canvas.getContext("2d");
  let world = null, other = null, meta = null, layout = null;
  let width = 0, height = 0, ratio = 1;
  let moves = null, movesYear = -1;
  let absent = null, absentYear = -1;
  let ground = null, groundYear = -1;
  let paint = null;

  function repaint() {
    const colour = coloursOf(canvas);
    const stops = ["motive-0", "motive-1", "motive-2", "motive-3"].map((name) => rgb(colour(name)));
    const shades = Array.from({ length: SHADES }, (_, k) => between(stops, k / (SHADES - 1)));
    paint = {
      ink: colour("ink"), soft: colour("soft"), place: colour("place"), rule: colour("rule"), paper: colour("paper"), with: colour("with"), ring: colour("ring"),
      shades: shades.map(([r, g, b]) => `rgb(${r},${g},${b})`),
      words: Int32Array.from(shades, word),
      withWord: word(rgb(colour("with"))), ringWord: word(rgb(colour("ring"))),
    };
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

  /** Places of communities, with their numbers; an ended one leaves its outline and how it ended. */
  function drawGround(time) {
    const year = Math.floor(time);
    const next = Math.min(year + 1, meta.years - 1);
    const ahead = time - year;
    const { x, y, radius, label } = layout;
    const stands = (c, at) => world.counts[at * meta.communities + c] > 0;
    const ended = new Map();
    for (const { year: when, community, how } of world.endings) if (when < time && community !== null) ended.set(community, { when, how });
    context.textAlign = "center";
    context.textBaseline = "middle";
    for (let c = 0; c < meta.communities; c++) {
      const solid = (stands(c, year) ? 1 - ahead : 0) + (stands(c, next) ? ahead : 0);
      context.beginPath();
      context.arc(x[c], y[c], radius, 0, 7);
      if (solid > 0) {
        context.globalAlpha = solid;
        context.fillStyle = paint.place;
        context.fill();
      }
      context.globalAlpha = 1;
      if (solid < 1 && radius > 6) {
        context.globalAlpha = 1 - solid;
        context.setLineDash([2, 4]);
        context.strokeStyle = paint.rule;
        context.lineWidth = 1;
        context.stroke();
        context.setLineDash([]);
        context.globalAlpha = 1;
      }
      if (!label || radius < 20) continue;
      const end = ended.get(c);
      const count = world.counts[(ahead < 0.5 ? year : next) * meta.communities + c];
      context.fillStyle = paint.soft;
      context.font = `11.5px ${paint.font ?? (paint.font = coloursOf(canvas)("sans"))}`;
      if (count) context.fillText(`${c}  ·  ${count}`, x[c], y[c] + radius + 11);
      else if (end) {
        context.fillText(endInWords(end.how), x[c], y[c] - 7, radius * 1.8);
        context.fillText(String(meta.first_year + end.when), x[c], y[c] + 8);
      } else if (!stands(c, year)) context.fillText("free", x[c], y[c], radius * 1.8);
    }
  }

  function drawShapes(ahead) {
    const { n, x0, y0, x1, y1, r0, r1, m0, m1, f0, f1, shown0, shown1 } = moves;
    const byShade = Array.from({ length: SHADES }, () => []);
    const fading = [], rings = [], diamonds = [];
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
      if (marks && flags[k] & UNLIKE) return diamond(x, y, r * DIAMOND);
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
      for (const k of diamonds) if (pa(k) >= 0.5) diamond(px(k), py(k), pr(k) * DIAMOND + 0.4);
      context.stroke();
    }
  }

  function diamond(x, y, r) {
    context.moveTo(x, y - r);
    context.lineTo(x + r, y);
    context.lineTo(x, y + r);
    context.lineTo(x - r, y);
    context.closePath();
  }

  /** Many dots: set into the pixels of a picture of the ground. */
  function drawPixels(time, ahead) {
    const [w, h] = [canvas.width, canvas.height];
    if (groundYear !== movesYear) {
      context.setTransform(ratio, 0, 0, ratio, 0, 0);
      context.clearRect(0, 0, width, height);
      drawGround(Math.floor(time));
      ground = context.getImageData(0, 0, w, h);
      ground.words = new Int32Array(ground.data.buffer);
      ground.clean = ground.words.slice();
      groundYear = movesYear;
    }
    const pixels = ground.words;
    pixels.set(ground.clean);
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
    context.putImageData(ground, 0, 0);
  }

  function drawAbsent(time) {
    const year = Math.round(time);
    if (absentYear !== year) {
      absent = absentOf(world, other, meta, layout, year);
      absentYear = year;
    }
    if (!absent.length || layout.dot < 1.2) return;
    context.strokeStyle = paint.with;
    context.globalAlpha = 0.55;
    context.lineWidth = 0.9;
    context.beginPath();
    for (let k = 0; k < absent.length; k += 2) diamond(absent[k], absent[k + 1], layout.dot * 0.45);
    context.stroke();
    context.globalAlpha = 1;
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
        drawGround(Math.floor(time) + ahead);
        if (marks) drawAbsent(time);
        drawShapes(ahead);
      }
      const at = person >= 0 ? where(person, ahead) : null;
      if (at) {
        for (const [line, colour] of [[5, paint.paper], [2.2, paint.ink]]) {
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
        const away = (moves.x0[k] + (moves.x1[k] - moves.x0[k]) * ahead - x) ** 2 + (moves.y0[k] + (moves.y1[k] - moves.y0[k]) * ahead - y) ** 2;
        if (away < nearest) [found, nearest] = [moves.person[k], away];
      }
      return found;
    },
    get world() {
      return world;
    },
  };
}

function rgb(hex) {
  return [1, 3, 5].map((at) => parseInt(hex.slice(at, at + 2), 16));
}

function word([r, g, b]) {
  return (255 << 24) | (b << 16) | (g << 8) | r;
}

function between(stops, part) {
  const at = part * (stops.length - 1);
  const k = Math.min(Math.floor(at), stops.length - 2);
  return stops[k].map((value, i) => Math.round(value + (stops[k + 1][i] - value) * (at - k)));
}
