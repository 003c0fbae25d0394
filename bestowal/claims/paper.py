"""Claims of published papers: read them, run what they need, and say whether our model agrees.

A paper's claims are one file, `catalogue/claims/<model>.toml`, written from the paper by somebody who has not opened
the model. A claim names an observable, a setting, and the range within which the paper's number is met. Its statistic
is the observable's mean over the steps from `from` to `to`, then over worlds, with Student's t interval; with `minus`,
the same less that of a second setting, paired world by world under common random numbers. The verdict:

    agrees        the whole interval lies in the range
    disagrees     the whole interval lies outside it
    cannot tell   the interval holds one of the range's ends: more worlds would decide

No two claims of a file take the same statistic of the same run, and no range holds every value its observable can
have. Two settings that give the same numbers in every world are one run under two names: `check` names the first.
"""

import math
from collections import Counter
from collections.abc import Collection, Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Literal

from pydantic import BaseModel, Field, ValidationError, model_validator

from bestowal.claims.verdict import Verdict
from bestowal.core.errors import BestowalError, nearest
from bestowal.core.files import STRICT, Number, absent, complaint, expanded, is_path, toml
from bestowal.core.progress import Progress
from bestowal.models.registry import load, names
from bestowal.simulation.scenario import Scenario, defaults
from bestowal.statistics.intervals import POWER_FACTOR, Interval, mean, nanmean, round_up

if TYPE_CHECKING:
    import numpy as np
    from numpy.typing import NDArray

CATALOGUE = Path(__file__).parent.parent / "catalogue" / "claims"

Known = Literal["read", "recalled", "computed"]


class Claim(BaseModel):
    """One sentence of a paper as a number to expect, with where it stands and how well it is known."""

    model_config = STRICT

    id: str
    says: str
    where: str
    known: Known
    by: str
    observable: str
    why: str
    values: dict[str, Number] = Field(default_factory=dict)
    steps: int | None = Field(None, ge=1)
    worlds: int = Field(ge=2)
    first: int = Field(0, ge=0, alias="from")
    last: int | None = Field(None, ge=0, alias="to")
    paper: float | None = None
    within: float | None = Field(None, ge=0)
    above: float | None = None
    below: float | None = None
    minus: dict[str, Number] | None = None
    doubt: str = ""

    @model_validator(mode="after")
    def _one_range(self) -> "Claim":
        if (self.paper is None) != (self.within is None):
            raise ValueError("paper and within go together")
        if self.paper is None and self.above is None and self.below is None:
            raise ValueError("needs paper and within, or above, or below")
        if self.low > self.high:
            raise ValueError(f"its range is empty, {self.low:g} to {self.high:g}")
        return self

    @property
    def low(self) -> float:
        """The lowest value that agrees."""
        ends = [-math.inf if self.above is None else self.above]
        return max([*ends, *([] if self.paper is None or self.within is None else [self.paper - self.within])])

    @property
    def high(self) -> float:
        """The highest value that agrees."""
        ends = [math.inf if self.below is None else self.below]
        return min([*ends, *([] if self.paper is None or self.within is None else [self.paper + self.within])])


class Paper(BaseModel):
    """A paper's claims, and the record of its second reading."""

    model_config = STRICT

    paper: str
    model: str
    twin: str = ""
    second_reading: str = ""
    about: str = ""
    claims: tuple[Claim, ...]

    @property
    def provisional(self) -> bool:
        """Whether the second reading is missing: its claims or its slow twin."""
        return not (self.claims and self.twin and self.second_reading)


@dataclass(frozen=True)
class Result:
    """The verdict on a claim of a paper, and the mean over worlds it rests on, with Student's t interval."""

    claim: Claim
    number: Interval
    verdict: Verdict
    repeats: str = ""  # the id of an earlier claim with the same numbers in every world


def papers() -> list[str]:
    """Return the names of the models whose papers have claims."""
    return sorted(p.stem for p in CATALOGUE.glob("*.toml"))


def provisional() -> list[str]:
    """Return the published models without claims or without a slow second implementation; never the society model."""
    found = papers()
    return [n for n in names() if n != "society" and (n not in found or _read(CATALOGUE / f"{n}.toml").provisional)]


def paper(name: str) -> Paper:
    """Return the claims on the model of that name, or those in a .toml file of the user's own.

    Raises
    ------
    BestowalError
        There are no such claims, or the file does not fit; one line names the file, the claim and the key.
    """
    file = expanded(name) if is_path(name) else CATALOGUE / f"{name}.toml"
    if not file.is_file():
        if is_path(name):
            raise BestowalError(absent(file))
        raise BestowalError(f"there are no claims {name!r}{nearest(name, papers())}")
    read = _read(file)
    ids = [claim.id for claim in read.claims]
    taken: dict[object, str] = {}
    for claim in read.claims:
        try:
            if ids.count(claim.id) > 1:
                raise BestowalError("two claims have this id")
            _checked(claim, read.model)
            first = taken.setdefault(_statistic_of(claim, read.model), claim.id)
            if first != claim.id:
                raise BestowalError(f"takes the same statistic of the same run as {first}")
        except BestowalError as error:
            raise BestowalError(f"{file}: {claim.id}: {error}") from None
    return read


def _read(file: Path) -> Paper:
    try:
        return Paper.model_validate(toml(file))
    except ValidationError as error:
        raise BestowalError(f"{file}: {complaint(error, Paper, {'claims': Claim})}") from None


def provenance() -> Counter[Known]:
    """Return how many claims of the published models are read, recalled and computed."""
    return Counter(claim.known for name in papers() for claim in _read(CATALOGUE / f"{name}.toml").claims)


