// @ts-check
// Where communities and the places in them lie on a canvas.

const TURN = Math.PI * (3 - Math.sqrt(5)); // the golden angle: places fill a disc evenly, from the middle outwards

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
  return { x, y, dx, dy, radius, label, dot: Math.min(8, (0.8 * reach) / Math.sqrt(places)) };
}
