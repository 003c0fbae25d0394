// @ts-check
// Who moves, comes and goes between two years of a world.

export const PRACTISES = 1;
export const UNLIKE = 2;

/** The dots between year t and the next, at their two ends: one set of arrays. */
export function movesOf(world, meta, layout, year) {
  const next = Math.min(year + 1, meta.years - 1);
  const [from, to] = [world.start[year], world.start[year + 1]];
  const [from1, to1] = [world.start[next], world.start[next + 1]];
  const most = to - from + (next > year ? to1 - from1 : 0);
  const float = () => new Float32Array(most);
  const moves = {
    n: 0,
    person: new Uint32Array(most),
    x0: float(),
    y0: float(),
    x1: float(),
    y1: float(),
    r0: float(),
    r1: float(),
    shown0: float(),
    shown1: float(),
    m0: new Uint8Array(most),
    m1: new Uint8Array(most),
    f0: new Uint8Array(most),
    f1: new Uint8Array(most),
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
    const c0 = world.community[row],
      p0 = world.place[row],
      c1 = world.community[other],
      p1 = world.place[other];
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
export function absentOf(world, other, meta, layout, year) {
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
