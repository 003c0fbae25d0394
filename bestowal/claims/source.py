"""The claims of the source tradition as experiments over a prior, and a verdict on each.

A claim is one file, `catalogue/claims/source/C08.toml`: what it says, how it is made into numbers, the rival account,
and an experiment. The prior, `catalogue/priors/<model>.toml`, says how far each parameter is unknown. Draw d of the
prior is run in every arm, with the same luck in all of them; its number is what the kind of experiment makes of the
arms' means over its worlds (`numbers`). Where data have been held against the model, the posterior that they left,
`catalogue/posteriors/<model>.csv`, takes the place of the prior of its parameters, and is drawn from jointly.
The claim holds at a draw or it doesn't, and the verdict is over draws:

    supported in the model      the share of draws at which it holds is above 2/3, with all of its Wilson interval
    contradicted in the model   below 1/3, with all of its interval
    depends on NAME             neither, but draws with little and with much of one parameter differ in that share
                                (Fisher's exact test, 0.05 / parameters tried), and one of the two is past a limit
    not decided                 neither, or more than half of the draws have no number
    not a testable claim        no experiment could bear on it

A draw at which the arms compared are the same in every world has no number where the claim doesn't hold there: it is
not counted against the claim (`tied`). The power of an experiment is not measured: a claim can be contradicted for want
of it.

What decides knows arms by their place in the file, never by name. Luck is part of a draw's number, the more the fewer
its worlds; `noise` says how much. What a scenario states is not drawn (`open_to`): every value that its file writes,
though it be the default, and what it changes from some year on. Draws of the posterior are conditioned on what it
states of people; where no measured people are like that, people are drawn from the prior, and that is said. What an arm
sets is an intervention on the same people, over the scenario and the draw; it conditions nothing.
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
    """What the model says of a claim. Where there is no experiment, the numbers are None or empty."""

    claim: SourceClaim
    verdict: Verdict
    because: str
    share: Interval | None  # of draws at which the claim holds
    number: Interval | None  # the mean of the draws' numbers
    near: float | None  # share of draws within `matters` of the threshold
    split: Split | None
    draws: int
    left_out: int  # draws where there was nothing to measure, or no difference to be for or against
    numbers: tuple[float, ...]  # one a draw, NaN where left out
    arms: tuple[tuple[str, tuple[float, ...]], ...]  # label, and the statistic at each draw
    points: dict[str, tuple[float, ...]]  # parameters of the prior that some arm leaves free, at each draw
    key: str  # sixteen hex digits that follow the content: experiment, prior, code, seed and draws
    noise: float | None = None  # how far luck alone moves a draw's number (standard error, median over draws)
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
    """The verdict on each claim, in the order given, as it comes.

    Draws are stored, so that what was interrupted goes on, and more draws run only those that are new; of several
    processes that check the same claim, one runs and the others wait for its lock.
    `progress(done, worlds, claim)` is called as draws finish.
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
    """What the store has of a claim as it stands today, and runs nothing: results with all the draws kept under a
    seed, that seed, and when the last of them was computed. A claim without experiment has its result at once.
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
    """The seeds under which any claim's draws are kept, each once, ascending."""
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
    of = "what is known" if calibrated else "the prior"
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
    """Something that parameters make, mean over draws, at the start of each arm; () where the model has others."""
    if not set(names) <= {p.name for p in parameters(load(plan.model))}:
        return ()
    draws = max((len(values) for values in points.values()), default=1)

    def column(arm: int, name: str) -> Array:
        if name in points and name not in plan.set_by[arm]:
            return points[name]
        return np.full(draws, float(getattr(plan.arms[arm].values, name)))

    return tuple(float(law(*(column(arm, name) for name in names)).mean()) for arm in range(len(plan.arms)))
