"""Two worlds with common random numbers, person by person: the data that the page draws.

A person is known by descent, so one index stands for one person in both worlds and in every year. Who differs is
decided by `questions.who.match`, as in the answer to "who is touched first?".
"""

from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, field
from typing import Any

import numpy as np
from numpy.typing import NDArray

from bestowal.core.errors import BestowalError
from bestowal.explore.frames import pack
from bestowal.models.registry import load, parameters, unknown
from bestowal.questions.kinds.divergence.compute import ids, lineage, match
from bestowal.questions.question import Moment, hold
from bestowal.simulation.engine import lives
from bestowal.simulation.scenario import Scenario, room

PERSON_YEARS = 10_000_000  # persons (places for them) times years, of one world
NAMED = 20_000  # people whose lineage is sent in words
WORLDS = 1_000_000  # numbers of worlds that may be asked for


class Stopped(Exception):  # noqa: N818 (no error: nobody waits any more)
    """Whoever asked is gone, so the work was given up."""


def never() -> bool:
    """For work that nobody stops."""
    return False


def twin(base: Scenario, values: Mapping[str, float], from_year: int) -> Scenario:
    """The scenario with these values from a step on to the end (0: from the start), whatever history did to them."""
    known = [p.name for p in parameters(load(base.model))]
    for name in values:
        if name not in known:
            raise BestowalError(unknown(name, load(base.model)))
    if not 0 <= from_year < base.years:
        raise BestowalError(f"from_year = {from_year}: must be a step from 0 to {base.years - 1} (the last)")
    return hold(base, Moment(from_year, dict(values))) if values else base


def check_size(*scenarios: Scenario) -> None:
    """Refuse worlds too large to be lived while somebody waits."""
    for scenario in scenarios:
        communities, places = room(scenario)
        if communities * places * scenario.years > PERSON_YEARS:
            raise BestowalError(
                f"{scenario.name}: {communities} communities of {places} persons for {scenario.years} years are "
                f"{communities * places * scenario.years:,} persons × years; the page takes {PERSON_YEARS:,} at most"
            )


def check_world(world: int) -> None:
    """Refuse a world that has no number."""
    if not 0 <= world < WORLDS:
        raise BestowalError(f"world = {world}: must be from 0 to {WORLDS - 1:,}")


def pair(a: Scenario, b: Scenario, world: int, stopped: Callable[[], bool] = never) -> bytes:
    """World ``world`` of a and of b, twins by `twin`, as frames: the contract of ``/api/pair``.

    ``stopped`` is asked every year, and `Stopped` raised where it says yes.
    """
    model = load(a.model)
    check_size(a, b)
    check_world(world)
    names = [o.name for o in model.person_observables]
    sides = _Side(names), _Side(names)
    first: int | None = None
    for year, ((one, seen), (other, seen_too)) in enumerate(zip(lives(a, world), lives(b, world), strict=True)):
        if stopped():
            raise Stopped
        matched = match(one, other, names)
        sides[0].add(one, matched.differs_a, seen)
        sides[1].add(other, matched.differs_b, seen_too)
        alike = np.array_equal(seen, seen_too, equal_nan=True)
        if first is None and (matched.differs_a.any() or matched.differs_b.any() or not alike):
            first = year
    everybody, where = np.unique(np.concatenate([i for side in sides for i in side.ids]), return_inverse=True)
    index: NDArray[np.uint32] = where.astype(np.uint32)
    n_a = sum(map(len, sides[0].ids))
    people = index[:n_a], index[n_a:]
    observed = [o.name for o in model.observables]
    rooms = [room(scenario) for scenario in (a, b)]
    meta = {
        "years": a.years,
        "first_year": a.first_year,
        "communities": max(communities for communities, _ in rooms),
        "places": max(places for _, places in rooms),
        "people": len(everybody),
        "same": first is None,
        "first_difference": first,
        "observables": observed,
        "words": [lineage(i) for i in everybody.tolist()] if len(everybody) <= NAMED else None,
        "endings": {
            name: list(endings(side, who, len(everybody), observed))
            for name, side, who in zip("ab", sides, people, strict=True)
        },
    }
    arrays = {
        f"{name}.{what}": array
        for name, side, who in zip("ab", sides, people, strict=True)
        for what, array in side.arrays(who).items()
    }
    return pack(meta, arrays)


