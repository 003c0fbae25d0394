"""The claims of the source tradition, tested by experiments over a prior.

A claim is one file, `catalogue/claims/source/C08.toml`: what it says, how it is turned into a number, the rival
account, and an experiment. The prior, `catalogue/priors/<model>.toml`, gives a range to each parameter that is not
known. Draw d of the prior is run in every arm with common random numbers; its number is computed from the arms' means
over its worlds, as the kind of experiment says (`numbers.numbers`). Where data have been held against the model, the
posterior, `catalogue/posteriors/<model>.csv`, replaces the prior of its parameters, which are then drawn jointly. At
each draw the claim holds or does not, and the verdict is over draws:

    supported in the model      the share of draws at which it holds is above 2/3, with all of its Wilson interval
    contradicted in the model   below 1/3, with all of its interval
    depends on NAME             neither, but draws with little and with much of one parameter differ in that share
                                (Fisher's exact test, 0.05 / parameters tried), and one of the two is past a limit
    not decided                 neither, or more than half of the draws have no number
    not a testable claim        no experiment could bear on it

A draw at which the compared arms are identical in every world has no number where the claim does not hold there: it is
not counted against the claim (`numbers.tied`). The power of an experiment is not measured: low power can make a claim
contradicted.

The verdict identifies arms by their order in the file, never by name. Each draw's number includes Monte Carlo error,
larger with fewer worlds; `numbers.noise` estimates it. Parameters that a scenario states are not drawn
(`uncertainty.prior.open_to`): every value in its file, even one equal to the default, and every value that it changes
later. Draws of the posterior are conditioned on what the scenario states of people; where no measured people are like
that, people are drawn from the prior, and the result says so. An arm's values are an intervention on the same people:
they replace the scenario's and the draw's values, and condition nothing.
"""

from __future__ import annotations

import json
import os
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import UTC, datetime
from pathlib import Path

import numpy as np

from bestowal.claims.claim_file import SourceClaim, source_claim, source_claims
from bestowal.claims.draws import CHUNK, Record, draws_file, identity, joined, run_draws, stored_draws
from bestowal.claims.experiment import Array, Experiment
from bestowal.claims.judge import judge
from bestowal.claims.numbers import noise, numbers, tied
from bestowal.claims.plan import Plan, plan_of
from bestowal.claims.sentences import because, who
from bestowal.claims.verdict import Split, Verdict
from bestowal.core.errors import BestowalError
from bestowal.core.files import content_digest, locked, results, write
from bestowal.core.progress import Progress
from bestowal.models.registry import load, parameters
from bestowal.simulation.engine import cores
from bestowal.statistics.intervals import Interval, nanmean
from bestowal.uncertainty.draws import draw
from bestowal.uncertainty.posterior import WEIGHS, weight_on_another
from bestowal.uncertainty.prior import Calibrated

__all__ = ["Result", "SourceClaim", "check_source", "source_claim", "source_claims", "stored"]

MOST_DRAWS = 100_000
WEIGHT = (WEIGHS, weight_on_another)
COMMITMENT = (("commitment",), np.asarray)


@dataclass(frozen=True)
class Result:
    """The verdict on a claim of the source, and the numbers it rests on: None or empty where there is no experiment."""

    claim: SourceClaim
    verdict: Verdict
    because: str
    share: Interval | None  # of draws at which the claim holds
    number: Interval | None  # the mean of the draws' numbers
    near: float | None  # share of draws within `matters` of the threshold
    split: Split | None
    draws: int
    left_out: int  # draws without a number: nothing to measure, or arms identical in every world
    numbers: tuple[float, ...]  # one a draw, NaN where left out
    arms: tuple[tuple[str, tuple[float, ...]], ...]  # label, and the statistic at each draw
    points: dict[str, tuple[float, ...]]  # parameters of the prior that some arm leaves free, at each draw
    key: str  # sixteen hex digits that follow the content: experiment, prior, code, seed and draws
    noise: float | None = None  # Monte Carlo standard error of a draw's number, median over draws
    folder: str = ""  # where its draws are kept
    people: str = ""  # whose people it was run with, in a line
    weight: tuple[float, ...] = ()  # of ordinary people on another person, mean over draws, by arm; () of other models

    @property
    def phrase(self) -> str:
        """The verdict in words, with the parameter that it depends on: "depends on relapse"."""
        return self.verdict.value if self.split is None else f"depends on {self.split.parameter}"


