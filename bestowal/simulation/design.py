"""Points of a sweep: a grid, a Latin hypercube or Sobol' points, and the syntax of --over."""

import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from bestowal.core.errors import BestowalError
from bestowal.models.registry import Parameter, load, parameters, unknown
from bestowal.simulation.scenario import Scenario

MOST_POINTS = 10_000
MOST_WORLDS = 10_000_000
"""Worlds over all points, where every world is kept."""
MOST_VALUES = 200_000_000
"""Numbers in the Dataset: 1.6 GB."""


@dataclass(frozen=True)
class Range:
    """A range of a parameter's values in a sweep.

    Parameters
    ----------
    low, high : the lower and upper limit, both included.
    points : number of equally spaced values, required for a grid; None for a design, which draws values.
    log : space or draw the values evenly in the logarithm.
    """

    low: float
    high: float
    points: int | None = None
    log: bool = False


def parsed(scenario: Scenario, texts: Sequence[str], design: str | None) -> dict[str, Sequence[float] | Range]:
    """Return the ranges and values that --over gives.

    They are written NAME=a:b:n, NAME=a:b:n:log or NAME=v,v,v for a grid, and NAME=a:b or NAME=a:b:log for a design.
    """
    over: dict[str, Sequence[float] | Range] = {}
    for text in texts:
        name, equals, values = (part.strip() for part in text.partition("="))
        if not (name and equals and values):
            raise BestowalError(f"--over {text}: must be NAME=VALUES, such as --over pay_link=0:1:21")
        swept_parameter(scenario, name)
        if name in over:
            raise BestowalError(f"--over {text}: {name} is there twice")
        over[name] = _range(text, values, design) if ":" in values else [_number(text, v) for v in values.split(",")]
    return over


def designed(
    scenario: Scenario,
    over: Mapping[str, Sequence[float] | Range],
    kind: str,
    points: int | None,
    design_seed: int,
    worlds: int,
    keep: str,
    columns: int,
) -> list[dict[str, float]]:
    """Return the points of a design, by SciPy's qmc. Each whole number in a range is equally likely."""
    if kind not in ("lhs", "sobol"):
        raise BestowalError(f"design = {kind}: must be lhs or sobol")
    if points is None or points < 1:
        raise BestowalError("points: a design needs their number, 1 or more, such as 64")
    if kind == "sobol" and points & (points - 1):
        below = 1 << points.bit_length() - 1
        raise BestowalError(f"points = {points}: Sobol' points come in powers of 2, such as {below} or {2 * below}")
    check_size(points, worlds, keep, columns)
    if design_seed < 0:
        raise BestowalError(f"design_seed = {design_seed}: must be 0 or more")
    ranges: dict[str, tuple[Parameter, Range]] = {}
    for name, given in over.items():
        p = swept_parameter(scenario, name)
        if not isinstance(given, Range) or given.points is not None:
            raise BestowalError(f"{name}: a design takes its lowest and highest value, a:b or a:b:log")
        if not given.low < given.high:
            raise BestowalError(f"{name}: from {given.low:g} to {given.high:g}: the second must be the higher")
        _logarithmic(name, given)
        for end in (given.low, given.high):
            _whole(p, end)
        ranges[name] = p, given
    if not ranges:
        return []
    from scipy.stats import qmc

    sampler = qmc.LatinHypercube if kind == "lhs" else qmc.Sobol
    engine = sampler(len(ranges), seed=design_seed)
    return [
        {name: _between(p, of, float(u)) for (name, (p, of)), u in zip(ranges.items(), row, strict=True)}
        for row in engine.random(points)
    ]


def swept_parameter(scenario: Scenario, name: str) -> Parameter:
    """Return the parameter of that name; BestowalError where the scenario's model has none."""
    known = {p.name: p for p in parameters(load(scenario.model))}
    if name not in known:
        raise BestowalError(unknown(name, load(scenario.model)))
    return known[name]


