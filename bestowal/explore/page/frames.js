// @ts-check
// Binary answers: a JSON header and flat arrays; and a pair of worlds read from them, person by person.

const ARRAYS = { u1: Uint8Array, u2: Uint16Array, u4: Uint32Array, f4: Float32Array, f8: Float64Array };

/** {meta, arrays} of frames, without copying: the arrays look into `buffer`. */
export function decode(buffer) {
  const head = new Uint8Array(buffer, 0, 4);
  if (String.fromCharCode(...head) !== "BSF1") throw new Error("not frames: the answer doesn't begin with BSF1");
  const length = new DataView(buffer).getUint32(4, true);
  const header = JSON.parse(new TextDecoder().decode(new Uint8Array(buffer, 8, length)));
  const base = (8 + length + 7) & ~7;
  const arrays = {};
  for (const { name, dtype, shape, offset } of header.arrays) {
    const size = shape.reduce((product, n) => product * n, 1);
    arrays[name] = new ARRAYS[dtype](buffer, base + offset, size);
  }
  return { meta: header.meta, arrays };
}

/** A pair of worlds: {meta, a, b, firstDiffers}. */
export function pairOf({ meta, arrays }) {
  const pair = { meta, a: worldOf(meta, arrays, "a"), b: worldOf(meta, arrays, "b") };
  // People at work with the change who are unlike their twin, by year.
  pair.unlike = new Uint32Array(meta.years);
  for (let year = 0; year < meta.years; year++) {
    for (let row = pair.b.start[year]; row < pair.b.start[year + 1]; row++) pair.unlike[year] += pair.b.differs[row];
  }
  let first = null;
  /** By person, the year in which they are first unlike; -1 for never. */
  pair.firstDiffers = () => {
    if (first) return first;
    first = new Int32Array(meta.people).fill(-1);
    for (const world of [pair.a, pair.b]) {
      for (let year = 0; year < meta.years; year++) {
        for (let row = world.start[year]; row < world.start[year + 1]; row++) {
          const person = world.person[row];
          if (world.differs[row] && (first[person] < 0 || first[person] > year)) first[person] = year;
        }
      }
    }
    return first;
  };
  return pair;
}

const COLUMNS = ["start", "person", "community", "place", "motive", "effort", "practising", "differs", "observables"];

function worldOf(meta, arrays, side) {
  const world = Object.fromEntries(COLUMNS.map((name) => [name, arrays[`${side}.${name}`]]));
  const k = meta.observables.length;
  world.endings = meta.endings[side];

  /** An observable by year, with null where it is undefined. */
  world.series = (name) => {
    const column = meta.observables.indexOf(name);
    return Array.from({ length: meta.years }, (_, year) => {
      const value = world.observables[year * k + column];
      return Number.isNaN(value) ? null : value;
    });
  };

  // People at work by year and community.
  world.counts = new Uint32Array(meta.years * meta.communities);
  for (let year = 0; year < meta.years; year++) {
    for (let row = world.start[year]; row < world.start[year + 1]; row++)
      world.counts[year * meta.communities + world.community[row]]++;
  }

  let rows = null;
  /** The rows of one person, by year: Uint32Array. */
  world.rowsOf = (person) => {
    rows ??= byPerson(world.person, meta.people);
    return rows.order.subarray(rows.first[person], rows.first[person + 1]);
  };
  /** The year a row is of. */
  world.yearOf = (row) => {
    let low = 0,
      high = meta.years;
    while (high - low > 1) {
      const middle = (low + high) >> 1;
      if (world.start[middle] <= row) low = middle;
      else high = middle;
    }
    return low;
  };
  /** The row of a person in a year, or -1. */
  world.rowAt = (person, year) => {
    for (const row of world.rowsOf(person)) if (row >= world.start[year]) return row < world.start[year + 1] ? row : -1;
    return -1;
  };
  return world;
}

/** Rows in the order of persons, and where each person's begin; a person's stay in the order of years. */
function byPerson(person, people) {
  const first = new Uint32Array(people + 1);
  for (let row = 0; row < person.length; row++) first[person[row] + 1]++;
  for (let k = 0; k < people; k++) first[k + 1] += first[k];
  const next = first.slice(0, people);
  const order = new Uint32Array(person.length);
  for (let row = 0; row < person.length; row++) order[next[person[row]]++] = row;
  return { first, order };
}
