"""Draw the gallery's picture of every model from a small run: docs/models/pictures/NAME.csv, and NAME.svg of it.

python docs/site/gallery.py [NAME ...]          some minutes for all; run it when a model's numbers change

A picture shows observables over the steps of a run, or over the values of one parameter. A line is the mean over
worlds; the band around it holds the middle 80 % of them.
"""

import csv
import io
import sys
from dataclasses import dataclass, field
from pathlib import Path

import numpy as np

import bestowal
from bestowal.models.registry import load, names, parameters
from bestowal.simulation.engine import simulate

PICTURES = Path(__file__).parent.parent / "models" / "pictures"
POINTS = 120  # on a line over the steps of a run
COLOURS = ("#14607d", "#b34700", "#3c7d4a", "#7a4b94")
COLUMNS = ["x", "observable", "mean", "low", "high"]


@dataclass(frozen=True)
class Picture:
    """What a picture shows: these observables over the steps, or over the values of the parameter `over`.

    Over a parameter, a world's value is its mean over the second half of the steps.
    """

    observables: tuple[str, ...]
    says: str
    steps: int
    worlds: int
    values: dict[str, float] = field(default_factory=dict)
    over: str = ""
    at: tuple[float, ...] = ()
    scenario: str = ""  # of the catalogue, in place of the model's defaults


SHOWN = {
    "boyd_2003": Picture(
        ("cooperators", "punishers", "contributions"), "Groups of 32, punishment of 0.8 at a cost of 0.2", 2000, 16
    ),
    "fischbacher_gachter_2010": Picture(
        ("contribution", "belief", "conditional", "free_rider"), "Giving decays over ten periods", 10, 64
    ),
    "hammond_axelrod_2006": Picture(
        ("ethnocentric", "humanitarian", "selfish", "traitorous"), "Ethnocentrics fill the lattice", 1000, 8
    ),
    "hauert_2007": Picture(
        ("cooperators", "defectors", "loners_share", "punishers_share"),
        "One population: loners break the rule of defectors, and punishers follow",
        100,
        1,
        {"updates": 20000, "start_type": 1, "sample": 5},
    ),
    "nowak_may_1992": Picture(
        ("cooperators",),
        "Cooperators among neighbours, by the temptation to defect",
        120,
        8,
        {"side": 80},
        "temptation",
        tuple(round(1.0 + 0.05 * k, 2) for k in range(23)),
    ),
    "ohtsuki_2006": Picture(
        ("fixed",),
        "Chance that one cooperator takes over, by the benefit of help; it is 0.02 under neutrality",
        2000,
        8,
        {"nodes": 50, "selection": 0.05},
        "benefit",
        (1.0, 2.0, 3.0, 4.0, 5.0, 6.0, 7.0, 8.0, 10.0, 12.0),
    ),
    "public_goods": Picture(("contribution", "belief"), "The society's people in ten periods of giving", 10, 64),
    "riolo_2001": Picture(("donation_rate", "tolerance"), "One population: tides of tolerance", 600, 1),
    "sen_1966": Picture(
        ("effort", "surplus"),
        "Work in a team of ten, by the part of the product that is shared by need",
        60,
        4,
        {},
        "by_need",
        tuple(round(0.05 * k, 2) for k in range(21)),
    ),
    "society": Picture(
        ("standing", "effort", "motive", "need_met"),
        "A movement of kibbutzim over 80 years",
        80,
        64,
        scenario="kibbutz",
    ),
    "traulsen_nowak_2006": Picture(
        ("fixed",),
        "Chance that one cooperator takes over, by the benefit of help; it is 0.04 under neutrality",
        2000,
        8,
        {},
        "benefit",
        (1.0, 2.0, 3.0, 4.0, 5.0, 6.0, 8.0, 10.0, 12.0),
    ),
    "traulsen_nowak_pacheco_2006": Picture(
        ("first", "pure"),
        "Hawks among Doves, and the share of time with one kind alone, by the mutation rate",
        40,
        8,
        {},
        "mutation",
        (0.0001, 0.0003, 0.001, 0.003, 0.01, 0.03, 0.1, 0.3),
    ),
}


def shown(name: str) -> Picture:
    """Return what a model's picture shows: what stands in SHOWN, else its first observables of one unit."""
    if name in SHOWN:
        return SHOWN[name]
    model = load(name)
    alike = [o.name for o in model.observables if o.unit == model.observables[0].unit]
    return Picture(tuple(alike[: len(COLOURS)]), model.title, min(model.steps, 200), 8)


