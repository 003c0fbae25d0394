"""The figure of a recorded society: its points over the bands of simulated worlds."""

from matplotlib.figure import Figure
from matplotlib.ticker import FuncFormatter

from bestowal.calibration.histories import History
from bestowal.drawing.svg import COLOURS, canvas, twice, whole_years
from bestowal.statistics.number_format import number


def draw(history: History) -> dict[str, str]:
    """The record's points over the simulated bands, as SVG by screen: "wide" and "narrow"."""

    def drawn(wide: bool) -> Figure:
        figure = canvas(620 if wide else 350, 250 if wide else 270)
        axes = figure.add_axes((0.075, 0.17, 0.9, 0.72) if wide else (0.13, 0.16, 0.83, 0.73))
        for course, colour in zip(history.simulated, (COLOURS["institution"], COLOURS["surroundings"]), strict=False):
            axes.fill_between(course.years, course.low, course.high, color=colour, alpha=0.15, lw=0)
            axes.plot(course.years, course.values, color=colour, lw=1.5, label=f"simulated: {course.label}")
        first, *others = history.observed
        for k, course in enumerate(others):
            label = "measured: each society" if k == 0 else None
            axes.plot(course.years, course.values, "-o", color=COLOURS["soft"], ms=2.6, lw=0.6, label=label)
        below = [value - low for value, low in zip(first.values, first.low, strict=True)]
        above = [high - value for value, high in zip(first.values, first.high, strict=True)]
        axes.errorbar(
            first.years, first.values, (below, above), fmt="o", color=COLOURS["motive"], ms=4.5, elinewidth=1.2,
            label=f"measured: {first.label}", zorder=5,
        )  # fmt: skip
        if history.logarithmic:
            axes.set_yscale("log")
            axes.yaxis.set_major_formatter(FuncFormatter(lambda value, _: number(value)))
        else:
            axes.set_ylim(bottom=0)
        axes.xaxis.set_major_locator(whole_years(7 if wide else 5))
        axes.grid(axis="y")
        axes.set_axisbelow(True)
        axes.set_title(f"{history.title}: {history.measure}")
        axes.legend(frameon=False, fontsize=7.5, loc="upper left" if history.logarithmic else "best")
        return figure

    return twice(drawn)
