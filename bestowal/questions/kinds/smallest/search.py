"""The worlds of the search: what has been asked of them, so that nothing is asked twice."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence

import numpy as np
from numpy.typing import NDArray

from bestowal.questions.kinds.smallest.result import Change, Knob, Succeeds
from bestowal.statistics.intervals import Interval, proportion

FIRST = 32  # worlds on which every change begins
HOPELESS = 0.999


class Search:
    """What has been asked of the worlds of the search, so that nothing is asked twice."""

    def __init__(self, knobs: Sequence[Knob], succeeds: Succeeds, target: float, worlds: int) -> None:
        self.knobs = {knob.name: knob for knob in knobs}
        self.succeeds, self.target, self.worlds = succeeds, target, worlds
        self.known: dict[Change, NDArray[np.bool_]] = {}
        self.notes: list[str] = []

    def key(self, sizes: Mapping[str, float]) -> Change:
        return tuple((name, round(sizes[name], 6)) for name in self.knobs if sizes.get(name, 0) > 0)

    def distance(self, change: Change) -> float:
        return sum(self.knobs[name].weight * self.knobs[name].distance * size for name, size in change)

    def rank(self, change: Change) -> tuple[float, int, Change]:
        """Nearest first; of equally near ones, fewest levers first."""
        return (round(self.distance(change), 9), len(change), change)

    def judged(self, changes: Sequence[Change], worlds: int) -> list[NDArray[np.bool_]]:
        """Verdicts on the first worlds, those not known yet asked for together."""
        nothing = np.empty(0, dtype=bool)
        short: dict[int, list[Change]] = {}
        for change in dict.fromkeys(changes):
            has = len(self.known.get(change, nothing))
            if has < worlds:
                short.setdefault(has, []).append(change)
        for has, some in sorted(short.items()):
            found = self.succeeds([dict(change) for change in some], range(has, worlds))
            for change, verdicts in zip(some, found, strict=True):
                self.known[change] = np.concatenate([self.known.get(change, nothing), verdicts])
        return [self.known[change][:worlds] for change in changes]

    def sufficiency(self, change: Change, level: float = 0.95) -> Interval:
        """On as many worlds as it has been judged on."""
        verdicts = self.known[change]
        saved = verdicts[~self.known[()][: len(verdicts)]]
        return proportion(int(saved.sum()), int(saved.size), level)

    def shortfall(self, change: Change) -> float:
        """How far the lower limit is from the target; 0 or less is enough, if it was judged on all worlds."""
        low = self.sufficiency(change).low
        return self.target - (low if low is not None else 0.0)

    def enough(self, changes: Iterable[Change]) -> list[Change]:
        """Those of the changes that are enough, in their order: the hopeless are left on the way."""
        changes = list(dict.fromkeys(changes))
        alive, n = changes, min(FIRST, self.worlds)
        while alive:
            self.judged(alive, n)
            if n == self.worlds:
                break
            alive = [change for change in alive if not self._hopeless(change)]
            n = min(2 * n, self.worlds)
        return [change for change in alive if self.shortfall(change) <= 0]

    def _hopeless(self, change: Change) -> bool:
        high = self.sufficiency(change, HOPELESS).high
        return high is not None and high < self.target


def saved(search: Search, change: Change) -> float:
    """The share saved on the worlds on which every change has been judged."""
    first = min(FIRST, search.worlds)
    verdicts, failed = search.known[change][:first], ~search.known[()][:first]
    return float(verdicts[failed].mean()) if failed.any() else 0.0
