"""The minimal sets of levers that are enough at full size."""

from __future__ import annotations

from collections.abc import Iterable
from itertools import combinations

from bestowal.questions.kinds.smallest.result import Change
from bestowal.questions.kinds.smallest.search import Search, saved

MOST_SETS = 600  # of one number of levers; more are not tried


def minimal_sets(search: Search, most: int) -> tuple[list[Change], list[list[str]]]:
    """The minimal sets that are enough at full size, nearest first, and the sets that can't be told."""
    names = list(search.knobs)
    found: list[frozenset[str]] = []
    seen: list[Change] = []

    def change(some: Iterable[str]) -> Change:
        return search.key(dict.fromkeys(some, 1.0))

    def enough(sets: list[frozenset[str]]) -> list[frozenset[str]]:
        keys = {change(some): some for some in sets}
        seen.extend(keys)
        return [keys[passed] for passed in search.enough(keys)]

    for size in range(1, min(most, len(names)) + 1):
        sets = [frozenset(some) for some in combinations(names, size)]
        sets = [some for some in sets if not any(part <= some for part in found)]
        if len(sets) > MOST_SETS:
            search.notes.append(f"Sets of {size} levers were not all tried: there are {len(sets):,} of them.")
            break
        found += enough(sets)

    here = frozenset(names)
    while len(here) > most and not any(part <= here for part in found):
        passed = enough([here])
        parts = [here - {name} for name in names if name in here]
        smaller = enough(parts)
        if passed and not smaller:
            found.append(here)
            break
        # On towards the fewest levers: where parts are enough, the nearest; where none is, the one that saves most.
        here = min(
            smaller or parts,
            key=lambda some: search.rank(change(some)) if smaller else (-saved(search, change(some)), 0, change(some)),
        )
    undecided = [
        [name for name, _ in key]
        for key in dict.fromkeys(seen)
        if len(search.known[key]) == search.worlds
        and search.shortfall(key) > 0
        and (search.sufficiency(key).high or 0.0) >= search.target
    ]
    return sorted((change(some) for some in found), key=search.rank), undecided
