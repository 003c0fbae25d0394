"""Write the evidence page: calibrated parameters and their data, tests without refitting, failures, predictions."""

from __future__ import annotations

import datetime
from collections.abc import Iterator
from pathlib import Path
from typing import TYPE_CHECKING

import numpy as np

from bestowal.calibration import Evidence, histories
from bestowal.calibration.cities import MATTERS, Period, means
from bestowal.calibration.motives import LABORATORY, MET, PERIODS, UNKNOWN, Met
from bestowal.core.files import expanded, toml, write
from bestowal.report import history_figure
from bestowal.statistics.intervals import Interval, proportion
from bestowal.statistics.number_format import between, decimals, number, share, whole

if TYPE_CHECKING:
    from matplotlib.figure import Figure
    from rich.console import Group as Lines

TEMPLATES = Path(__file__).parent / "templates"
COMMAND = "bestowal calibrate --out docs/why"
DATA = "the giving and believing of 140 subjects (Fischbacher & Gächter 2010)"


def save(found: Evidence, folder: Path) -> list[Path]:
    """Write `evidence.md`, its figures, and today's predictions unless the last dated ones are the same."""
    from bestowal.drawing.svg import standalone

    folder = expanded(folder)
    written = []
    for name, svg in figures(found).items():
        written.append(folder / "evidence" / f"{name}.svg")
        write(written[-1], standalone(svg))
    dated = predictions(found, folder / "predictions")
    written += [folder / "evidence.md", dated]
    write(folder / "evidence.md", page(found, dated))
    return written


def posterior(found: Evidence) -> str:
    """Return the posterior of people's parameters as text of `catalogue/posteriors/society.csv`: joint draws.

    Founders have the same share of givers as others unless a scenario states their share.
    """
    kept = [(k, name) for k, name in enumerate(found.motives.names) if name not in LABORATORY]
    lines = [
        f"# data: {DATA}",
        f"# command: bestowal calibrate --seed {found.seed}",
        f"# date: {datetime.date.today()}",
        ",".join([name for _, name in kept] + ["founder_giver_share"]),
    ]
    share_of_givers = found.motives.names.index("giver_share")
    for draw in found.motives.draws:
        lines.append(",".join(f"{draw[k]:.6g}" for k in [*(k for k, _ in kept), share_of_givers]))
    return "\n".join([*lines, ""])


def terminal(found: Evidence) -> Lines:
    """Return the main results as rich renderables."""
    from rich.console import Group
    from rich.table import Table

    from bestowal.report.tables import Stacked

    people = Table(box=None, padding=(0, 2, 0, 2), header_style="dim")
    for column in ("fitted", "median", "95 %"):
        people.add_column(column, justify="left" if column == "fitted" else "right")
    fitted = [*zip(found.motives.names, _quantiles(found.motives.draws), strict=True)]
    fitted += zip(found.communes.names, _quantiles(found.communes.draws), strict=True)
    for name, (low, middle, high) in fitted:
        people.add_row(name, number(middle), between(low, high))
    held = Table(box=None, padding=(0, 2, 0, 2), header_style="dim")
    for column in ("predicted, held out", "median", "95 %"):
        held.add_column(column, justify="left" if column == "predicted, held out" else "right")
    for one in found.communes.predictions:
        held.add_row(one.name, number(one.middle), between(one.low, one.high))
    met = [one for one in found.motives.met if one.fitted]
    c = found.cities
    said = [
        f"{sum(not one.missed for one in met)} of {len(met)} fitted statistics are met; missed: "
        + (", ".join(one.name for one in met if one.missed) or "none"),
        f"sixteen cities, without refit: mean deviation {decimals(c.off, 1)} tokens of 20 (expected if the model were "
        f"true: {decimals(c.off_low, 1)} to {decimals(c.off_high, 1)}); {share(c.inside)} of city means lie in their "
        "95 % range",
    ]
    for history in found.histories:
        within = sum(one.off is None for one in history.comparisons)
        said.append(f"{history.title}: {within} of {len(history.comparisons)} statistics within")
    return Group(Stacked(people), "", *said, "", Stacked(held))


# --------------------------------------------------------------------------------------------------- predictions


