"""Marks of a Matplotlib figure read back as data: points, bars and bands, to compare with what was to be drawn."""

from collections.abc import Iterable, Sequence

from matplotlib.axes import Axes
from matplotlib.colors import to_hex

Point = tuple[float, float]


def rounded(points: Iterable[Sequence[float | None]]) -> list[tuple[float, ...]]:
    """Sort points, to nine decimals, so that equal ones compare equal."""
    return sorted(tuple(round(float(value or 0.0), 9) + 0.0 for value in point) for point in points)


def points(axes: Axes, marker: str, filled: bool | None = None, colour: str | None = None) -> list[tuple[float, ...]]:
    """Return every point drawn with a marker; of these only filled or hollow ones, or those of one colour."""
    found: list[Sequence[float]] = []
    for line in axes.lines:
        hollow = str(line.get_markerfacecolor()) == "none"
        if line.get_marker() != marker or (filled is not None and filled == hollow):
            continue
        if colour is None or to_hex(str(line.get_color())) == to_hex(colour):
            found += zip(line.get_xdata(), line.get_ydata(), strict=True)  # type: ignore[arg-type]
    return rounded(found)


def segments(axes: Axes, width: float | None = None) -> list[tuple[float, ...]]:
    """Return (x, y, x, y) of every line of two points without a marker; of one width only, where that is named."""
    lines = [line for line in axes.lines if line.get_marker() in ("None", "", None) and len(line.get_xydata()) == 2]
    return rounded(tuple(line.get_xydata().ravel()) for line in lines if width is None or line.get_linewidth() == width)


def course(axes: Axes, k: int) -> list[tuple[float, ...]]:
    """Return the points of the k-th line with more than two points, or with a label, in order of x."""
    lines = [line for line in axes.lines if len(line.get_xydata()) > 2]
    return rounded(lines[k].get_xydata())


def band(axes: Axes, k: int) -> set[tuple[float, ...]]:
    """Return the corners of the k-th filled band."""
    (path,) = axes.collections[k].get_paths()
    return set(rounded(path.vertices))


def bars(axes: Axes) -> list[tuple[float, ...]]:
    """Return (middle, bottom, height) of every bar of a bar chart that has a height, as drawn."""
    found = [(b.get_x() + b.get_width() / 2, b.get_y(), b.get_height()) for b in axes.patches if b.get_height()]
    return rounded(found)
