"""Who differs first, and through what: a twin pair of worlds, followed person by person.

Everybody at work in a year is looked up by lineage in both worlds. A person differs who is at work in one world only,
or in both with anything about them unlike, compared exactly. Each is counted once, in the first year they differ, under
the first rule of CHANNELS that fits. The rules read what can be seen at work and no causes: LIMITS says what they leave
open. The look is at work: what happens after it – learning, practice, departures, newcomers, a split, in this order –
shows in the year after.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from bestowal.core.errors import BestowalError
from bestowal.models.registry import load
from bestowal.questions.dose import sized
from bestowal.questions.kind import Case
from bestowal.questions.question import TESTED, tested
from bestowal.simulation.engine import lives
from bestowal.simulation.scenario import Scenario

SHOWN = 50  # persons of the cascade that are named

CHANNELS = {
    "leaver": "at work in one world only, and at work before: died, left, or lost their community in the other",
    "newcomer": "at work in one world only, and in neither before: born, admitted or founding in that world alone",
    "community": "in another community: moved by a split in one world, or not to the same one",
    "place": "in another place of the same community: the drawn one was taken",
    "practice": "practises in one world only",
    "motive": "another motive: imitation, relapse, practice, upbringing, appetite",
    "belief": "the same motive and another effort, but not with others' giving off: belief of it, or how it is matched",
    "numbers": "the same motive and another effort, in a community of another number at work",
    "effort": "the same motive and another effort, in a community of the same number: pay, force, pride, other traits",
    "unseen": "gives the same; only what would stay of it with some return taken away differs",
}
"""The rules, in the order in which they are tried."""

LIMITS = (
    "The channel is where a difference first shows in a person, not its cause. "
    "Only people at work are compared, and only by what is recorded of each: product, consumption, capital, debt, war "
    "damage and office are not, and show when they have changed somebody's motive, effort or presence – a year later "
    "or more. So a departure caused by lower pay, by a contest lost or by a neighbour's aid is a departure alike; "
    "effort that differs can't be put down to pay rather than force; and motive that differs can't be put down to one "
    "way of learning. Under 'numbers' other things may have changed too. Who differs first by the order of the rules "
    "need not have caused the rest: where many differ in the first year, the change itself acted on them at once. "
    "What happens after work in the last year is not seen. One pair of worlds is an illustration, not an estimate."
)


@dataclass(frozen=True)
class Person:
    """One person in the first year they differ.

    ``person``: the lineage in words; ``community``, ``place``: in the first world, or in the second for one who is at
    work there only; ``channel``: of CHANNELS; ``what``: the column that shows it, or "at work" (1 or 0); ``in_a``,
    ``in_b``: its values, None where it has none.
    """

    year: int
    person: str
    community: int
    place: int
    channel: str
    what: str
    in_a: float | None
    in_b: float | None


@dataclass(frozen=True)
class Year:
    """One year (0 is the first): persons at work in each world, those who differ, and of them those who never did."""

    year: int
    at_work_a: int
    at_work_b: int
    differing: int
    new: int
    channels: dict[str, int]


@dataclass(frozen=True)
class Who:
    """Who differs between two worlds with the same luck.

    ``first``: the first person to differ, by year, then by the order of the rules, then by community and place; None
    where nobody ever does. ``at_once``: of those at work in either world that year, the share that differ. ``ever``:
    persons who ever differ, of ``people`` ever at work. ``died_out``: somebody differed, and in the last year people
    are at work and nobody differs. ``by_channel``: ``ever`` by channel. ``persons``: the first of the cascade, in the
    order of ``first``. ``channels``: the rules in words.
    """

    a: str
    b: str
    world: int
    first: Person | None
    at_once: float | None
    people: int
    ever: int
    died_out: bool
    by_channel: dict[str, int]
    by_year: list[Year]
    persons: list[Person]
    channels: dict[str, str]
    limits: str


def who(
    a: Scenario,
    b: Scenario,
    world: int,
    *,
    years: range | None = None,
    progress: Callable[[int, int], None] | None = None,
) -> Who:
    """Who differs between this world of a and this world of b, year by year.

    Parameters
    ----------
    a, b : of one model, seed and number of years.
    years : the years looked at, all by default; "before" and "first" are meant among these.
    progress : called with (years done, years).
    """
    for of in ("model", "seed", "years"):
        if getattr(a, of) != getattr(b, of):
            raise BestowalError(f"who: {of} is {getattr(a, of)} in {a.name} and {getattr(b, of)} in {b.name}")
    years = range(a.years) if years is None else years
    if not years:
        raise BestowalError("who: no years to look at")
    if not 0 <= min(years) <= max(years) < a.years:
        raise BestowalError(f"who: years {min(years)} to {max(years)}: must be from 0 to {a.years - 1} (the last step)")
    names = [o.name for o in load(a.model).person_observables]
    seen = np.empty(0, np.uint64)
    differed = np.empty(0, np.uint64)
    by_year: list[Year] = []
    at_once: float | None = None
    persons: list[Person] = []
    done = 0
    both = zip(range(max(years) + 1), lives(a, world), lives(b, world), strict=False)
    for year, (one, _), (other, _) in both:
        if year not in years:
            continue
        found, channel, rows_a, rows_b = _differing(one, other, seen, names)
        now = np.union1d(ids(one, names), ids(other, names))
        seen = np.union1d(seen, now)
        new = np.flatnonzero(~np.isin(found, differed))
        differed = np.union1d(differed, found)
        if at_once is None and new.size:
            at_once = found.size / now.size
        at = np.where(np.isnan(rows_a), rows_b, rows_a)[:, [names.index("community"), names.index("place")]]
        order = new[np.lexsort((at[new, 1], at[new, 0], channel[new]))][: SHOWN - len(persons)]
        persons += [_person(year, int(found[k]), int(channel[k]), rows_a[k], rows_b[k], names) for k in order]
        by_year.append(Year(year, len(one), len(other), int(found.size), int(new.size), _counts(channel[new])))
        done += 1
        if progress is not None:
            progress(done, len(years))
    last = by_year[-1]
    return Who(
        a.name,
        b.name,
        world,
        persons[0] if persons else None,
        at_once,
        int(seen.size),
        int(differed.size),
        bool(differed.size) and last.at_work_a > 0 and last.at_work_b > 0 and last.differing == 0,
        {name: sum(y.channels.get(name, 0) for y in by_year) for name in CHANNELS},
        by_year,
        persons,
        dict(CHANNELS),
        LIMITS,
    )


def choose(
    stood_a: NDArray[np.float64],
    stood_b: NDArray[np.float64],
    success_a: NDArray[np.bool_],
    success_b: NDArray[np.bool_],
) -> int | None:
    """Which world to show, so that nobody picks it: the first by number that failed in a and succeeded in b.

    Where there is none, the first that succeeded in one only or stood for another number of years; else None. All
    arrays are (worlds,).
    """
    for differs in (success_b & ~success_a, (success_a != success_b) | (stood_a != stood_b)):
        if differs.any():
            return int(np.argmax(differs))
    return None


def _differing(
    one: NDArray[np.float64], other: NDArray[np.float64], seen: NDArray[np.uint64], names: list[str]
) -> tuple[NDArray[np.uint64], NDArray[np.int64], NDArray[np.float64], NDArray[np.float64]]:
    """Who differs in a year: ids (k,), channels (k,) by number, and their rows in each world (k, columns).

    The row of one who isn't there is NaN.
    """
    matched = match(one, other, names)
    x, y = one[matched.i], other[matched.j]
    unlike = matched.unlike
    community = names.index("community")
    size = int(max([t[:, community].max() for t in (one, other) if len(t)], default=0)) + 1
    n_a, n_b = (np.bincount(t[:, community].astype(int), minlength=size) for t in (one, other))
    here = x[:, community].astype(int)

    def differs(name: str) -> NDArray[np.bool_]:
        return unlike[:, names.index(name)]

    rules = {
        "community": differs("community"),
        "place": differs("place"),
        "practice": differs("practising"),
        "motive": differs("motive"),
        "belief": differs("effort") & ~differs("without_others"),
        "numbers": differs("effort") & (n_a[here] != n_b[here]),
        "effort": differs("effort"),
    }
    number = {name: k for k, name in enumerate(CHANNELS)}
    ids_a, ids_b = ids(one, names), ids(other, names)
    both = ids_a[matched.i]
    through = np.select(list(rules.values()), [number[name] for name in rules], number["unseen"])
    any_unlike = matched.differs_a[matched.i]
    only_a, only_b = (np.ones(len(table), bool) for table in (one, other))
    only_a[matched.i] = only_b[matched.j] = False
    alone = np.concatenate([ids_a[only_a], ids_b[only_b]])
    absent = np.full((len(alone), len(names)), np.nan)
    return (
        np.concatenate([alone, both[any_unlike]]),
        np.concatenate(
            [np.where(np.isin(alone, seen), number["leaver"], number["newcomer"]), through[any_unlike]]
        ).astype(np.int64),
        np.concatenate([one[only_a], absent[: only_b.sum()], x[any_unlike]]),
        np.concatenate([absent[: only_a.sum()], other[only_b], y[any_unlike]]),
    )


class Match(NamedTuple):
    """Two tables of people at work, person by person.

    ``i``, ``j``: (k,) the rows of those at work in both; ``unlike``: (k, columns) where anything recorded of them is
    not exactly the same; ``differs_a``, ``differs_b``: (rows,) of each table, who differs: unlike in anything, or at
    work in that world only.
    """

    i: NDArray[np.int64]
    j: NDArray[np.int64]
    unlike: NDArray[np.bool_]
    differs_a: NDArray[np.bool_]
    differs_b: NDArray[np.bool_]


def match(one: NDArray[np.float64], other: NDArray[np.float64], names: list[str]) -> Match:
    """Who is who in two tables of one year, and who differs: the one rule for it, here and on the page."""
    _, i, j = np.intersect1d(ids(one, names), ids(other, names), assume_unique=True, return_indices=True)
    unlike = _unlike(one[i], other[j])
    differs_a, differs_b = np.ones(len(one), bool), np.ones(len(other), bool)
    differs_a[i] = differs_b[j] = unlike.any(axis=1)
    return Match(i, j, unlike, differs_a, differs_b)


def _unlike(x: NDArray[np.float64], y: NDArray[np.float64]) -> NDArray[np.bool_]:
    return np.asarray(~((x == y) | (np.isnan(x) & np.isnan(y))))


def ids(table: NDArray[np.float64], names: list[str]) -> NDArray[np.uint64]:
    """(persons,) identities by lineage of a table of people."""
    high, low = (table[:, names.index(half)].astype(np.uint64) for half in ("id_high", "id_low"))
    return np.asarray(high << np.uint64(32) | low)


def _person(
    year: int, identity: int, channel: int, a: NDArray[np.float64], b: NDArray[np.float64], names: list[str]
) -> Person:
    name = list(CHANNELS)[channel]
    in_a, in_b = not np.isnan(a[0]), not np.isnan(b[0])
    there = a if in_a else b
    community, place = (int(there[names.index(column)]) for column in ("community", "place"))
    if not (in_a and in_b):
        return Person(year, lineage(identity), community, place, name, "at work", float(in_a), float(in_b))
    columns = {"practice": "practising", "belief": "effort", "numbers": "effort"}
    what = names[int(np.argmax(_unlike(a, b)))] if name == "unseen" else columns.get(name, name)
    k = names.index(what)
    return Person(year, lineage(identity), community, place, name, what, _value(a[k]), _value(b[k]))


def lineage(identity: int) -> str:
    """Whom an id names, as `bestowal.kernels.rng` packs it; a child's is a hash of its mother, year and birth order."""
    kind = identity >> 62
    if kind == 0:
        return f"founder {identity & 0xFFFFFFFF} of community {identity >> 32 & 0xFFFF}"
    if kind == 1:
        community, year, k = (identity >> shift & 0xFFFF for shift in (32, 16, 0))
        return f"applicant {k} of year {year} to community {community}"
    return f"child {identity:016x}"


def _counts(channel: NDArray[np.int64]) -> dict[str, int]:
    counts = np.bincount(channel, minlength=len(CHANNELS))
    return {name: int(n) for name, n in zip(CHANNELS, counts, strict=True) if n}


def _value(number: float) -> float | None:
    return None if np.isnan(number) else float(number)


def parts(case: Case) -> dict[str, Callable[[], Who]]:
    """One world that the foremost change saves, with the change and without."""

    def compute() -> Who:
        without = case.arms[TESTED]
        with_it = tested(sized(case.base, case.changes[0], 1, {}), case.asked)
        before, after = case.evaluator.judge([without, with_it], range(case.worlds))
        world = choose(before.stood, after.stood, before.success, after.success)
        return who(without, with_it, 0 if world is None else world)

    return {"": compute}


def drawn(results: Sequence[Who]) -> bool:
    """Whether anybody ever differs."""
    return results[0].first is not None