def check(
    name: str,
    *,
    only: Collection[str] | None = None,
    threads: int | None = None,
    store: Path | None = None,
    progress: Progress | None = None,
) -> Iterator[Result]:
    """Yield the verdict on each claim of a paper, or on those with the ids in `only`, in the file's order.

    Parameters
    ----------
    name : a model with claims, or a .toml file of claims.
    only : ids of claims; all of them unless given.
    threads : blocks of worlds run at once; one a processor unless given.
    store : the folder of results; $BESTOWAL_STORE or ./results unless given. Worlds stored there are not run again.
    progress : called with (worlds done, worlds in all, the claim's id) as worlds finish.

    Raises
    ------
    BestowalError
        There are no such claims, or no claim with an id in ``only``.

    Examples
    --------
    >>> import bestowal
    >>> result = next(bestowal.check("sen_1966"))
    >>> result.claim.known, str(result.verdict)
    ('computed', 'agrees')
    """
    from bestowal.simulation.store import run

    read = paper(name)
    ids = [claim.id for claim in read.claims]
    for wanted in only or ():
        if wanted not in ids:
            raise BestowalError(f"{name}: there is no claim {wanted!r}{nearest(wanted, ids)}")
    before: list[tuple[Claim, NDArray[np.float64]]] = []
    for claim in read.claims:
        if only is not None and claim.id not in only:
            continue

        def tell(done: float, total: int, claim: Claim = claim) -> None:
            if progress is not None:
                progress(done, total, claim.id)

        def of(values: Mapping[str, float], claim: Claim = claim) -> "NDArray[np.float64]":
            data = run(_scenario(claim, read.model, values), claim.worlds, threads=threads, store=store, progress=tell)
            return statistic(data[claim.observable].values, claim.first, claim.last)

        found = of(claim.values)
        if claim.minus is not None:
            found = found - of(claim.minus)
        interval = mean(found)
        repeats = next((other.id for other, values in before if _same(claim, found, other, values)), "")
        before.append((claim, found))
        yield Result(claim, interval, judge(interval, claim.low, claim.high), repeats)


def statistic(values: "NDArray[np.float64]", first: int, last: int | None) -> "NDArray[np.float64]":
    """Each world's mean over the steps `first` to `last`, NaN left out: (world, step) -> (world,)."""
    return nanmean(values[:, first : None if last is None else last + 1], 1)


def judge(found: Interval, low: float, high: float) -> Verdict:
    """Return the verdict of an interval on the range from ``low`` to ``high``; "cannot tell" without an interval."""
    if found.low is None or found.high is None:
        return Verdict.CANNOT_TELL
    if low <= found.low and found.high <= high:
        return Verdict.AGREES
    if found.high < low or high < found.low:
        return Verdict.DISAGREES
    return Verdict.CANNOT_TELL


def worlds_to_decide(result: Result) -> int | None:
    """Return about how many worlds would decide, with power 0.8, if the mean is as now estimated; None if decided."""
    number, claim = result.number, result.claim
    if number.estimate is None or number.low is None or number.high is None or result.verdict != Verdict.CANNOT_TELL:
        return None
    away = min(abs(number.estimate - claim.low), abs(number.estimate - claim.high))
    half = (number.high - number.low) / 2
    return round_up(number.n * (half / away) ** 2 * POWER_FACTOR) if away > 0 else None


def _same(claim: Claim, found: "NDArray[np.float64]", other: Claim, values: "NDArray[np.float64]") -> bool:
    """Whether two claims have the same numbers in every world. Identical worlds do not show it: a limit is often 0."""
    import numpy as np

    n = min(found.size, values.size)
    return (
        claim.observable == other.observable
        and not np.all(found[:n] == found[0])
        and np.array_equal(found[:n], values[:n], equal_nan=True)
    )


def _statistic_of(claim: Claim, model: str) -> tuple[object, ...]:
    """Return what identifies a statistic: runs, observable and steps; a difference is the same in either direction."""
    scenario = _scenario(claim, model, claim.values)
    runs = [scenario] if claim.minus is None else [scenario, _scenario(claim, model, claim.minus)]
    values = frozenset(tuple(run.values.model_dump().items()) for run in runs)
    last = scenario.years - 1 if claim.last is None else claim.last
    return values, len(runs), claim.observable, claim.first, last


def _scenario(claim: Claim, model: str, values: Mapping[str, float]) -> Scenario:
    return defaults(model).clock(years=claim.steps).but(None, **values)


def _checked(claim: Claim, model: str) -> None:
    """Raise if a claim names what its model does not have, or cannot fail."""
    observables = {o.name: o for o in load(model).observables}
    if claim.observable not in observables:
        raise BestowalError(
            f"observable = {claim.observable!r}: {model} has none{nearest(claim.observable, observables)}"
        )
    low, high = observables[claim.observable].low, observables[claim.observable].high
    if claim.minus is not None:
        low, high = low - high, high - low
    if claim.low <= low and claim.high >= high:
        raise BestowalError(
            f"its range, {claim.low:g} to {claim.high:g}, holds every value of {claim.observable}, {low:g} to {high:g}"
        )
    scenario = _scenario(claim, model, claim.values)
    if claim.minus is not None:
        _scenario(claim, model, claim.minus)
    last = scenario.years - 1 if claim.last is None else claim.last
    if not claim.first <= last < scenario.years:
        raise BestowalError(f"from = {claim.first}, to = {last}: must be two of the {scenario.years} steps, in order")
