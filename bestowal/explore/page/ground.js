// @ts-check
// The ground of a world: the places of its communities, and how those that ended did.

const ENDS = {
  revolt: "fell to revolt",
  dissolved: "dissolved",
  poor: "ended in want",
  crushed: "crushed",
  dwindled: "dwindled",
};

/** "poor or crushed" → "ended in want or crushed". */
function endInWords(how) {
  return how
    .split(" or ")
    .map((one) => ENDS[one] ?? "ended")
    .join(" or ");
}

/** Places of communities, with their numbers; an ended one leaves its outline and how it ended. */
export function drawGround(context, { world, meta, layout, paint }, time) {
  const year = Math.floor(time);
  const next = Math.min(year + 1, meta.years - 1);
  const ahead = time - year;
  const { x, y, radius, label } = layout;
  const stands = (c, at) => world.counts[at * meta.communities + c] > 0;
  const ended = new Map();
  for (const { year: when, community, how } of world.endings)
    if (when < time && community !== null) ended.set(community, { when, how });
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
    context.font = `11.5px ${paint.font}`;
    if (count) context.fillText(`${c}  ·  ${count}`, x[c], y[c] + radius + 11);
    else if (end) {
      context.fillText(endInWords(end.how), x[c], y[c] - 7, radius * 1.8);
      context.fillText(String(meta.first_year + end.when), x[c], y[c] + 8);
    } else if (!stands(c, year)) context.fillText("free", x[c], y[c], radius * 1.8);
  }
}