def predictions(found: Evidence, folder: Path) -> Path:
    """Write today's predictions of data not yet examined to a dated file; return the last file if they are the same."""
    body = "\n".join(_predictions(found))
    last = max(folder.glob("????-??-??.toml"), default=None) if folder.is_dir() else None
    if last is not None and last.read_text(encoding="utf-8").partition("\n\n")[2] == body:
        return last
    file = folder / f"{datetime.date.today()}.toml"
    head = "# What the model says of data held out, written before any comparison: medians and 95 %.\n"
    head += (
        f"# Written by `{COMMAND}`, seed {found.seed}. A number inside low to high agrees; outside, it is a miss.\n\n"
    )
    write(file, head + body)
    return file


def _predictions(found: Evidence) -> Iterator[str]:
    for one in found.communes.predictions:
        yield f'[[predictions]]\nname = "{one.name}"\nunit = "{one.unit}"\nsays = "{one.says}"'
        yield f"low = {one.low:.4g}\nmiddle = {one.middle:.4g}\nhigh = {one.high:.4g}\n"
    punished = found.punished
    for period in punished.periods:
        yield f'[[predictions]]\nname = "punished_mean_{period.period}"\nunit = "tokens"'
        yield f'says = "mean contribution over sixteen cities with punishment, period {period.period}"'
        yield f"low = {period.low:.4g}\nmiddle = {period.middle:.4g}\nhigh = {period.high:.4g}\n"
        yield f'[[predictions]]\nname = "punished_spread_{period.period}"\nunit = "tokens"'
        yield f'says = "standard deviation over sixteen cities with punishment, period {period.period}"'
        yield f"low = {period.spread_low:.4g}\nmiddle = {period.spread_middle:.4g}\nhigh = {period.spread_high:.4g}\n"
    for name, value, says in (
        ("punishment_raises", punished.rises, f"that the mean of the ten periods rises by more than {MATTERS} tokens"),
        ("punishment_lowers", punished.falls, f"that it falls by more than {MATTERS} tokens"),
        ("punishment_raises_the_end", punished.last_rises, f"that the last period's mean rises by more than {MATTERS}"),
        (
            "punishment_ends_decay",
            punished.holds,
            f"that giving falls by less than {MATTERS} from first to last period",
        ),
    ):
        yield f'[[probabilities]]\nname = "{name}"\nsays = "{says}"\nprobability = {value:.3g}\n'
    yield '[[none]]\nname = "sign_by_city"\nsays = "the model knows nothing of cities: the same sign everywhere"\n'


# ---------------------------------------------------------------------------------------------------------- the page


def page(found: Evidence, dated: Path) -> str:
    """Return the page in Markdown, with the predictions of an earlier dated file for comparison.

    ``dated`` is the file of today's predictions.
    """
    from jinja2 import Environment, FileSystemLoader, StrictUndefined

    environment = Environment(loader=FileSystemLoader(TEMPLATES), undefined=StrictUndefined, autoescape=False)
    environment.filters |= {"whole": whole, "decimals": decimals}
    v = found.coverage
    earlier = max((file for file in dated.parent.glob("????-??-??.toml") if file.stem < dated.stem), default=None)

    def counted(part: list[float], k: int) -> Interval:
        return proportion(round(part[k] * v.planted), v.planted)

    covered = [(name, counted(v.half, k), counted(v.most, k)) for k, name in enumerate(v.names)]
    off = [name for name, half, most in covered if not (_holds(half, MET[0]) and _holds(most, MET[1]))]
    return (
        environment.get_template("evidence.md").render(
            found=found,
            command=COMMAND,
            data=DATA,
            dated=dated.name,
            earlier=earlier.name if earlier is not None else "",
            before=_medians(earlier) if earlier is not None else {},
            matters=MATTERS,
            fitted=[one for one in found.motives.met if one.fitted],
            people=list(zip(UNKNOWN, _quantiles(found.motives.draws), strict=True)),
            ridge=list(
                zip(
                    found.communes.names,
                    _quantiles(found.communes.draws),
                    _quantiles(found.communes.unreported.draws),
                    strict=True,
                )
            ),
            pairs=_pairs(found.motives.correlations, found.motives.names),
            covered=covered,
            off=off,
            between=between,
            number=number,
            share=share,
            measured=_measured,
        )
        + "\n"
    )