def data(name: str) -> str:
    """Return the numbers of a model's picture as CSV."""
    picture = shown(name)
    model = load(name)
    column = {o.name: i for i, o in enumerate(model.observables)}
    scenario = bestowal.scenario(picture.scenario or name).clock(years=picture.steps).but(None, **picture.values)
    first = scenario.first_year
    rows: list[tuple[float, str, np.ndarray]] = []
    if picture.over:
        for x in picture.at:
            run = simulate(scenario.but(None, **{picture.over: x}), range(picture.worlds))[:, picture.steps // 2 :]
            rows += [(x, name, np.nanmean(run[:, :, column[name]], axis=1)) for name in picture.observables]
    else:
        run = simulate(scenario, range(picture.worlds))
        for step in np.unique(np.linspace(0, picture.steps - 1, POINTS).round().astype(int)):
            rows += [(first + int(step), name, run[:, step, column[name]]) for name in picture.observables]
    out = io.StringIO()
    table = csv.writer(out, lineterminator="\n")
    table.writerow(COLUMNS)
    for x, observable, worlds in rows:
        if not np.isnan(worlds).all():
            numbers = (np.nanmean(worlds), *np.nanquantile(worlds, (0.1, 0.9)))
            table.writerow([f"{x:g}", observable, *(f"{number:.4g}" for number in numbers)])
    return out.getvalue()


def draw(name: str, table: str) -> str:
    """Return a model's picture as SVG, drawn from its numbers."""
    picture, model = shown(name), load(name)
    rows = list(csv.DictReader(io.StringIO(table)))
    xs = sorted({float(row["x"]) for row in rows})
    log = xs[0] > 0 and xs[-1] / xs[0] > 100 and bool(picture.over)
    scale = np.log10 if log else float
    top = max(1e-9, *(float(row["high"]) for row in rows))
    floor = min(0.0, *(float(row["low"]) for row in rows))
    ticks = _ticks(floor, top)
    left, right, above, below = 44, 352, 16 + 13 * len(picture.observables), 196

    def px(x: float) -> str:
        return f"{left + (right - left) * float((scale(x) - scale(xs[0])) / (scale(xs[-1]) - scale(xs[0]))):.1f}"

    def py(y: float) -> str:
        return f"{below - (below - above) * (y - ticks[0]) / (ticks[-1] - ticks[0]):.1f}"

    unit = {o.name: o.unit for o in model.observables}
    out = [
        '<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 360 236" role="img" font-family="sans-serif" '
        f'font-size="10" fill="#333"><title>{_text(model.title)}: {_text(picture.says)}</title>',
        '<rect width="360" height="236" fill="#fff"/>',
    ]
    for tick in ticks:
        out.append(f'<path d="M{left} {py(tick)}H{right}" stroke="#ddd" stroke-width=".7"/>')
        out.append(f'<text x="{left - 5}" y="{float(py(tick)) + 3.5:.1f}" text-anchor="end">{tick:g}</text>')
    for x in [x for x in xs if f"{x:g}"[-1] != "3"] if log else _ticks(xs[0], xs[-1]):
        if xs[0] <= x <= xs[-1]:
            out.append(f'<text x="{px(x)}" y="{below + 14}" text-anchor="middle">{x:g}</text>')
    axis = picture.over.replace("_", " ") or model.step
    out.append(f'<text x="{(left + right) / 2}" y="{below + 29}" text-anchor="middle">{axis}</text>')
    for i, observable in enumerate(picture.observables):
        own = [row for row in rows if row["observable"] == observable]
        line = " ".join(f"{px(float(row['x']))},{py(float(row['mean']))}" for row in own)
        if picture.worlds > 1:
            edge = [f"{px(float(row['x']))},{py(float(row['low']))}" for row in own]
            edge += [f"{px(float(row['x']))},{py(float(row['high']))}" for row in reversed(own)]
            out.append(f'<polygon points="{" ".join(edge)}" fill="{COLOURS[i]}" opacity=".15"/>')
        out.append(f'<polyline points="{line}" fill="none" stroke="{COLOURS[i]}" stroke-width="1.6"/>')
        y = 14 + 13 * i
        out.append(f'<path d="M{left} {y - 3.5}h16" stroke="{COLOURS[i]}" stroke-width="2.5"/>')
        label = f"{observable.replace('_', ' ')} ({unit[observable]})".replace(" (1)", "")
        out.append(f'<text x="{left + 21}" y="{y}">{_text(label)}</text>')
    return "\n".join([*out, "</svg>"]) + "\n"


def _ticks(low: float, high: float) -> list[float]:
    """Return round numbers from at most `low` to at least `high`, three to six of them."""
    step = next(
        size * 10.0**power
        for power in range(-6, 9)
        for size in (1, 2, 5)
        if np.ceil(high / (size * 10.0**power)) - np.floor(low / (size * 10.0**power)) <= 5
    )
    first, last = int(np.floor(low / step)), int(np.ceil(high / step - 1e-9))
    return [float(f"{k * step:.12g}") for k in range(first, max(last, first + 1) + 1)]


def _text(text: str) -> str:
    return text.replace("&", "&amp;").replace("<", "&lt;")


def setting(name: str) -> str:
    """Return in one sentence what a model's picture was drawn from."""
    picture = shown(name)
    defaults_of = {p.name: p.default for p in parameters(load(name))}
    own = [f"{key} = {value:g}" for key, value in picture.values.items() if value != defaults_of[key]]
    worlds = "one world" if picture.worlds == 1 else f"{picture.worlds} worlds"
    with_values = f", with {', '.join(own)}" if own else ""
    with_values = f", of the scenario `{picture.scenario}`" if picture.scenario else with_values
    what = f"means over the second half of {picture.steps} steps" if picture.over else f"{picture.steps} steps"
    return f"{picture.says}. From {worlds}, {what}{with_values}."


def main() -> None:
    for name in sys.argv[1:] or names():
        table = data(name)
        (PICTURES / f"{name}.csv").write_text(table, encoding="utf-8")
        (PICTURES / f"{name}.svg").write_text(draw(name, table), encoding="utf-8")
        print(name, flush=True)


if __name__ == "__main__":
    main()