def grid_values(scenario: Scenario, name: str, given: Sequence[float] | Range) -> list[float]:
    """Return the values of one parameter of a grid."""
    p = swept_parameter(scenario, name)
    if isinstance(given, Range):
        if given.points is None:
            raise BestowalError(f"{name}: a grid needs the number of its values, a:b:n, or a list; or choose a design")
        if given.points < 1 or (given.points == 1 and given.low != given.high):
            raise BestowalError(f"{name}: {given.points} values: must be 2 or more")
        if given.points > MOST_POINTS:
            raise BestowalError(f"{name}: {given.points} values: {MOST_POINTS:,} points is the most")
        _logarithmic(name, given)
        values = _spaced(given)
    else:
        values = list(given)
    values = [_whole(p, value) for value in values]
    for value, count in ((v, values.count(v)) for v in values):
        if count > 1:
            raise BestowalError(f"{name}: the value {value:g} is there {count} times")
    if not values:
        raise BestowalError(f"{name}: needs a value")
    return values


def _spaced(given: Range) -> list[float]:
    """Its values, evenly spaced and rounded to 12 digits: 0.3 rather than 0.30000000000000004, which is another run."""
    n = given.points or 1
    parts = [i / max(n - 1, 1) for i in range(n)]
    if given.log:
        inner = [given.low * (given.high / given.low) ** part for part in parts]
    else:
        inner = [given.low + (given.high - given.low) * part for part in parts]
    rounded = [float(f"{value:.12g}") for value in inner]
    return [given.low, *rounded[1:-1], given.high] if n > 1 else [given.low]


def _whole(p: Parameter, value: float) -> float:
    """The value, an int where the parameter is a whole number."""
    if p.kind != "int":
        return value
    if not math.isfinite(value) or value != int(value):
        raise BestowalError(f"{p.name} = {value:g}: takes whole numbers only; choose a range or a list that gives them")
    return int(value)


def _between(p: Parameter, given: Range, u: float) -> float:
    """The value at the share u of the way, 0 <= u < 1; a whole number from both ends' inclusive where it must be."""
    low, high = given.low, given.high
    if p.kind == "int":
        if given.log:  # each whole number k owns the stretch from k - 1/2 to k + 1/2
            low, high = low - 0.5, high + 0.5
            return min(max(round(low * (high / low) ** u), int(given.low)), int(given.high))  # type: ignore[no-any-return]
        return min(int(low) + int(u * (int(high) - int(low) + 1)), int(high))
    return low * (high / low) ** u if given.log else low + (high - low) * u


def _logarithmic(name: str, given: Range) -> None:
    if given.log and not (given.low > 0 and given.high > 0):
        raise BestowalError(f"{name}: from {given.low:g} to {given.high:g} in the logarithm: both ends must be above 0")


def check_size(points: int, worlds: int, keep: str, columns: int) -> None:
    """Refuse a sweep of too many points, worlds or numbers; `columns` are observables times years."""
    if points > MOST_POINTS:
        raise BestowalError(
            f"{points:,} points of {worlds:,} worlds: {MOST_POINTS:,} points is the most; "
            "take fewer values, or a design"
        )
    if keep == "worlds" and points * worlds > MOST_WORLDS:
        raise BestowalError(
            f"{points:,} points of {worlds:,} worlds are {points * worlds:,} worlds: {MOST_WORLDS:,} is the most; "
            "take fewer, or keep a summary"
        )
    numbers = points * columns * (worlds if keep == "worlds" else 12)
    if numbers > MOST_VALUES:
        raise BestowalError(
            f"{points:,} points of {worlds:,} worlds are {numbers:,} numbers: {MOST_VALUES:,} is the most; "
            "take fewer years or observables, or keep a summary"
        )


def _range(text: str, values: str, design: str | None) -> Range:
    parts = [part.strip() for part in values.split(":")]
    log = parts[-1] == "log"
    ends = parts[:-1] if log else parts
    if len(ends) != (2 if design else 3):
        form = "a:b or a:b:log, for a design" if design else "a:b:n, a:b:n:log or v,v,v; a:b goes with --design"
        raise BestowalError(f"--over {text}: must be NAME={form}")
    low, high = _number(text, ends[0]), _number(text, ends[1])
    if design:
        return Range(low, high, log=log)
    try:
        points = int(ends[2])
    except ValueError:
        raise BestowalError(f"--over {text}: {ends[2]!r} must be how many values, a whole number") from None
    return Range(low, high, points, log)


def _number(text: str, value: str) -> float:
    for kind in (int, float):
        try:
            return kind(value)
        except ValueError:
            continue
    raise BestowalError(f"--over {text}: {value.strip()!r} is not a number")