def _quantiles(draws: list[list[float]]) -> list[tuple[float, ...]]:
    """Return the 2.5 % quantile, median and 97.5 % quantile of each parameter."""
    return [tuple(float(q) for q in row) for row in np.quantile(np.array(draws), [0.025, 0.5, 0.975], axis=0).T]


def _holds(interval: Interval, level: float) -> bool:
    return interval.low is not None and interval.high is not None and interval.low <= level <= interval.high


def _measured(one: histories.Comparison) -> str:
    m = one.measured
    if m.value is not None and m.low == m.high:
        return number(m.value)
    low, high = (number(x) if np.isfinite(x) else "" for x in (m.low, m.high))
    if not low or not high:
        return f"at most {high}" if high else f"at least {low}"
    return f"{number(m.value)} ({between(m.low, m.high)})" if m.value is not None else between(m.low, m.high)


def _pairs(correlations: list[list[float]], names: list[str], most: int = 4) -> list[tuple[float, str, str]]:
    pairs = [(correlations[i][j], names[i], names[j]) for i in range(len(names)) for j in range(i)]
    return sorted(pairs, key=lambda pair: -abs(pair[0]))[:most]


# --------------------------------------------------------------------------------------------------------- figures


def figures(found: Evidence) -> dict[str, str]:
    """Return the figures as SVG for a wide screen, by name."""
    from bestowal.drawing.svg import twice

    drawn = {
        "periods": twice(lambda wide: _periods_figure(found.motives.met)),
        "cities": twice(lambda wide: _cities_figure(found.cities.periods)),
    } | {history.name: history_figure.draw(history) for history in found.histories}
    return {name: both["wide"] for name, both in drawn.items()}


def _periods_figure(met: list[Met]) -> Figure:
    from bestowal.drawing.svg import COLOURS, canvas

    figure = canvas(620, 240)
    at = {one.name: one for one in met}
    periods = range(1, PERIODS + 1)
    for k, (name, title) in enumerate((("contribution", "given"), ("belief", "believed of the others"))):
        axes = figure.add_axes((0.06 + 0.48 * k, 0.17, 0.42, 0.7))
        some = [at[f"{name} {t}"] for t in periods]
        axes.fill_between(
            periods, [s.low for s in some], [s.high for s in some], color=COLOURS["institution"], alpha=0.15, lw=0
        )
        axes.plot(periods, [s.middle for s in some], color=COLOURS["institution"], lw=1.5)
        axes.plot(periods, [s.measured for s in some], "o", color=COLOURS["motive"], ms=4.5)
        axes.set_ylim(0, 14)
        axes.set_title(f"{title}, tokens of 20")
        axes.set_xlabel("period")
        axes.grid(axis="y")
        axes.set_axisbelow(True)
    return figure


def _cities_figure(periods: list[Period]) -> Figure:
    from bestowal.drawing.svg import COLOURS, canvas

    figure = canvas(620, 260)
    axes = figure.add_axes((0.06, 0.16, 0.9, 0.74))
    at = [period.period for period in periods]
    _, measured, _ = means()
    for row in measured:
        axes.plot(at, row, color=COLOURS["soft"], lw=0.6, alpha=0.7)
    axes.plot(at, measured.mean(axis=0), color=COLOURS["motive"], lw=2, label="measured: mean of sixteen cities")
    axes.fill_between(
        at, [p.low for p in periods], [p.high for p in periods], color=COLOURS["institution"], alpha=0.15, lw=0
    )
    axes.plot(at, [p.middle for p in periods], color=COLOURS["institution"], lw=1.5, label="predicted, without refit")
    axes.set_ylim(0, 16)
    axes.set_title("given in sixteen cities, tokens of 20")
    axes.set_xlabel("period")
    axes.legend(frameon=False, fontsize=7.5)
    axes.grid(axis="y")
    axes.set_axisbelow(True)
    return figure


def _medians(file: Path) -> dict[str, tuple[float, float, float]]:
    """Read the low, median and high of a dated file's predictions, by name."""
    table = toml(file)
    return {one["name"]: (one["low"], one["middle"], one["high"]) for one in table["predictions"]}


def held_out(file: Path) -> dict[str, tuple[float, float]]:
    """Read the ranges of a dated file of predictions, by name, to compare measured numbers with."""
    table = toml(file)
    return {one["name"]: (float(one["low"]), float(one["high"])) for one in table["predictions"]}