@dataclass
class _Side:
    """One of the two worlds, year by year, in as few bytes as the page needs."""

    names: list[str]
    ids: list[NDArray[np.uint64]] = field(default_factory=list)
    rows: dict[str, list[NDArray[Any]]] = field(default_factory=dict)
    observed: list[NDArray[np.float32]] = field(default_factory=list)

    def add(self, table: NDArray[np.float64], differs: NDArray[np.bool_], seen: NDArray[np.float64]) -> None:
        column = {name: table[:, k] for k, name in enumerate(self.names)}
        year: dict[str, NDArray[Any]] = {
            "community": column["community"].astype(np.uint16),
            "place": column["place"].astype(np.uint16),
            "motive": np.rint(column["motive"] * 255).astype(np.uint8),
            "effort": np.rint(column["effort"] * 255).astype(np.uint8),
            "practising": column["practising"].astype(np.uint8),
            "differs": differs.astype(np.uint8),
        }
        self.ids.append(ids(table, self.names))
        self.observed.append(seen.astype(np.float32))
        for name, values in year.items():
            self.rows.setdefault(name, []).append(values)

    @property
    def start(self) -> NDArray[np.uint32]:
        """(years + 1,) the people of year t are rows start[t] to start[t + 1]."""
        return np.cumsum([0, *map(len, self.ids)], dtype=np.uint32)

    def arrays(self, people: NDArray[np.uint32]) -> dict[str, NDArray[Any]]:
        rows = {name: np.concatenate(years) for name, years in self.rows.items()}
        return {"start": self.start, "person": people, **rows, "observables": np.stack(self.observed)}


def endings(
    side: _Side, people: NDArray[np.uint32], n_people: int, observables: list[str]
) -> Iterator[dict[str, int | str | None]]:
    """Which communities ended in which year (after its work), and how.

    Recorded are only who is at work where, and how many communities of the world ended in each way. So a community is
    taken to have ended in a year after which nobody who worked there works there; how, only where all that ended that
    year ended alike: else all the ways there were are named, joined by "or". Of the last year nobody is seen
    afterwards, so its communities are None. One that ends and is settled anew by a split within the year is seen, for
    its people are others; a community whose people are all replaced in a year without its ending isn't told, for no
    ending is counted then – but beside another's ending it could be taken for it.
    """
    start = side.start.astype(np.int64)
    community = np.concatenate(side.rows["community"]).astype(np.int64)
    now_in = np.full(n_people, -1, np.int64)
    ways = [(k, name.removeprefix("ended_")) for k, name in enumerate(observables) if name.startswith("ended_")]
    for year, seen in enumerate(side.observed):
        counts = {way: int(seen[k]) for k, way in ways if seen[k] > 0}
        ended = sum(counts.values())
        if not ended:
            continue
        found: list[int] = []
        if year + 1 < len(side.observed):
            before, after = (slice(start[t], start[t + 1]) for t in (year, year + 1))
            now_in[people[after]] = community[after]
            stay = now_in[people[before]] == community[before]
            now_in[people[after]] = -1
            size = int(community[before].max(initial=-1)) + 1
            were = np.bincount(community[before], minlength=size)
            left = np.bincount(community[before][stay], minlength=size)
            found = np.flatnonzero((were > 0) & (left == 0)).tolist()
        how = " or ".join(counts)
        for which in [*found, *[None] * (ended - len(found))]:
            yield {"year": year, "community": which, "how": how}
