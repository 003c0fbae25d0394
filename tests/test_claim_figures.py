"""The figures of a claim over its prior: marks are the data."""

import math
from collections.abc import Callable

import pytest
from marks import points, rounded, segments
from matplotlib.colors import to_rgb
from matplotlib.figure import Figure

from bestowal.drawing.svg import COLOURS
from bestowal.report.figures import claim
from bestowal.statistics.intervals import Interval

NUMBERS = [-0.31, -0.05, 0.02, 0.1, 0.1, 0.17, 0.48, math.nan]
KNOWN = [value for value in NUMBERS if not math.isnan(value)]
MEAN = Interval(0.07, -0.1, 0.24, 7)
ARMS = [
    ("one", [1.0, 2.0, math.nan], Interval(1.5, 1.1, 1.9, 2)),
    ("other", [3.0, 5.0, 4.0], Interval(4.0, 2.9, 5.1, 3)),
]


@pytest.fixture(autouse=True)
def unprinted(monkeypatch: pytest.MonkeyPatch) -> None:
    """Figures come back as they are, before they are printed as SVG."""

    def wide_only(draw: Callable[[bool], Figure]) -> Figure:
        return draw(True)

    monkeypatch.setattr(claim, "twice", wide_only)


def figure(above: float | None = 0.1, below: float | None = None) -> Figure:
    told = {"matters": 0.02, "mean": MEAN, "label": "number", "arms_label": "level"}
    return claim.draws_figure(NUMBERS, ARMS, above=above, below=below, **told)  # type: ignore[arg-type, return-value]


@pytest.mark.parametrize(
    ("above", "below", "holds"), [(0.1, None, 2), (None, 0.1, 3), (-0.1, 0.15, 4), (0.05, None, 4)]
)
def test_a_histogram_counts_every_draw_on_its_side_of_the_threshold(
    above: float | None, below: float | None, holds: int
) -> None:
    axes = figure(above, below).axes[0]
    columns = [patch for patch in axes.patches if patch.get_zorder() and patch.get_height()]
    assert sum(column.get_height() for column in columns) == len(KNOWN)
    blue = to_rgb(COLOURS["institution"])
    assert sum(column.get_height() for column in columns if column.get_facecolor()[:3] == blue) == holds
    for column in columns:
        gap = column.get_width() * 0.1  # a column is drawn narrower than its class
        inside = [x for x in KNOWN if -gap <= x - column.get_x() <= column.get_width() + gap]
        assert len(inside) >= column.get_height()
    assert sum(claim.holds_at(value, above, below) for value in KNOWN) == holds
    texts = " ".join(text.get_text() for text in axes.texts)
    assert f"holds at {holds} draws" in texts and f"does not at {len(KNOWN) - holds}" in texts
    lines = [line.get_xdata()[0] for line in axes.lines if line.get_linewidth() == 1.0]
    assert lines == [end for end in (above, below) if end is not None]


def test_the_mean_and_every_arm_are_drawn_where_they_are() -> None:
    histogram, lanes = figure().axes
    (mean,) = points(histogram, "D")
    assert mean[0] == MEAN.estimate
    assert [(low, high) for low, _, high, _ in segments(histogram, 1.8)] == [(MEAN.low, MEAN.high)]
    dots = [[x for x in line.get_xdata()] for line in lanes.lines if line.get_marker() == "o"]
    assert dots == [[x for x in values if not math.isnan(x)] for _, values, _ in ARMS]
    assert points(lanes, "D") == rounded((centre.estimate, row + 0.5) for row, (*_, centre) in enumerate(ARMS))
    intervals = [(centre.low, row + 0.5, centre.high, row + 0.5) for row, (*_, centre) in enumerate(ARMS)]
    assert segments(lanes, 1.8) == rounded(intervals)


def test_the_split_shows_every_draw_in_the_colour_of_its_side() -> None:
    values = [0.1 * k for k in range(len(NUMBERS))]
    drawn = claim.split_figure(
        NUMBERS, values, name="synergy", at=0.35, shares=("1", "2"), above=0.1, below=None, label="number"
    )
    (axes,) = drawn.axes  # type: ignore[attr-defined]
    pairs = [(x, y) for x, y in zip(values, NUMBERS, strict=True) if not math.isnan(y)]
    assert points(axes, "o", colour=COLOURS["institution"]) == rounded((x, y) for x, y in pairs if y > 0.1)
    assert points(axes, "o", colour=COLOURS["soft"]) == rounded((x, y) for x, y in pairs if y <= 0.1)
    assert [line.get_xdata()[0] for line in axes.lines if line.get_linewidth() == 0.9] == [0.35]