def check_source(
    claims: Sequence[SourceClaim],
    *,
    draws: int = 200,
    seed: int = 1,
    threads: int | None = None,
    store: str | os.PathLike[str] | None = None,
    progress: Progress | None = None,
) -> Iterator[Result]:
    """Yield the verdict on each claim, in the order given, as soon as it is known.

    Finished draws are stored: an interrupted check resumes, and a larger number of draws runs only the new ones. Of
    several processes that check the same claim, one runs and the others wait for its lock.

    Parameters
    ----------
    draws : of the prior or posterior, 1 to 100,000.
    seed : of the draws and of the random numbers within them, 0 to 2**64 - 1.
    threads : draws run at once, 1 to 4,096; one a processor unless given.
    store : the folder of results; $BESTOWAL_STORE or ./results unless given.
    progress : called with (worlds done, worlds in all, the claim's id) as draws finish.

    Raises
    ------
    BestowalError
        A parameter is out of bounds, or an experiment with ``iso`` has arms that begin with unequal weights on others.
    """
    limits = {
        "draws": (draws, 1, MOST_DRAWS),
        "seed": (seed, 0, (1 << 64) - 1),
        "threads": (1 if threads is None else threads, 1, 4096),
    }
    for name, (value, low, high) in limits.items():
        if not low <= value <= high:
            raise BestowalError(f"{name} = {value}: must be from {low} to {high}")
    for claim in claims:
        if claim.experiment is None:
            yield _untestable(claim)
            continue

        def tell(done: float, total: int, part: str | None = None, claim: SourceClaim = claim) -> None:
            if progress is not None:
                progress(done, total, claim.id)

        try:
            plan = plan_of(claim.experiment, seed)
            made_of = identity(plan)
            folder = results(store) / "claims" / content_digest(made_of)
            write(folder / "experiment.json", json.dumps(made_of, indent=1, ensure_ascii=False) + "\n")
            with locked(folder, reading=True):
                record = run_draws(plan, folder, draws, threads or cores(), tell)
        except BestowalError as error:
            raise BestowalError(f"{claim.id}: {error}") from None
        except OSError as error:
            raise BestowalError(f"{error.filename or results(store)}: {error.strerror or error}") from error
        yield _result(claim, claim.experiment, plan, record, folder.name, folder)


def stored(claim: SourceClaim, *, store: str | os.PathLike[str] | None = None) -> list[tuple[Result, int, datetime]]:
    """Return the stored results of the current version of a claim; run nothing.

    Returns
    -------
    list
        For each seed with stored draws: the result over all of them, the seed, and when the last draw was computed.
        A claim without an experiment has its result at once.
    """
    if claim.experiment is None:
        return [(_untestable(claim), 1, datetime.now(UTC))]
    found = []
    plan = plan_of(claim.experiment, 0)
    for seed in _seeds(results(store) / "claims"):
        plan = replace(plan, seed=seed)
        folder = results(store) / "claims" / content_digest(identity(plan))
        chunks, times = list[Record](), list[float]()
        while not chunks or chunks[-1].stat.shape[0] == CHUNK:
            path = draws_file(folder, CHUNK * len(chunks))
            chunks.append(stored_draws(path, plan))
            times += [path.stat().st_mtime] if chunks[-1].stat.shape[0] else []
        if times:
            result = _result(claim, claim.experiment, plan, joined(chunks), folder.name, folder)
            found.append((result, seed, datetime.fromtimestamp(max(times), UTC)))
    return found


def _seeds(folder: Path) -> list[int]:
    """Return the seeds with stored draws of any claim, ascending."""
    seeds = set()
    for file in folder.glob("*/experiment.json"):
        try:
            seed = json.loads(file.read_text(encoding="utf-8"))["seed"]
        except (OSError, ValueError, KeyError, TypeError):
            continue
        if type(seed) is int:  # as it was written: JSON's true is 1 to a set
            seeds.add(seed)
    return sorted(seeds)


def _untestable(claim: SourceClaim) -> Result:
    return Result(
        claim=claim,
        verdict=Verdict.UNTESTABLE if claim.status == "N" else Verdict.UNDECIDED,
        because=claim.why_not,
        share=None,
        number=None,
        near=None,
        split=None,
        draws=0,
        left_out=0,
        numbers=(),
        arms=(),
        points={},
        key=content_digest([claim.id, claim.claim, claim.why_not]),
    )


def _result(claim: SourceClaim, experiment: Experiment, plan: Plan, record: Record, key: str, folder: Path) -> Result:
    stat = record.stat
    if experiment.statistic.limit is not None:
        stat = np.where(record.seen < experiment.statistic.limit, stat, np.nan)
    found = numbers(experiment.kind, stat, experiment.matters)
    ties = tied(experiment.kind, stat) & ~np.isnan(found) & ~experiment.holds.at(found)
    found = np.where(ties, np.nan, found)
    draws = int(found.size)
    drawn = [draw(plan.prior, plan.model, plan.seed, d) for d in range(draws)]
    points = {name: np.array([values[name] for values in drawn], dtype=float) for name in plan.free}
    zeros = [name for name, r in plan.prior.items() if r.zero is not None]
    judged = judge(found, points, zeros, experiment.holds, experiment.matters)
    shaken = noise(experiment.kind, stat, experiment.matters)
    weights, kappa = (_of_arms(plan, points, names, law) for names, law in (WEIGHT, COMMITMENT))
    calibrated = any(isinstance(plan.prior[name], Calibrated) for name in plan.free)
    of = "the prior and the posterior" if calibrated else "the prior"
    labels = [arm.label for arm in experiment.arms.values()]
    if experiment.levers:
        labels = ["the best bundle, on fresh worlds", "the best bundle, on the worlds it was chosen on"]
    means = nanmean(stat, 2)
    rule = [experiment.kind, list(experiment.holds.ends), experiment.matters, experiment.statistic.limit]
    return Result(
        claim,
        judged.verdict,
        f"{because(judged, experiment, draws, int(ties.sum()), shaken, of)} {who(plan.people, weights, kappa)}",
        judged.share,
        judged.number,
        judged.near,
        judged.split,
        draws,
        int(np.isnan(found).sum()),
        tuple(found.tolist()),
        tuple((label, tuple(means[:, row].tolist())) for row, label in enumerate(labels)),
        {name: tuple(values.tolist()) for name, values in points.items()},
        content_digest([key, [repr(part) for part in rule], draws]),
        shaken,
        str(folder),
        plan.people.says,
        weights,
    )


def _of_arms(
    plan: Plan, points: Mapping[str, Array], names: Sequence[str], law: Callable[..., Array]
) -> tuple[float, ...]:
    """Return the mean over draws of a function of parameters, at the start of each arm; () in models without them."""
    if not set(names) <= {p.name for p in parameters(load(plan.model))}:
        return ()
    draws = max((len(values) for values in points.values()), default=1)

    def column(arm: int, name: str) -> Array:
        if name in points and name not in plan.set_by[arm]:
            return points[name]
        return np.full(draws, float(getattr(plan.arms[arm].values, name)))

    return tuple(float(law(*(column(arm, name) for name in names)).mean()) for arm in range(len(plan.arms)))
